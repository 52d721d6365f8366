"""What can go wrong with a store."""

from diptych.core.errors import ConfigError, EnvironmentFault, UsageError


class StoreBusy(EnvironmentFault):
    """Another process owns the index."""

    code = "Index.StoreBusy"


class StoreFailed(EnvironmentFault):
    """The database cannot be read or written: disk, permission or damage."""

    code = "Index.StoreFailed"


class StoreFormat(ConfigError):
    """The index was made by another version, or is none."""

    code = "Index.StoreFormat"


class QueryRefused(UsageError):
    """A query is no single SELECT, asks for what is not there, or costs too much."""

    code = "Index.QueryRefused"
