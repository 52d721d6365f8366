"""Errors of audits. A file that cannot be analysed whole is no error: the scan says so."""

from diptych.core.errors import UsageError, VerificationError

__all__ = [
    "BadPlace",
    "BadTriageFile",
    "CodeChanged",
    "NoCode",
    "NoSuchFinding",
    "NothingToScan",
    "ReportNotLogged",
    "UnknownRewrite",
    "UnknownRule",
]


class NothingToScan(UsageError):
    """A path does not exist, or holds no source file."""

    code = "Audit.NothingToScan"


class UnknownRule(UsageError):
    """No rule of that id is installed."""

    code = "Audit.UnknownRule"


class UnknownRewrite(UsageError):
    """No rewrite for gas has that id."""

    code = "Audit.UnknownRewrite"


class BadTriageFile(UsageError):
    """A baseline or a file of suppressions cannot be read or is malformed."""

    code = "Audit.BadTriageFile"


class ReportNotLogged(VerificationError):
    """No record of the log is about exactly this report."""

    code = "Audit.ReportNotLogged"


class CodeChanged(VerificationError):
    """Source files are not what the report is about."""

    code = "Audit.CodeChanged"


class NoSuchFinding(UsageError):
    """A fingerprint names no finding, or several."""

    code = "Audit.NoSuchFinding"


class BadPlace(UsageError):
    """A place on a chain is not written as `ADDRESS@RPC_URL`."""

    code = "Audit.BadPlace"


class NoCode(UsageError):
    """Nothing is deployed at an address."""

    code = "Audit.NoCode"
