"""Blocks as files of consensus data hold them: RLP of header, body and receipts. Pure.

They are turned into the structs of `answers`, so that one reader and one verifier serve endpoints
and files alike. What a node derives beside (senders, hashes, indices) is derived here. Sources:
Yellow Paper 4.3, EIP-2718; a body lists transactions, uncles and, since Shanghai, withdrawals.
"""

from typing import NamedTuple

import msgspec

from diptych.core.errors import MalformedError
from diptych.index.source.answers import (
    MAX_LOGS,
    MAX_TRANSACTIONS,
    MAX_WITHDRAWALS,
    RawBlock,
    RawLog,
    RawReceipt,
    RawTransaction,
    RawWithdrawal,
)
from diptych.index.source.normal import block_transactions
from diptych.index.source.stored_transactions import data_text, number_text, read_transaction
from diptych.index.verification.bloom import BLOOM_BYTES, Blooms
from diptych.index.verification.derived import created_address
from diptych.index.verification.encoding import DEPOSIT
from diptych.index.verification.keccak import Keccak
from diptych_verify.rlp import RlpItem, as_bytes, as_integer, as_list, rlp_decode

MAX_HEADER_BYTES = 16 << 10
MAX_BODY_BYTES = 64 << 20
_MAX_ITEMS = 1 << 23
_HEADER = (
    "parent_hash",
    "sha3_uncles",
    "miner",
    "state_root",
    "transactions_root",
    "receipts_root",
    "logs_bloom",
    "difficulty",
    "number",
    "gas_limit",
    "gas_used",
    "timestamp",
    "extra_data",
    "mix_hash",
    "nonce",
    "base_fee_per_gas",
    "withdrawals_root",
    "blob_gas_used",
    "excess_blob_gas",
    "parent_beacon_block_root",
    "requests_hash",
    "block_access_list_hash",
)
_NUMBERS = frozenset(
    (
        "difficulty",
        "number",
        "gas_limit",
        "gas_used",
        "timestamp",
        "base_fee_per_gas",
        "blob_gas_used",
        "excess_blob_gas",
    )
)
_OLDEST_FIELDS = 15


class Stored(NamedTuple):
    """What a file holds of a block; `receipts` and `total_difficulty` None when it holds none."""

    header: bytes
    body: bytes
    receipts: bytes | None = None
    total_difficulty: int | None = None


class StoredBlock(NamedTuple):
    """A block and its receipts (empty when the file holds none)."""

    block: RawBlock
    receipts: list[RawReceipt]


def header_texts(raw: bytes) -> dict[str, str]:
    """Return the fields of a header by the names of `RawBlock`, as hex text.

    Raises:
        MalformedError: not a header.
    """
    item = rlp_decode(raw, max_bytes=MAX_HEADER_BYTES, max_depth=1, max_items=len(_HEADER) + 1)
    fields = as_list(item, "header", minimum=_OLDEST_FIELDS, maximum=len(_HEADER))
    return {
        name: number_text(field, name) if name in _NUMBERS else data_text(field, name)
        for name, field in zip(_HEADER, fields, strict=False)
    }


def read_block(stored: Stored, keccak: Keccak, *, senders: bool = True) -> StoredBlock:
    """Decode a block.

    Args:
        stored: what the file holds.
        keccak: hash function.
        senders: whether senders are recovered from the signatures (some 50 microseconds each);
            without, `from` is the zero address and `contractAddress` stays empty.

    Raises:
        MalformedError: not the RLP of a block.
        CannotVerify: a transaction of an unknown type.
        ProofMismatch: a signature of nobody.
    """
    texts = header_texts(stored.header)
    block_hash, height = "0x" + keccak(stored.header).hex(), texts["number"]
    body = _listed(stored.body, "body")
    if len(body) not in (2, 3):
        raise MalformedError(f"got a body of {len(body)} parts, expected 2 or 3")
    base_fee = int(texts.get("base_fee_per_gas", "0x0"), 16)
    transactions = [
        msgspec.structs.replace(
            read_transaction(item, keccak, base_fee=base_fee, sender=senders),
            block_hash=block_hash,
            block_number=height,
            transaction_index=hex(place),
        )
        for place, item in enumerate(as_list(body[0], "transactions", maximum=MAX_TRANSACTIONS))
    ]
    told = stored.total_difficulty
    block = RawBlock(
        **texts,
        hash=block_hash,
        total_difficulty=None if told is None else hex(told),
        size=hex(_block_size(stored)),
        withdrawals=_withdrawals(body[2]) if len(body) == 3 else None,
        transactions=list(transactions),
    )
    if stored.receipts is None:
        return StoredBlock(block, [])
    return StoredBlock(block, _receipts(stored.receipts, block, keccak, senders=senders))


def _listed(raw: bytes, where: str) -> list[RlpItem]:
    return as_list(rlp_decode(raw, max_bytes=MAX_BODY_BYTES, max_items=_MAX_ITEMS), where)


