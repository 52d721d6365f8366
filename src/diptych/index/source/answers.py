"""What endpoints answer, as typed structs that msgspec fills; values stay hex text. Pure.

Source: the execution API (github.com/ethereum/execution-apis) and the fields that OP-stack nodes
and Parity's `trace_*` methods add. Unknown fields are dropped, missing optional ones are None.
"""

from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct, field

from diptych.index.blocks import MAX_TOPICS
from diptych.ledger.errors import MalformedAnswer

T = TypeVar("T")
MAX_TRANSACTIONS = 1 << 17
MAX_LOGS = 1 << 20
MAX_WITHDRAWALS = 1 << 12
MAX_LIST = 1 << 16
MAX_TRACE_DEPTH = 1024
"""As deep as the EVM calls (Yellow Paper 8)."""


class RawLog(Struct, rename="camel", gc=False, frozen=True):
    """An event."""

    block_number: str
    log_index: str
    transaction_index: str
    block_hash: str
    transaction_hash: str
    address: str
    data: str
    topics: Annotated[list[str], Meta(max_length=MAX_TOPICS)]
    removed: bool = False
    block_timestamp: str | None = None


class RawAccess(Struct, rename="camel", gc=False, frozen=True):
    """An entry of an access list (EIP-2930)."""

    address: str
    storage_keys: Annotated[list[str], Meta(max_length=MAX_LIST)] = []


class RawAuthorization(Struct, rename="camel", gc=False, frozen=True):
    """An entry of an authorization list (EIP-7702)."""

    chain_id: str
    address: str
    nonce: str
    r: str
    s: str
    y_parity: str | None = None
    v: str | None = None


class RawTransaction(Struct, rename="camel", gc=False, frozen=True):
    """A transaction of a block."""

    hash: str
    sender: str = field(name="from")
    nonce: str
    value: str
    gas: str
    input: str
    block_number: str | None = None
    transaction_index: str | None = None
    block_hash: str | None = None
    to: str | None = None
    type: str | None = None
    gas_price: str | None = None
    max_fee_per_gas: str | None = None
    max_priority_fee_per_gas: str | None = None
    max_fee_per_blob_gas: str | None = None
    blob_versioned_hashes: Annotated[list[str], Meta(max_length=MAX_LIST)] | None = None
    access_list: Annotated[list[RawAccess], Meta(max_length=MAX_LIST)] | None = None
    authorization_list: Annotated[list[RawAuthorization], Meta(max_length=MAX_LIST)] | None = None
    chain_id: str | None = None
    v: str | None = None
    r: str | None = None
    s: str | None = None
    y_parity: str | None = None
    source_hash: str | None = None
    mint: str | None = None
    is_system_tx: bool | None = None


class RawWithdrawal(Struct, rename="camel", gc=False, frozen=True):
    """A withdrawal of a validator (EIP-4895)."""

    index: str
    validator_index: str
    address: str
    amount: str


class RawBlock(Struct, rename="camel", gc=False, frozen=True):
    """A block with whole transactions or their hashes."""

    number: str
    hash: str
    parent_hash: str
    timestamp: str
    transactions_root: str
    receipts_root: str
    logs_bloom: str
    gas_used: str
    sha3_uncles: str | None = None
    miner: str | None = None
    state_root: str | None = None
    gas_limit: str | None = None
    extra_data: str | None = None
    difficulty: str = "0x0"
    mix_hash: str | None = None
    nonce: str | None = None
    total_difficulty: str | None = None
    size: str | None = None
    base_fee_per_gas: str | None = None
    withdrawals_root: str | None = None
    withdrawals: Annotated[list[RawWithdrawal], Meta(max_length=MAX_WITHDRAWALS)] | None = None
    blob_gas_used: str | None = None
    excess_blob_gas: str | None = None
    parent_beacon_block_root: str | None = None
    requests_hash: str | None = None
    block_access_list_hash: str | None = None
    transactions: Annotated[list[RawTransaction | str], Meta(max_length=MAX_TRANSACTIONS)] = []


class RawReceipt(Struct, rename="camel", gc=False, frozen=True):
    """A receipt."""

    block_number: str
    transaction_index: str
    block_hash: str
    transaction_hash: str
    cumulative_gas_used: str
    gas_used: str
    logs: Annotated[list[RawLog], Meta(max_length=MAX_LOGS)]
    logs_bloom: str | None = None
    contract_address: str | None = None
    root: str | None = None
    status: str | None = None
    effective_gas_price: str | None = None
    type: str | None = None
    blob_gas_price: str | None = None
    blob_gas_used: str | None = None
    l1_fee: str | None = None
    l1_gas_used: str | None = None
    l1_gas_price: str | None = None
    l1_fee_scalar: str | None = None
    deposit_nonce: str | None = None
    deposit_receipt_version: str | None = None


class RawAction(Struct, rename="camel", gc=False, frozen=True):
    """What a trace of Parity's form did; which fields there are depends on its type."""

    sender: str | None = field(name="from", default=None)
    to: str | None = None
    value: str | None = None
    gas: str | None = None
    input: str | None = None
    init: str | None = None
    call_type: str | None = None
    address: str | None = None
    refund_address: str | None = None
    balance: str | None = None
    author: str | None = None
    reward_type: str | None = None


class RawResult(Struct, rename="camel", gc=False, frozen=True):
    """What a trace of Parity's form led to."""

    gas_used: str | None = None
    output: str | None = None
    address: str | None = None
    code: str | None = None


class RawTrace(Struct, rename="camel", gc=False, frozen=True):
    """One entry of `trace_block`; its numbers are JSON numbers."""

    action: RawAction
    block_number: int
    type: str
    trace_address: Annotated[list[int], Meta(max_length=MAX_TRACE_DEPTH)] = []
    subtraces: int = 0
    block_hash: str | None = None
    transaction_hash: str | None = None
    transaction_position: int | None = None
    error: str | None = None
    result: RawResult | None = None


def as_struct(value: object, kind: type[T]) -> T:
    """Turn decoded JSON into structs.

    Args:
        value: what a JSON decoder gave.
        kind: such as `list[RawLog]`.

    Raises:
        MalformedAnswer: a field is missing or has the wrong type.
    """
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise malformed(error) from None


def malformed(error: Exception) -> MalformedAnswer:
    """Return our error for what msgspec could not read."""
    return MalformedAnswer(f"got an answer that cannot be read: {str(error)[:200]}")
