"""Errors of key handling; none of them ever carries key material or a passphrase."""

from diptych.core.errors import ConfigError, EnvironmentFault, ProvenanceError, UsageError


class WrongPassphrase(ProvenanceError):
    """A key file does not open: wrong passphrase, or the file was altered."""

    code = "Key.WrongPassphrase"


class BadKeyFile(ProvenanceError):
    """A key file is not a well-formed `diptych-key/1` document."""

    code = "Key.BadFile"


class ExposedKeyFile(EnvironmentFault):
    """A key file or its folder can be read or replaced by other users of the machine."""

    code = "Key.Exposed"


class KeyExists(UsageError):
    """A key file would be overwritten; keys are never replaced in place."""

    code = "Key.Exists"


class KeyNotFound(UsageError):
    """No key of that purpose or key id is held here."""

    code = "Key.NotFound"


class KeyLocked(ConfigError):
    """A key is needed but nothing unlocks it: no passphrase, no prompt, no agent."""

    code = "Key.Locked"


class WrongPurpose(UsageError):
    """A key was asked to sign something that its purpose does not cover."""

    code = "Key.WrongPurpose"


class BadSeed(UsageError):
    """Key material has the wrong length or is outside the group order."""

    code = "Key.BadSeed"


class AgentUnavailable(EnvironmentFault):
    """The key agent is not running, died, or does not answer in time."""

    code = "Key.AgentUnavailable"


class AgentRefused(ProvenanceError):
    """The key agent answered with a refusal."""

    code = "Key.AgentRefused"


class AgentRunning(UsageError):
    """A key agent already listens on this socket."""

    code = "Key.AgentRunning"


class BadKeyRecord(UsageError):
    """A key record (add, rotate, revoke) would not be accepted by any verifier."""

    code = "Key.BadRecord"
