"""Why a fix is withheld."""

from diptych.core.errors import UsageError

__all__ = ["NothingToWrite", "Withheld"]


class Withheld(Exception):
    """A proposed fix fails a check; the message says which and is shown to people."""


class NothingToWrite(UsageError):
    """A file changed since it was scanned, so that no fix can be written into it."""

    code = "Audit.NothingToWrite"
