"""Errors of comparing two versions."""

from diptych.core.errors import UsageError


class CannotCompare(UsageError):
    """Two versions, tables or tensor files have nothing by which they could be compared."""

    code = "Diff.CannotCompare"
