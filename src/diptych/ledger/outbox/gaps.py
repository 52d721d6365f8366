"""Gaps before our nonces: a foreign transaction that was counted on and then forgotten.

The account's next nonce then belongs to nobody, and every later transaction waits for ever. A gap
that stays is filled with a transfer of nothing to oneself, which harms no intent.
"""

from collections.abc import Sequence

from diptych.ledger.outbox.desk import Desk
from diptych.ledger.outbox.records import Intent, Payload, State

_MOST_AT_ONCE = 16


def fill_gaps(desk: Desk, stuck: Sequence[Intent]) -> None:
    """Prepare fillers for nonces below the stuck intents that nobody is using.

    Args:
        desk: surroundings.
        stuck: SENT intents that wait for too long.
    """
    nonces = [intent.nonce for intent in stuck if intent.nonce is not None]
    if not nonces:
        return
    sender = desk.signer.address
    first = desk.chain.nonce(sender, "pending")
    for nonce in range(first, min(*nonces, first + _MOST_AT_ONCE)):
        _prepare_filler(desk, sender, nonce)


def _prepare_filler(desk: Desk, sender: str, nonce: int) -> None:
    chain_id, store = desk.chain.chain_id, desk.store
    key = f"diptych:fill:{chain_id}:{sender}:{nonce}"
    with store.locked():
        if store.is_nonce_owned(chain_id, sender, nonce) or store.intent(key) is not None:
            return
        store.add_intent(key, chain_id, sender, Payload(sender))
        intent = store.intent(key)
        if intent is not None:
            store.change(intent, nonce=nonce, cancelling=1, state=State.PREPARED.value)
    desk.hook("FILLED")
