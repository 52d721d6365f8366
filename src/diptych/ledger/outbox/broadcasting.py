"""The step that sends: always bytes that are on disk, the same ones after every restart."""

from diptych.core.errors import LedgerError
from diptych.ledger.errors import Behind, RateLimited, Unreachable
from diptych.ledger.outbox.desk import Desk
from diptych.ledger.outbox.records import Attempt, Intent, State
from diptych.ledger.outbox.signing import sign_replacement
from diptych.ledger.sending import Refusal, TransactionRefused


def broadcast(desk: Desk, intent: Intent) -> None:
    """Hand an intent's signed transactions to the network.

    A used nonce is no failure here: a crash may have struck between sending and noting it, so the
    receipts decide.

    Raises:
        TransactionRefused: no transaction of the intent was accepted.
        FeeCapReached: too cheap, and a higher fee would exceed the cap.
    """
    attempts = desk.store.attempts(intent)
    # Oldest first: each replaces the one before. A cancellation must not be raced by the original.
    refusals = [
        _send(desk, attempt) for attempt in (attempts[-1:] if intent.cancelling else attempts)
    ]
    desk.hook("BROADCAST")
    kinds = {refusal.refusal if refusal else None for refusal in refusals}
    if None in kinds or Refusal.NONCE_USED in kinds:
        _note_sent(desk, intent)
    elif refusals[-1] is not None and refusals[-1].refusal is Refusal.UNDERPRICED:
        _note_sent(desk, intent)
        sign_replacement(desk, desk.store.reload(intent), attempts[-1].purpose)
    elif refusals[-1] is not None:
        raise refusals[-1]


def _send(desk: Desk, attempt: Attempt) -> TransactionRefused | None:
    try:
        desk.chain.send_raw(attempt.raw)
    except TransactionRefused as refusal:
        return refusal
    return None


def _note_sent(desk: Desk, intent: Intent) -> None:
    if intent.state is State.SIGNED or intent.problem_code:
        with desk.store.locked(durable=False):
            desk.store.change(intent, state=State.SENT.value, problem_code="", problem="")
        desk.hook("SENT")


def is_temporary(error: LedgerError) -> bool:
    """Whether waiting may help: the endpoint is away or busy."""
    return isinstance(error, Unreachable | RateLimited | Behind)