def _block_size(stored: Stored) -> int:
    """Return the length of the RLP of the whole block: the header, then the items of the body."""
    prefix = 1 if stored.body[0] < 0xF8 else stored.body[0] - 0xF6
    content = len(stored.header) + len(stored.body) - prefix
    return content + (1 if content < 56 else 1 + (content.bit_length() + 7) // 8)


def _withdrawals(item: RlpItem) -> list[RawWithdrawal]:
    found = []
    for each in as_list(item, "withdrawals", maximum=MAX_WITHDRAWALS):
        index, validator, address, amount = as_list(each, "withdrawal", minimum=4, maximum=4)
        found.append(
            RawWithdrawal(
                index=number_text(index, "withdrawal index"),
                validator_index=number_text(validator, "withdrawal validator"),
                address=data_text(address, "withdrawal address"),
                amount=number_text(amount, "withdrawal amount"),
            )
        )
    return found


def _receipts(raw: bytes, block: RawBlock, keccak: Keccak, *, senders: bool) -> list[RawReceipt]:
    listed, blooms = _listed(raw, "receipts"), Blooms(keccak)
    transactions = block_transactions([block])
    if len(listed) != len(transactions):
        raise MalformedError(f"got {len(listed)} receipts of {len(transactions)} transactions")
    found, before, logs = [], 0, 0
    for item, transaction in zip(listed, transactions, strict=True):
        parts = _receipt_parts(item)
        entries = _logs(parts.logs, transaction, logs)
        receipt = RawReceipt(
            **_outcome(parts.status),
            type=hex(parts.kind),
            block_number=block.number,
            block_hash=block.hash,
            transaction_index=transaction.transaction_index or "0x0",
            transaction_hash=transaction.hash,
            cumulative_gas_used=hex(parts.cumulative_gas),
            gas_used=hex(max(0, parts.cumulative_gas - before)),
            effective_gas_price=transaction.gas_price,
            logs_bloom=parts.bloom or blooms.text(entries),
            logs=entries,
            deposit_nonce=parts.deposit[0],
            deposit_receipt_version=parts.deposit[1],
        )
        if senders:
            address = created_address(transaction, receipt, keccak)
            receipt = msgspec.structs.replace(receipt, contract_address=address)
        found.append(receipt)
        before, logs = parts.cumulative_gas, logs + len(entries)
    return found


class _Parts(NamedTuple):
    """A receipt's parts; `bloom` empty where the file leaves it out, as eth/69 does."""

    kind: int
    status: bytes
    cumulative_gas: int
    bloom: str
    logs: RlpItem
    deposit: tuple[str | None, str | None]


def _receipt_parts(item: RlpItem) -> _Parts:
    kind = 0
    if isinstance(item, bytes):
        kind = item[0] if item else 0
        item = rlp_decode(item[1:], max_bytes=MAX_BODY_BYTES, max_items=_MAX_ITEMS)
    fields = as_list(item, "receipt", minimum=4, maximum=6)
    bloom = ""
    if len(as_bytes(fields[2], "receipt field 2")) == BLOOM_BYTES:
        bloom, status, used = data_text(fields[2], "receipt bloom"), fields[0], fields[1]
    else:
        kind, status, used = as_integer(fields[0], "type", max_bytes=1), fields[1], fields[2]
    later = [number_text(field, "deposit field") for field in fields[4:]]
    if later and kind != DEPOSIT:
        raise MalformedError(f"got {len(fields)} fields of a receipt, expected 4")
    nonce, version = [*later, None, None][:2]
    return _Parts(
        kind=kind,
        status=as_bytes(status, "receipt status"),
        cumulative_gas=as_integer(used, "cumulative gas"),
        bloom=bloom,
        logs=fields[3],
        deposit=(nonce, version),
    )


def _outcome(status: bytes) -> dict[str, str]:
    if len(status) == 32:
        return {"root": "0x" + status.hex()}
    if status not in (b"", b"\x01"):
        raise MalformedError(f"got receipt status {status[:33].hex()}, expected 0, 1 or a root")
    return {"status": hex(len(status))}


def _logs(item: RlpItem, transaction: RawTransaction, first: int) -> list[RawLog]:
    found = []
    for place, each in enumerate(as_list(item, "logs", maximum=MAX_LOGS)):
        address, topics, payload = as_list(each, "log", minimum=3, maximum=3)
        found.append(
            RawLog(
                block_number=transaction.block_number or "0x0",
                block_hash=transaction.block_hash or "0x",
                transaction_index=transaction.transaction_index or "0x0",
                transaction_hash=transaction.hash,
                log_index=hex(first + place),
                address=data_text(address, "log address"),
                topics=[
                    data_text(topic, "topic") for topic in as_list(topics, "topics", maximum=4)
                ],
                data=data_text(payload, "log data"),
            )
        )
    return found
