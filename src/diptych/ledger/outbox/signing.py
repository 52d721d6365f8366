"""Steps that sign: the first transaction of an intent, and replacements at the same nonce.

The nonce is reserved in the file before anything is signed, and signed bytes are on disk before
they are sent. Signing happens outside the lock, so a slow hardware signer holds up nobody.
"""

from dataclasses import dataclass

from diptych.ledger.errors import Behind
from diptych.ledger.outbox.desk import Desk
from diptych.ledger.outbox.fees import Offer, first_offer, raised_offer
from diptych.ledger.outbox.records import Attempt, Intent, Payload, Purpose, State
from diptych.ledger.records import CallRequest
from diptych.ledger.transaction import Transaction, transaction_hash


@dataclass(frozen=True)
class _Plan:
    offer: Offer
    gas_limit: int
    pending_nonce: int
    latest_nonce: int
    head_number: int


def sign_prepared(desk: Desk, intent: Intent) -> None:
    """Reserve a nonce for a PREPARED intent and sign its first transaction.

    Raises:
        Reverted: the contract would refuse; nothing was signed.
        FeeCapReached: gas costs more than allowed.
        Behind: the endpoint does not know transactions that are final.
    """
    if intent.cancelling:
        sign_first_cancellation(desk, intent)
        return
    plan = _plan(desk, intent)
    reserved = _reserve(desk, intent, plan)
    if reserved is None:
        return
    desk.hook("RESERVED")
    attempt = _signed(desk, reserved, plan.offer, head_number=plan.head_number)
    with desk.store.locked():
        if desk.store.change(reserved, state=State.SIGNED.value, problem_code="", problem=""):
            desk.store.add_attempt(attempt)
    desk.hook("SIGNED")


def _plan(desk: Desk, intent: Intent) -> _Plan:
    address = desk.signer.address
    gas_limit = intent.payload.gas_limit
    return _Plan(
        gas_limit=gas_limit or _estimate(desk, intent.payload),
        offer=first_offer(desk.chain.fees(), cap_wei=desk.policy.max_fee_wei),
        head_number=desk.chain.head_number(),
        latest_nonce=desk.chain.nonce(address, "latest"),
        pending_nonce=desk.chain.nonce(address, "pending"),
    )


def _estimate(desk: Desk, payload: Payload) -> int:
    request = CallRequest(payload.to, payload.data, desk.signer.address, payload.value_wei)
    return int(desk.chain.estimate_gas(request) * desk.policy.gas_margin)


def _reserve(desk: Desk, intent: Intent, plan: _Plan) -> Intent | None:
    store = desk.store
    # The commit of the signed bytes, before which nothing leaves, puts this one on disk too.
    with store.locked(durable=False):
        current = store.reload(intent)
        if current.state is not State.PREPARED:
            return None
        final_nonce = store.final_nonce(current.chain_id, current.sender)
        if plan.latest_nonce < final_nonce:
            raise Behind(
                f"{desk.chain.rpc.shown_url}: got nonce {plan.latest_nonce} of "
                f"{current.sender}, expected at least {final_nonce}",
                hint="the node lags behind or serves another chain: diptych chain doctor",
            )
        nonce = current.nonce
        # Somebody else may have used the reserved nonce while nothing was signed for it yet.
        if nonce is None or nonce < plan.latest_nonce:
            nonce = max(plan.pending_nonce, store.next_nonce(current.chain_id, current.sender))
        store.change(current, nonce=nonce, gas_limit=plan.gas_limit)
        return store.reload(intent)


def sign_replacement(desk: Desk, intent: Intent, purpose: Purpose) -> bool:
    """Sign another transaction at the same nonce with a higher fee.

    Returns:
        Whether it was signed; False when the intent moved on meanwhile.

    Raises:
        FeeCapReached: the smallest acceptable fee is above the cap.
    """
    last = desk.store.attempts(intent)[-1]
    offer = raised_offer(
        Offer(last.max_fee_wei, last.priority_fee_wei),
        desk.chain.fees(),
        cap_wei=desk.policy.max_fee_wei,
    )
    head_number = desk.chain.head_number()
    attempt = _signed(desk, intent, offer, head_number=head_number, purpose=purpose)
    with desk.store.locked():
        current = desk.store.reload(intent)
        if current.state not in {State.SIGNED, State.SENT} or current.nonce != intent.nonce:
            return False
        if desk.store.attempts(current)[-1].id != last.id:
            return False
        desk.store.add_attempt(attempt)
        desk.store.change(
            current,
            state=State.SIGNED.value,
            cancelling=int(purpose is Purpose.CANCEL),
            problem_code="",
            problem="",
        )
    desk.hook("RESIGNED")
    return True


def sign_first_cancellation(desk: Desk, intent: Intent) -> None:
    """Use up a nonce that was reserved but never signed for."""
    fees = desk.chain.fees()
    offer = first_offer(fees, cap_wei=desk.policy.max_fee_wei)
    attempt = _signed(
        desk, intent, offer, head_number=desk.chain.head_number(), purpose=Purpose.CANCEL
    )
    with desk.store.locked():
        if desk.store.change(intent, state=State.SIGNED.value, cancelling=1):
            desk.store.add_attempt(attempt)
    desk.hook("RESIGNED")


def _signed(
    desk: Desk,
    intent: Intent,
    offer: Offer,
    *,
    head_number: int,
    purpose: Purpose = Purpose.CARRY_OUT,
) -> Attempt:
    payload, gas_limit = intent.payload, intent.payload.gas_limit
    if purpose is Purpose.CANCEL:
        payload, gas_limit = Payload(desk.signer.address), None
    nonce = intent.nonce
    if nonce is None:
        raise AssertionError("an intent without nonce cannot be signed")
    raw = desk.signer.sign_transaction(
        Transaction(
            chain_id=intent.chain_id,
            nonce=nonce,
            max_priority_fee_wei=offer.priority_fee_wei,
            max_fee_wei=offer.max_fee_wei,
            gas_limit=gas_limit or _estimate(desk, payload),
            to=payload.to,
            value_wei=payload.value_wei,
            data=payload.data,
        )
    )
    return Attempt(
        id=0,
        intent_id=intent.id,
        nonce=nonce,
        raw=raw,
        hash=transaction_hash(raw),
        max_fee_wei=offer.max_fee_wei,
        priority_fee_wei=offer.priority_fee_wei,
        purpose=purpose,
        signed_s=desk.clock(),
        head_number=head_number,
    )
