"""The step that looks at the chain: what was mined, is final, or was taken back."""

from collections.abc import Sequence
from dataclasses import dataclass

from diptych.core.errors import JsonValue, LedgerError
from diptych.ledger.chain import Chain
from diptych.ledger.errors import Reverted, RpcRefused
from diptych.ledger.outbox.desk import Desk
from diptych.ledger.outbox.errors import NoFinality
from diptych.ledger.outbox.records import Attempt, Intent, OutboxPolicy, Purpose, State
from diptych.ledger.outbox.used_nonces import release_used_nonce
from diptych.ledger.quantity import read_bytes
from diptych.ledger.records import CallRequest, Receipt


@dataclass(frozen=True)
class Finality:
    """How much of the chain counts as final.

    Attributes:
        height: last final block, None when every mined block counts.
    """

    height: int | None

    def covers(self, chain: Chain, receipt: Receipt) -> bool:
        """Whether a receipt's block is final and on the canonical chain."""
        if self.height is None:
            return True
        if receipt.block_number > self.height:
            return False
        return chain.block(receipt.block_number).hash == receipt.block_hash


def finality(chain: Chain, policy: OutboxPolicy) -> Finality:
    """Return what is final now.

    Raises:
        NoFinality: the policy asks for a tag that the chain does not have.
    """
    if policy.confirmations == 0:
        return Finality(None)
    if policy.confirmations is not None:
        return Finality(chain.head_number() - policy.confirmations)
    block = chain.finalized_block()
    if block is None:
        raise NoFinality(
            f"{chain.rpc.shown_url}: got no finalized block",
            hint="set chain.confirmations to a number of blocks",
        )
    return Finality(block.number)


def reconcile(desk: Desk, intents: Sequence[Intent]) -> dict[int, LedgerError]:
    """Compare signed intents with the chain and note what became of them.

    Returns:
        The problem of each intent that has one, by intent id.
    """
    attempts = {intent.id: desk.store.attempts(intent) for intent in intents}
    every = [attempt.hash for some in attempts.values() for attempt in some]
    if not every:
        return {}
    final = finality(desk.chain, desk.policy)
    receipts = {r.transaction_hash: r for r in desk.chain.receipts(every) if r is not None}
    problems: dict[int, LedgerError] = {}
    for intent in intents:
        found = [a for a in attempts[intent.id] if a.hash in receipts]
        if found:
            problem = _note_mined(
                desk, intent, found[0], receipt=receipts[found[0].hash], final=final
            )
        else:
            problem = _note_missing(desk, intent, attempts[intent.id], final)
        if problem is not None:
            problems[intent.id] = problem
    return problems


def _note_mined(
    desk: Desk, intent: Intent, attempt: Attempt, *, receipt: Receipt, final: Finality
) -> LedgerError | None:
    place = (receipt.transaction_hash, receipt.block_number, receipt.block_hash)
    if (intent.mined_hash, intent.mined_block, intent.mined_block_hash) != place:
        with desk.store.locked(durable=False):
            changed = desk.store.change(
                intent,
                state=State.MINED.value,
                mined_hash=receipt.transaction_hash,
                mined_block=receipt.block_number,
                mined_block_hash=receipt.block_hash,
                succeeded=int(receipt.succeeded is not False),
                problem_code="",
                problem="",
            )
        desk.hook("MINED")
        if not changed:
            return None
        intent = desk.store.reload(intent)
    if not final.covers(desk.chain, receipt):
        return None
    return _note_final(desk, intent, attempt, receipt)


def _note_final(
    desk: Desk, intent: Intent, attempt: Attempt, receipt: Receipt
) -> LedgerError | None:
    problem: LedgerError | None = None
    if attempt.purpose is Purpose.CANCEL:
        state = State.CANCELLED
    elif receipt.succeeded is False:
        state = State.REVERTED
        problem = _revert_reason(desk, intent, receipt)
    else:
        state = State.FINAL
    code, text = (problem.code, problem.message) if problem else ("", "")
    with desk.store.locked():
        desk.store.change(intent, state=state.value, problem_code=code, problem=text)
    desk.hook(state.value)
    return problem


def _note_missing(
    desk: Desk, intent: Intent, attempts: Sequence[Attempt], final: Finality
) -> LedgerError | None:
    if intent.state is State.MINED:
        # A reorganisation took the block back; the same bytes are sent again.
        with desk.store.locked(durable=False):
            desk.store.change(
                intent,
                state=State.SENT.value,
                mined_hash=None,
                mined_block=None,
                mined_block_hash=None,
                succeeded=None,
            )
        desk.hook("TAKEN_BACK")
        return None
    return release_used_nonce(desk, intent, attempts, final.height)


def _revert_reason(desk: Desk, intent: Intent, receipt: Receipt) -> Reverted:
    data = _traced_output(desk, receipt)
    if data is None:
        payload = intent.payload
        request = CallRequest(payload.to, payload.data, intent.sender, payload.value_wei)
        try:
            desk.chain.call(request, max(receipt.block_number - 1, 0))
            data = b""
        except Reverted as error:
            data = error.data
        except LedgerError:
            data = b""
    return desk.reverts.decode(data)


def _traced_output(desk: Desk, receipt: Receipt) -> bytes | None:
    try:
        trace: JsonValue = desk.chain.trace_transaction(receipt.transaction_hash)
        return read_bytes(trace.get("output"), "output") if isinstance(trace, dict) else None
    except (RpcRefused, LedgerError):
        return None
