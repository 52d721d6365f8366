"""Why a fix is withheld."""

from diptych.core.errors import ContractError, UsageError

__all__ = ["NothingToWrite", "Withheld"]


class Withheld(ContractError):
    """A proposed fix fails a check; the message says which."""

    code = "Audit.Withheld"


class NothingToWrite(UsageError):
    """A file changed since it was scanned, so that no fix can be written into it."""

    code = "Audit.NothingToWrite"
