"""Suppressions in a file of the project, `diptych-audit.toml`."""

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

from diptych.audit.errors import BadTriageFile
from diptych.audit.triage.suppression import ALL, Suppression

__all__ = ["SETTINGS_FILE", "read_settings"]

SETTINGS_FILE = "diptych-audit.toml"
_MAX_BYTES = 1 << 20
_MAX_ENTRIES = 10_000
_TEXTS = ("rule", "reason", "path", "contract", "function", "fingerprint")


def read_settings(path: Path) -> tuple[Suppression, ...]:
    """Read the suppressions of a file.

    Raises:
        BadTriageFile: it cannot be read, or says something else than suppressions.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise BadTriageFile(f"{path} cannot be read: {error.strerror}") from error
    if len(raw) > _MAX_BYTES:
        raise BadTriageFile(f"got {path} with more than {_MAX_BYTES >> 20} MiB")
    try:
        entries = tomllib.loads(raw.decode()).get("ignore", [])
    except (ValueError, RecursionError) as error:
        raise BadTriageFile(f"{path} is no TOML: {error}") from error
    if not isinstance(entries, list) or len(entries) > _MAX_ENTRIES:
        raise BadTriageFile(f"{path}: expected at most {_MAX_ENTRIES:,} tables [[ignore]]")
    return tuple(_entry(path, at, entry) for at, entry in enumerate(entries, 1))


def _entry(path: Path, at: int, entry: Any) -> Suppression:
    where = f"{path.name} entry {at}"
    if not isinstance(entry, dict):
        raise BadTriageFile(f"{where}: expected a table [[ignore]]")
    unknown = sorted(set(entry) - {*_TEXTS, "until"})
    if unknown:
        known = ", ".join((*_TEXTS, "until"))
        raise BadTriageFile(f"{where}: got '{unknown[0]}', expected one of {known}")
    texts = {name: entry.get(name, "") for name in _TEXTS}
    wrong = [name for name, value in texts.items() if not isinstance(value, str)]
    if wrong:
        raise BadTriageFile(f"{where}: expected text for '{wrong[0]}'")
    rule = texts.pop("rule")
    if not any((rule, texts["path"], texts["fingerprint"])):
        raise BadTriageFile(f"{where}: expected a rule, a path or a fingerprint")
    return Suppression(
        origin=where,
        kind="external",
        rules=frozenset(each.strip() for each in (rule or ALL).split(",")),
        until=_until(where, entry.get("until")),
        **texts,
    )


def _until(where: str, value: Any) -> dt.date | None:
    if value is None or type(value) is dt.date:
        return value
    raise BadTriageFile(f"{where}: got until = {value!r}, expected a date such as 2027-01-01")
