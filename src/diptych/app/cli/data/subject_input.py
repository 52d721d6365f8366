"""Names of subjects from standard input or a file, so that they stay out of the shell's history."""

import sys
from pathlib import Path

from diptych.core.errors import UsageError

_MAX_NAME_BYTES = 4_096
_MAX_FILE_BYTES = 64 << 20


class BadSubjects(UsageError):
    """Subjects are no UTF-8 text with one name per line, or there are none, or too many."""

    code = "Erase.BadSubjects"


def one_subject(given: str) -> str:
    """Return a name as given, or for `-` the one line of standard input.

    Raises:
        BadSubjects: standard input holds another number of names.
    """
    if given != "-":
        return given
    named = _names(sys.stdin.buffer.read(_MAX_NAME_BYTES + 1), "standard input", _MAX_NAME_BYTES)
    if len(named) != 1:
        raise BadSubjects(f"standard input names {len(named)} subjects, expected one")
    return named[0]


def listed_subjects(path: Path) -> list[str]:
    """Return the names in a file, one per line; `-` is standard input.

    Raises:
        BadSubjects: there is no such file, or it names nobody.
    """
    if path.name == "-":
        return _names(sys.stdin.buffer.read(_MAX_FILE_BYTES + 1), "standard input", _MAX_FILE_BYTES)
    if not path.is_file():
        raise BadSubjects(f"there is no file {path}", hint="one subject per line")
    with path.open("rb") as stream:
        return _names(stream.read(_MAX_FILE_BYTES + 1), str(path), _MAX_FILE_BYTES)


def _names(raw: bytes, where: str, most: int) -> list[str]:
    try:
        lines = raw.decode().splitlines()
    except UnicodeDecodeError:
        raise BadSubjects(f"{where} is not UTF-8") from None
    named = [line for line in lines if line.strip()]
    if not named or len(raw) > most:
        raise BadSubjects(
            f"{where} names no subject or has more than {most:,} bytes", hint="one subject per line"
        )
    return named
