"""Errors of the log; `Log.SplitView` and `Log.Rollback` stand in `diptych_verify.errors`."""

import sqlite3
from pathlib import Path

from diptych.core.errors import DiptychError, EnvironmentFault, ProvenanceError, UsageError
from diptych.core.files import CannotWrite, database_fault


class Busy(EnvironmentFault):
    """Another writer holds the log's lease; the message names it."""

    code = "Log.Busy"


class LeaseLost(ProvenanceError):
    """Another writer took over the lease; nothing of this append was written."""

    code = "Log.LeaseLost"


class Corrupt(ProvenanceError):
    """The log's own data contradict each other; `details` names the first bad index or tile."""

    code = "Log.Corrupt"


class SchemaTooNew(ProvenanceError):
    """The log was written by a newer version of diptych."""

    code = "Log.SchemaTooNew"


class LogMissing(UsageError):
    """There is no log at this path."""

    code = "Log.Missing"


class LogExists(UsageError):
    """A log stands at this path already and is never overwritten."""

    code = "Log.Exists"


class WrongKey(UsageError):
    """The signer's key is not the log's key, or no signer was given for an append."""

    code = "Log.WrongKey"


class BadEntry(UsageError):
    """An entry is empty, larger than 65,535 bytes (the limit of tlog-tiles), or there is none."""

    code = "Log.BadEntry"


class NoSuchEntry(UsageError):
    """An index or a tree size lies outside the log."""

    code = "Log.NoSuchEntry"


def storage_error(path: Path, error: sqlite3.Error) -> DiptychError:
    """Translate an SQLite error met at `path` into one that says what to do."""
    text = str(error)
    if (fault := database_fault(path, error)) is not None:
        return fault
    if "malformed" in text or "not a database" in text:
        return Corrupt(f"{path} is not a readable database: {text}", hint="diptych restore BACKUP")
    if "locked" in text or "busy" in text:
        return Busy(f"{path} is locked by another process: {text}", hint="try again")
    return CannotWrite(f"cannot use {path}: {text}")
