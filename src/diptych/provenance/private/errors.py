"""Errors of private seals."""

from diptych.core.errors import EnvironmentFault, ProvenanceError, UsageError


class PrivateMissing(UsageError):
    """The private store knows no seal with this root."""

    code = "Private.Missing"


class PrivateErased(ProvenanceError):
    """The seal was erased: its keys, salts and payload are destroyed."""

    code = "Private.Erased"


class PrivateLocked(ProvenanceError):
    """The private store cannot be opened with this key, or its rows were altered."""

    code = "Private.Locked"


class PrivateCorrupt(ProvenanceError):
    """An encrypted object does not decrypt, or its content contradicts the sealed root."""

    code = "Private.Corrupt"


class NoSuchField(UsageError):
    """A private seal holds no such field or file, or its payload was not kept."""

    code = "Private.NoSuchField"


class EraseIncomplete(EnvironmentFault):
    """Keys are deleted, but another process still holds the old pages; erase again."""

    code = "Private.EraseIncomplete"


class PrivateUnusable(EnvironmentFault):
    """The private store cannot be read or written."""

    code = "Private.Unusable"


class BadMasterKey(UsageError):
    """The master key of a private store is not 32 bytes long."""

    code = "Private.BadMasterKey"


class BadTableSeal(UsageError):
    """A table cannot be sealed by subject: no such column, a row without subject, or too large."""

    code = "Private.BadTable"


class SubjectColumn(UsageError):
    """The column that says whose row it is cannot be erased without the row."""

    code = "Private.SubjectColumn"
