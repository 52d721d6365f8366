"""What a chain holds, as frozen records with units in their names."""

from dataclasses import dataclass, field

BlockReference = int | bytes | str
"""A block number, a 32-byte block hash, or a tag: latest, finalized, safe, earliest, pending."""


@dataclass(frozen=True)
class Block:
    """A block without its transactions' bodies.

    Attributes:
        number: height.
        hash: 32 bytes.
        parent_hash: 32 bytes.
        timestamp_s: seconds since the epoch, on the chain's word.
        gas_limit: gas that fits.
        gas_used: gas that was used.
        base_fee_wei: burnt fee per gas; None before London.
        receipts_root: 32 bytes.
        transactions: hashes, in order.
    """

    number: int
    hash: bytes
    parent_hash: bytes
    timestamp_s: int
    gas_limit: int
    gas_used: int
    base_fee_wei: int | None
    receipts_root: bytes
    transactions: tuple[bytes, ...]


@dataclass(frozen=True)
class LogEntry:
    """An event that a contract emitted.

    Attributes:
        address: the contract, EIP-55.
        topics: up to four 32-byte words.
        data: ABI-encoded rest.
        block_number: height, None when simulated.
        block_hash: 32 bytes, None when simulated.
        transaction_hash: 32 bytes, None when simulated.
        transaction_index: position in the block.
        log_index: position in the block.
        removed: whether a reorganisation took it back.
    """

    address: str
    topics: tuple[bytes, ...]
    data: bytes
    block_number: int | None = None
    block_hash: bytes | None = None
    transaction_hash: bytes | None = None
    transaction_index: int | None = None
    log_index: int | None = None
    removed: bool = False


@dataclass(frozen=True)
class Receipt:
    """What became of a transaction that stands in a block.

    Attributes:
        transaction_hash: 32 bytes.
        transaction_index: position in the block.
        transaction_type: EIP-2718 type, 0 for legacy.
        block_number: height.
        block_hash: 32 bytes.
        sender: who paid, EIP-55.
        to: recipient, None for a creation.
        contract_address: created contract, or None.
        succeeded: False when it reverted; None before Byzantium.
        state_root: 32 bytes, before Byzantium only.
        gas_used: gas of this transaction.
        cumulative_gas_used: gas of the block up to and with it.
        gas_price_wei: price per gas that was paid.
        logs: events, in order.
        logs_bloom: 256 bytes.
        deposit: nonce and version of an OP-stack deposit, else empty.
    """

    transaction_hash: bytes
    transaction_index: int
    transaction_type: int
    block_number: int
    block_hash: bytes
    sender: str
    to: str | None
    contract_address: str | None
    succeeded: bool | None
    state_root: bytes | None
    gas_used: int
    cumulative_gas_used: int
    gas_price_wei: int
    logs: tuple[LogEntry, ...]
    logs_bloom: bytes = field(repr=False)
    deposit: tuple[int, ...] = ()


@dataclass(frozen=True)
class MinedTransaction:
    """A transaction as the endpoint shows it.

    Attributes:
        hash: 32 bytes.
        sender: EIP-55.
        nonce: position in the sender's sequence.
        to: recipient, None for a creation.
        value_wei: amount sent along.
        data: call data or init code.
        block_number: height, None while pending.
        block_hash: 32 bytes, None while pending.
    """

    hash: bytes
    sender: str
    nonce: int
    to: str | None
    value_wei: int
    data: bytes
    block_number: int | None
    block_hash: bytes | None


@dataclass(frozen=True)
class CallRequest:
    """A message call to try without sending it.

    Attributes:
        to: contract, or None to try a creation.
        data: call data or init code.
        sender: who would call.
        value_wei: amount sent along.
        gas_limit: most gas to try with, None for the endpoint's own limit.
    """

    to: str | None
    data: bytes = b""
    sender: str | None = None
    value_wei: int = 0
    gas_limit: int | None = None


@dataclass(frozen=True)
class LogFilter:
    """Which events are wanted.

    Attributes:
        from_block: first height.
        to_block: last height, included.
        addresses: contracts, empty for all.
        topics: by position; None matches all, a tuple matches any of its words.
    """

    from_block: int
    to_block: int
    addresses: tuple[str, ...] = ()
    topics: tuple[bytes | tuple[bytes, ...] | None, ...] = ()


@dataclass(frozen=True)
class Fees:
    """What gas costs now (EIP-1559).

    Attributes:
        base_fee_wei: burnt per gas in the next block.
        priority_fee_wei: tip per gas that is usually enough.
        max_fee_wei: offer that survives some full blocks: 2 * base fee + tip.
    """

    base_fee_wei: int
    priority_fee_wei: int
    max_fee_wei: int
