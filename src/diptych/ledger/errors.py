"""What can go wrong between us and a chain: one error for each way an endpoint lies or dies."""

from diptych.core.errors import JsonValue, LedgerError


class Unreachable(LedgerError):
    """No answer from the endpoint: refused, timed out, broken off or a server error.

    Attributes:
        certainly_not_sent: whether no connection was made, so repeating does no harm.
    """

    code = "Chain.Unreachable"
    certainly_not_sent = False


class WrongChain(LedgerError):
    """The endpoint serves another chain than the profile says."""

    code = "Chain.WrongChain"


class Pruned(LedgerError):
    """The endpoint no longer keeps the block, state or receipts that were asked for."""

    code = "Chain.Pruned"


class Behind(LedgerError):
    """The endpoint lags behind: its head is too old, or misses what is known to be final."""

    code = "Chain.Behind"


class MalformedAnswer(LedgerError):
    """The endpoint's answer is not the JSON-RPC that was asked for."""

    code = "Chain.Malformed"


class Oversized(LedgerError):
    """The endpoint's answer is larger than the configured limit."""

    code = "Chain.Oversized"


class RateLimited(LedgerError):
    """The endpoint refuses because of too many requests, also after the retries."""

    code = "Chain.RateLimited"


class BlockNotFound(LedgerError):
    """The endpoint does not know this block."""

    code = "Chain.BlockNotFound"


class BadEndpoint(LedgerError):
    """The endpoint's URL cannot be used."""

    code = "Chain.BadEndpoint"
    exit_code = 2


class RpcRefused(LedgerError):
    """The endpoint answered with a JSON-RPC error.

    Attributes:
        method: the JSON-RPC method.
        rpc_code: the number in the error object, or the HTTP status.
        rpc_message: the server's own words, cleaned and cut.
    """

    code = "Chain.RpcRefused"

    def __init__(self, method: str, rpc_code: int, rpc_message: str) -> None:
        super().__init__(
            f"{method} was refused with {rpc_code}: {rpc_message}",
            method=method,
            rpc_code=rpc_code,
            rpc_message=rpc_message,
        )
        self.method = method
        self.rpc_code = rpc_code
        self.rpc_message = rpc_message

    @property
    def unsupported(self) -> bool:
        """Whether the endpoint does not offer the method at all (EIP-1474 -32601, -32004)."""
        words = ("not supported", "does not exist", "not available", "not found", "not whitelisted")
        text = self.rpc_message.lower()
        return self.rpc_code in {-32601, -32004} or (
            "method" in text and any(word in text for word in words)
        )


class Reverted(LedgerError):
    """A contract refused; the code becomes the contract's own rule once its ABI is known.

    Attributes:
        code: `Chain.Reverted`, or for example `Anchor.SizeMustGrow`.
        data: the raw revert data, ABI encoded.
    """

    code = "Chain.Reverted"
    exit_code = 1

    def __init__(
        self,
        message: str,
        *,
        data: bytes = b"",
        rule: str = "",
        hint: str = "",
        **details: JsonValue,
    ) -> None:
        super().__init__(message, hint=hint, data="0x" + data[:1024].hex(), **details)
        self.data = data
        if rule:
            self.__dict__["code"] = rule
