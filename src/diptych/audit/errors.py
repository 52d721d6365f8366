"""Errors of audits. A file that cannot be analysed whole is no error: the scan says so."""

from diptych.core.errors import UsageError

__all__ = ["BadTriageFile", "NothingToScan", "UnknownRule"]


class NothingToScan(UsageError):
    """A path does not exist, or holds no source file."""

    code = "Audit.NothingToScan"


class UnknownRule(UsageError):
    """No rule of that id is installed."""

    code = "Audit.UnknownRule"


class BadTriageFile(UsageError):
    """A baseline or a file of suppressions cannot be read or is malformed."""

    code = "Audit.BadTriageFile"
