"""Intents and attempts: what is to happen on chain exactly once, and what was signed for it."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where an intent stands.

    PREPARED -> SIGNED -> SENT -> MINED -> FINAL is the usual way. REVERTED and CANCELLED are final
    too. REPLACED is passed through: another transaction of the account used the nonce and is final,
    so the intent goes back to PREPARED and gets a new nonce.
    """

    PREPARED = "PREPARED"
    SIGNED = "SIGNED"
    SENT = "SENT"
    MINED = "MINED"
    FINAL = "FINAL"
    REVERTED = "REVERTED"
    REPLACED = "REPLACED"
    CANCELLED = "CANCELLED"


FINISHED = (State.FINAL, State.REVERTED, State.CANCELLED)


class Purpose(StrEnum):
    """What a signed transaction is for."""

    CARRY_OUT = "carry out"
    CANCEL = "cancel"


@dataclass(frozen=True)
class Payload:
    """What the transaction shall do.

    Attributes:
        to: recipient, EIP-55, or None to create a contract.
        data: call data or init code.
        value_wei: amount sent along.
        gas_limit: gas to allow, None to estimate.
    """

    to: str | None
    data: bytes = b""
    value_wei: int = 0
    gas_limit: int | None = None


@dataclass(frozen=True)
class Intent:
    """One thing that shall happen on chain exactly once.

    Attributes:
        id: row number.
        key: the caller's name for it.
        chain_id: where.
        sender: who, EIP-55.
        payload: what.
        state: how far it is.
        nonce: reserved nonce, or None.
        cancelling: whether a cancellation was signed.
        mined_hash: hash of the mined transaction, 32 bytes.
        mined_block: height it was mined at.
        mined_block_hash: hash of that block, 32 bytes.
        succeeded: status of the receipt.
        problem_code: code of what keeps it from advancing, or of why it ended; empty if nothing.
        problem: the sentence that goes with it.
    """

    id: int
    key: str
    chain_id: int
    sender: str
    payload: Payload
    state: State
    nonce: int | None = None
    cancelling: bool = False
    mined_hash: bytes | None = None
    mined_block: int | None = None
    mined_block_hash: bytes | None = None
    succeeded: bool | None = None
    problem_code: str = ""
    problem: str = ""

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in FINISHED


@dataclass(frozen=True)
class Attempt:
    """One signed transaction for an intent; a higher fee makes another attempt, same nonce.

    Attributes:
        id: row number.
        intent_id: the intent.
        nonce: its nonce.
        raw: signed bytes, sent again after a restart.
        hash: 32 bytes.
        max_fee_wei: most per gas.
        priority_fee_wei: tip per gas.
        purpose: carry out or cancel.
        signed_s: when it was signed, seconds since the epoch.
        head_number: the chain's height before it was signed.
    """

    id: int
    intent_id: int
    nonce: int
    raw: bytes
    hash: bytes
    max_fee_wei: int
    priority_fee_wei: int
    purpose: Purpose
    signed_s: float
    head_number: int


@dataclass(frozen=True)
class OutboxPolicy:
    """How patient the outbox is, and how much it may spend.

    Attributes:
        confirmations: blocks on top before a transaction counts as final; None waits for the
            chain's `finalized` tag.
        max_fee_wei: highest fee per gas ever offered.
        gas_margin: factor on the estimated gas.
        stuck_after_s: seconds after which a higher fee is offered.
        resend_after_s: seconds after which the same bytes are sent again.
        poll_s: longest pause between two looks at the chain.
        timeout_s: seconds that `send` and `wait` wait by default.
    """

    confirmations: int | None = 0
    max_fee_wei: int = 500 * 10**9
    gas_margin: float = 1.2
    stuck_after_s: float = 60.0
    resend_after_s: float = 15.0
    poll_s: float = 1.0
    timeout_s: float = 120.0
