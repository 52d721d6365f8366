"""Ethereum block headers and transaction receipts, decoded and proven offline.

Sources: Yellow Paper section 4.3, EIP-2718 (typed receipts), EIP-658 (status). The header's
`receiptsRoot` commits to a trie from `rlp(transaction index)` to the receipt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from diptych_verify.errors import AnchorMismatch, MalformedError
from diptych_verify.keccak import keccak256
from diptych_verify.mpt import MAX_PROOF_BYTES, verify_trie_proof
from diptych_verify.rlp import (
    MAX_BYTES,
    MAX_ITEMS,
    RlpItem,
    as_bytes,
    as_integer,
    as_list,
    encode_integer,
    rlp_decode,
)

MAX_HEADER_BYTES: Final = 16 << 10
_FIXED_HEADER_FIELDS = {0: 32, 1: 32, 2: 20, 3: 32, 4: 32, 5: 32, 6: 256, 13: 32, 14: 8}
_INTEGER_HEADER_FIELDS = {7: 32, 8: 8, 9: 8, 10: 8, 11: 8}
_LATER_HEADER_FIELDS = {15: 32, 16: 32, 17: 8, 18: 8, 19: 32, 20: 32}
_DEPOSIT_TYPE = 0x7E


@dataclass(frozen=True)
class BlockHeader:
    """What the verifier needs of a block header.

    Attributes:
        block_hash: Keccak-256 of the RLP, 32 bytes.
        parent_hash: hash of the block before.
        receipts_root: root of the receipt trie, 32 bytes.
        number: height.
        time_s: timestamp, Unix seconds.
    """

    block_hash: bytes
    parent_hash: bytes
    receipts_root: bytes
    number: int
    time_s: int


@dataclass(frozen=True)
class LogEvent:
    """One event of a receipt: contract address (20 bytes), topics (32 bytes each), data."""

    address: bytes
    topics: tuple[bytes, ...]
    data: bytes


@dataclass(frozen=True)
class Receipt:
    """A transaction receipt; `kind` is the EIP-2718 type, 0 for legacy."""

    kind: int
    succeeded: bool
    events: tuple[LogEvent, ...]


def parse_header(raw: bytes) -> BlockHeader:
    """Decode a block header and hash it.

    Args:
        raw: RLP whose Keccak-256 is the block hash; at least 15 fields, later forks add more.

    Raises:
        MalformedError: not a header.
    """
    item = rlp_decode(raw, max_bytes=MAX_HEADER_BYTES, max_depth=1, max_items=64)
    fields = as_list(item, "block header", minimum=15, maximum=40)
    for position, size in _FIXED_HEADER_FIELDS.items():
        as_bytes(fields[position], f"header field {position}", size=size)
    for position, size in _INTEGER_HEADER_FIELDS.items():
        as_integer(fields[position], f"header field {position}", max_bytes=size)
    for position, size in _LATER_HEADER_FIELDS.items():
        if position < len(fields) and len(as_bytes(fields[position], "header field")) > size:
            raise MalformedError(f"header field {position} is longer than {size} bytes")
    return BlockHeader(
        block_hash=keccak256(raw),
        parent_hash=as_bytes(fields[0], "parent hash"),
        receipts_root=as_bytes(fields[5], "receipts root"),
        number=as_integer(fields[8], "number"),
        time_s=as_integer(fields[11], "timestamp"),
    )


def parse_receipt(raw: bytes, *, max_bytes: int = MAX_BYTES) -> Receipt:
    """Decode a legacy or typed (EIP-2718) receipt.

    Args:
        raw: as the trie holds it.
        max_bytes: longest receipt accepted.

    Raises:
        MalformedError: not a receipt.
    """
    kind = raw[0] if raw[:1] and raw[0] < 0x80 else 0
    body = raw[1:] if kind else raw
    max_items = MAX_ITEMS * max(1, max_bytes // MAX_BYTES)
    item = rlp_decode(body, max_bytes=max_bytes, max_items=max_items)
    # An OP-stack deposit receipt carries a nonce and a version after the four common fields.
    fields = as_list(item, "receipt", minimum=4, maximum=6 if kind == _DEPOSIT_TYPE else 4)
    status = as_bytes(fields[0], "receipt status")
    if status not in (b"", b"\x01") and len(status) != 32:
        raise MalformedError(f"got receipt status {status[:33].hex()}, expected 0, 1 or a root")
    as_integer(fields[1], "cumulative gas")
    as_bytes(fields[2], "receipt bloom", size=256)
    events = tuple(_event(event) for event in as_list(fields[3], "receipt logs"))
    return Receipt(kind, status != b"", events)


def _event(item: RlpItem) -> LogEvent:
    address, topics, data = as_list(item, "event", minimum=3, maximum=3)
    return LogEvent(
        as_bytes(address, "event address", size=20),
        tuple(as_bytes(t, "topic", size=32) for t in as_list(topics, "topics", maximum=4)),
        as_bytes(data, "event data"),
    )


def verify_receipt(
    header: BlockHeader, index: int, proof: Sequence[bytes], *, max_bytes: int = MAX_PROOF_BYTES
) -> Receipt:
    """Return the receipt of transaction `index`, proven against the header.

    Args:
        header: the block.
        index: position of the transaction in the block.
        proof: trie nodes, root first.
        max_bytes: longest proof accepted; receipts of a full block reach some megabytes.

    Raises:
        MalformedError: a node or the receipt cannot be decoded.
        AnchorMismatch: the proof does not lead to a receipt at this index.
    """
    raw = verify_trie_proof(header.receipts_root, encode_integer(index), proof, max_bytes=max_bytes)
    return parse_receipt(raw, max_bytes=max(MAX_BYTES, max_bytes))


def verify_event(
    header: BlockHeader,
    index: int,
    proof: Sequence[bytes],
    *,
    log_index: int,
    max_bytes: int = MAX_PROOF_BYTES,
) -> LogEvent:
    """Return one event of transaction `index`, proven against the header.

    Args:
        header: the block.
        index: position of the transaction in the block.
        proof: trie nodes, root first.
        log_index: position of the event within this receipt, from 0.
        max_bytes: longest proof accepted.

    Raises:
        MalformedError: a node or the receipt cannot be decoded.
        AnchorMismatch: no such event, or the transaction failed.
    """
    receipt = verify_receipt(header, index, proof, max_bytes=max_bytes)
    if not receipt.succeeded:
        raise AnchorMismatch(f"transaction {index} of block {header.number} failed")
    if not 0 <= log_index < len(receipt.events):
        raise AnchorMismatch(f"got event {log_index}, the receipt has {len(receipt.events)}")
    return receipt.events[log_index]
