"""Does a value look as its value representation says (PS3.5 6.2)? Else it can be any text."""

import re
from typing import Any

_NUMBER = r"[+-]?(\d+(\.\d*)?|\.\d+)([Ee][+-]?\d{1,3})?"
_TIME = r"\d{2}(:?\d{2}(:?\d{2}(\.\d{1,6})?)?)?"
_FORMATS = {
    "AS": re.compile(r"\d{1,3}[DWMY]?"),
    "CS": re.compile(r"[A-Za-z0-9 _./+-]{1,24}"),  # wider than the standard, as scanners are
    "DA": re.compile(r"\d{4}\.?\d{2}\.?\d{2}"),
    "DS": re.compile(_NUMBER),
    "DT": re.compile(r"\d{4,14}(\.\d{1,6})?([+-]\d{4})?"),
    "IS": re.compile(r"[+-]?\d{1,12}(\.0*)?"),
    "TM": re.compile(_TIME),
    "UI": re.compile(r"[0-9.]{1,64}"),
}
LIMITED = frozenset(_FORMATS)


def is_formed(vr: str, value: Any) -> bool:
    """Tell whether each value of an element is one of its value representation.

    >>> is_formed("TM", "101500.25"), is_formed("TM", "10 Smith"), is_formed("LO", "Smith")
    (True, False, True)
    """
    form = _FORMATS.get(vr)
    if form is None or value is None:
        return True
    many = value if isinstance(value, list | tuple) or hasattr(value, "append") else [value]
    texts = (str(getattr(one, "original_string", None) or one).strip(" \0") for one in many)
    return all(not one or form.fullmatch(one) for one in texts)
