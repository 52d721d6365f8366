"""Errors of the embedded chain; each hint is the next thing to do."""

from diptych.core.errors import EnvironmentFault, LedgerError


class BinaryMissing(EnvironmentFault):
    """No anvil binary is at hand and none can be fetched."""

    code = "Chain.BinaryMissing"
    exit_code = 3


class BinaryMismatch(EnvironmentFault):
    """An anvil binary or its package has the wrong digest or version."""

    code = "Chain.BinaryMismatch"
    exit_code = 3


class NodeFailed(LedgerError):
    """The anvil process ended, or answers in a way that it never should."""

    code = "Chain.NodeFailed"


class NodeRefused(LedgerError):
    """The node answered a request with a JSON-RPC error."""

    code = "Chain.NodeRefused"


class StartFailed(LedgerError):
    """The chain's supervisor did not become ready."""

    code = "Chain.StartFailed"


class NotCreated(LedgerError):
    """The folder holds no embedded chain."""

    code = "Chain.NotCreated"


class AlreadyCreated(LedgerError):
    """The folder already holds an embedded chain."""

    code = "Chain.AlreadyCreated"


class Locked(LedgerError):
    """Another supervisor holds the chain's folder."""

    code = "Chain.Locked"


class PortTaken(LedgerError):
    """The requested port is in use by another program."""

    code = "Chain.PortTaken"


class ForeignChain(LedgerError):
    """Somebody else answers where this folder's chain was expected."""

    code = "Chain.Foreign"


class NewerFormat(LedgerError):
    """The chain's folder was written by a newer version of diptych."""

    code = "Chain.NewerFormat"


class StoreCorrupt(LedgerError):
    """The block store is damaged; the chain cannot be rebuilt from it."""

    code = "Chain.StoreCorrupt"


class Diverged(LedgerError):
    """Replay produced another block than the one that was acknowledged."""

    code = "Chain.Diverged"


class StoreFailed(LedgerError):
    """The block store cannot be written; nothing is acknowledged until that is mended."""

    code = "Chain.StoreFailed"


class BadFunding(LedgerError):
    """An address to fund at genesis is malformed."""

    code = "Chain.BadFunding"


class TransactionDropped(LedgerError):
    """An accepted transaction was replaced, or could not be executed when its turn came."""

    code = "Chain.TransactionDropped"


class MethodRefused(LedgerError):
    """The embedded chain does not offer this JSON-RPC method to clients."""

    code = "Chain.MethodRefused"


class BadRequest(LedgerError):
    """A JSON-RPC request is malformed, too large or too deep."""

    code = "Chain.BadRequest"
