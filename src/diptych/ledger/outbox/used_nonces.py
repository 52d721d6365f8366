"""A nonce that was used although none of our transactions has a receipt.

Only the transaction that used it, found in a final block, allows another nonce. A missing receipt
alone proves nothing: the endpoint may lag, or may have pruned its index, and signing at a new nonce
would then carry the intent out twice.
"""

from collections.abc import Sequence

from diptych.core.errors import LedgerError
from diptych.ledger.chain import Chain
from diptych.ledger.decoding import decode_transaction
from diptych.ledger.outbox.desk import Desk
from diptych.ledger.outbox.errors import NonceUnexplained
from diptych.ledger.outbox.records import Attempt, Intent, State
from diptych.ledger.quantity import read_list, read_object, to_quantity
from diptych.ledger.records import MinedTransaction


def release_used_nonce(
    desk: Desk, intent: Intent, attempts: Sequence[Attempt], final_height: int | None
) -> LedgerError | None:
    """Give the intent's nonce up if a foreign, final transaction used it.

    Args:
        desk: surroundings.
        intent: a SENT intent without receipt.
        attempts: its signed transactions.
        final_height: last final block, None when every mined block counts.

    Returns:
        The problem if the nonce was used and the endpoint cannot show by which transaction.
    """
    nonce, chain = intent.nonce, desk.chain
    height = chain.head_number() if final_height is None else final_height
    if nonce is None or height < 0 or chain.nonce(intent.sender, height) <= nonce:
        return None
    try:
        user = find_nonce_user(
            chain, intent.sender, nonce, first=attempts[0].head_number, last=height
        )
    except LedgerError as error:
        return _unexplained(intent, error.message)
    if user is None:
        return _unexplained(intent, "no transaction was found")
    if user.hash in {attempt.hash for attempt in attempts}:
        return None
    with desk.store.locked():
        desk.store.change(intent, state=State.REPLACED.value)
    desk.hook("REPLACED")
    return None


def release_replaced(desk: Desk, intent: Intent) -> None:
    """Let a REPLACED intent start over with a new nonce, or end it if it was to be cancelled."""
    state = State.CANCELLED if intent.cancelling else State.PREPARED
    with desk.store.locked():
        desk.store.change(intent, state=state.value, nonce=None)
    desk.hook("RELEASED")


def find_nonce_user(
    chain: Chain, sender: str, nonce: int, *, first: int, last: int
) -> MinedTransaction | None:
    """Return the mined transaction with this sender and nonce.

    Args:
        chain: where.
        sender: EIP-55 address.
        nonce: the used nonce.
        first: a height at which it was probably not used yet; a reorganisation since may have
            moved the use further back.
        last: a height at which it was.

    Returns:
        The transaction, or None if it is not in the block where the count passed the nonce.
    """
    low, high, stride = min(first, last), last, 64
    while low > 0 and chain.nonce(sender, low) > nonce:
        low, high, stride = max(low - stride, 0), low, stride * 2
    while high - low > 1:
        middle = (low + high) // 2
        if chain.nonce(sender, middle) > nonce:
            high = middle
        else:
            low = middle
    for height in (high, low):
        raw = read_object(chain.request("eth_getBlockByNumber", to_quantity(height), True), "block")
        for item in read_list(raw.get("transactions"), "transactions"):
            transaction = decode_transaction(item)
            if transaction.sender == sender and transaction.nonce == nonce:
                return transaction
    return None


def _unexplained(intent: Intent, reason: str) -> NonceUnexplained:
    return NonceUnexplained(
        f"nonce {intent.nonce} of {intent.sender} was used, but the endpoint does not show by "
        f"which transaction: {reason}",
        hint="use an archive endpoint: diptych chain add NAME URL",
    )
