"""Errors of quality checks. No message quotes a cell: it may be a person's data."""

from diptych.core.errors import ProvenanceError, UsageError


class BadRules(UsageError):
    """A rules file is malformed, contradicts itself, or could cost its reader hours."""

    code = "Quality.BadRules"


class UnknownColumn(UsageError):
    """A rule, or an option, names a column that the table does not have."""

    code = "Quality.UnknownColumn"


class NothingToCheck(UsageError):
    """The table is empty, or what was asked needs another table that was not given."""

    code = "Quality.NothingToCheck"


class BadReport(ProvenanceError):
    """A stored quality report is malformed, or is not the one that the record names."""

    code = "Quality.BadReport"
