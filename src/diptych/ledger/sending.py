"""Why an endpoint refuses a signed transaction: nodes word it differently, we name it once."""

from enum import StrEnum

from diptych.core.errors import LedgerError
from diptych.ledger.errors import RpcRefused


class Refusal(StrEnum):
    """The reasons that call for different reactions."""

    NONCE_USED = "nonce used"
    UNDERPRICED = "underpriced"
    UNDERFUNDED = "underfunded"
    OTHER = "other"


class TransactionRefused(LedgerError):
    """The endpoint does not accept the signed transaction.

    Attributes:
        refusal: why.
    """

    code = "Chain.TransactionRefused"

    def __init__(self, message: str, refusal: Refusal, *, hint: str = "") -> None:
        super().__init__(message, hint=hint, refusal=refusal.value)
        self.refusal = refusal


_KNOWN = ("already known", "already imported", "known transaction", "already exists")
_WORDS = {
    Refusal.NONCE_USED: ("nonce too low", "nonce is too low", "invalid nonce", "old nonce"),
    Refusal.UNDERPRICED: (
        "underpriced",
        "fee too low",
        "less than block base fee",
        "gas price too low",
        "max fee per gas less",
        "transaction gas price below",
    ),
    Refusal.UNDERFUNDED: ("insufficient funds", "insufficient balance", "enough funds"),
}
_HINTS = {
    Refusal.UNDERFUNDED: "send funds to the account: diptych chain doctor",
    Refusal.NONCE_USED: "the account is used elsewhere too",
}


def is_already_known(error: RpcRefused) -> bool:
    """Whether the endpoint refuses only because it has these very bytes already."""
    words = error.rpc_message.lower()
    return any(known in words for known in _KNOWN)


def refused_transaction(error: RpcRefused) -> TransactionRefused:
    """Name the reason of a refusal."""
    words = error.rpc_message.lower()
    matches = (r for r, found in _WORDS.items() if any(word in words for word in found))
    refusal = next(matches, Refusal.OTHER)
    return TransactionRefused(
        f"the endpoint refused the transaction: {error.rpc_message}",
        refusal,
        hint=_HINTS.get(refusal, ""),
    )
