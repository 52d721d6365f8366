"""Errors of audits. A file that cannot be analysed whole is no error: the scan says so."""

from diptych.core.errors import UsageError

__all__ = ["NothingToScan", "UnknownRule"]


class NothingToScan(UsageError):
    """A path does not exist, or holds no source file."""

    code = "Audit.NothingToScan"


class UnknownRule(UsageError):
    """No rule of that id is installed."""

    code = "Audit.UnknownRule"
