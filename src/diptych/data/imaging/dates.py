"""Dates moved back by whole days; intervals, times of day and time zones stay."""

import re
from datetime import date, timedelta

_DATE = re.compile(r"(\d{4})[.]?(\d{2})[.]?(\d{2})")
_DATETIME = re.compile(r"(\d{8})((?:\d{2}){0,3}(?:\.\d{1,6})?(?:[+-]\d{4})?)")


def shift_value(vr: str, text: str, days: int) -> str | None:
    """Move one value of DA or DT back; a time of day (TM) stays as it is.

    Args:
        vr: `DA`, `DT` or `TM`.
        text: one value, for example `20240229`.
        days: by how many days.

    Returns:
        The new value, None if the old one names no whole day.

    >>> shift_value("DA", "20240301", 1), shift_value("DT", "20240301101500.5+0100", 366)
    ('20240229', '20230301101500.5+0100')
    >>> shift_value("DA", "2024", 1) is None
    True
    """
    text = text.strip()
    if vr == "TM":
        return text
    if vr == "DA":
        found = _DATE.fullmatch(text)
        return None if found is None else _shifted("".join(found.groups()), days)
    moment = _DATETIME.fullmatch(text)
    if moment is None:
        return None
    day = _shifted(moment[1], days)
    return None if day is None else day + moment[2]


def _shifted(digits: str, days: int) -> str | None:
    try:
        found = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])) - timedelta(days)
    except (ValueError, OverflowError):
        return None
    return f"{found.year:04}{found.month:02}{found.day:02}"
