"""The error tree: one root, one level of families, leaves beside the code that raises them.

DiptychError(code, message, hint)
|- VerificationError   exit 1   evidence refused (leaves in diptych_verify.errors)
|- ProvenanceError     exit 1   sealing, logging, keys
|- LedgerError         exit 3   chain access, accounts, outbox
|- ContractError       exit 1   artefacts, deployment
|- UsageError          exit 2   what was asked for cannot be
|- ConfigError         exit 2   settings
`- EnvironmentFault    exit 3   disk, permissions, missing program or extra
"""

from diptych_verify.errors import DiptychError, JsonValue, MalformedError, VerificationError

__all__ = [
    "ConfigError",
    "ContractError",
    "DiptychError",
    "EnvironmentFault",
    "JsonValue",
    "LedgerError",
    "MalformedError",
    "ProvenanceError",
    "UsageError",
    "VerificationError",
]


class ProvenanceError(DiptychError):
    """Sealing, logging or key handling failed."""

    code = "Provenance.Error"


class LedgerError(DiptychError):
    """A chain, account or outbox operation failed."""

    code = "Ledger.Error"
    exit_code = 3


class ContractError(DiptychError):
    """A contract artefact, deployment or call failed."""

    code = "Contract.Error"


class UsageError(DiptychError):
    """The request cannot be carried out as it was asked."""

    code = "Usage.Error"
    exit_code = 2


class ConfigError(DiptychError):
    """A setting is unknown, malformed or contradictory."""

    code = "Config.Error"
    exit_code = 2


class EnvironmentFault(DiptychError):
    """The machine lacks something: disk space, permission, a program or an extra."""

    code = "Environment.Fault"
    exit_code = 3
