"""What endpoints tell, encoded as consensus hashes it. Pure.

Sources: Yellow Paper 4.3 and appendix B; EIP-155 (signatures), EIP-2718 (envelopes), EIP-2930
(access lists), EIP-1559 (fee market), EIP-4844 (blobs), EIP-7702 (authorizations), EIP-658
(status), EIP-4895 (withdrawals); the OP stack's deposits (type 0x7e). Malformed hex text raises
ValueError.
"""

from collections.abc import Callable, Sequence
from functools import cache

from diptych.core.errors import LedgerError
from diptych.index.source.answers import (
    RawAccess,
    RawAuthorization,
    RawBlock,
    RawLog,
    RawReceipt,
    RawTransaction,
    RawWithdrawal,
)
from diptych.index.verification.trie import prefix, rlp_list, rlp_string

LEGACY = 0
DEPOSIT = 0x7E


class CannotVerify(LedgerError):
    """What a block holds has a form that this version cannot recompute."""

    code = "Index.CannotVerify"


def data_item(text: str | None) -> bytes:
    """Return the RLP of hex bytes; None is the empty string.

    >>> data_item("0x646f67").hex()
    '83646f67'
    """
    if text is None:
        return b"\x80"
    if text[:2] != "0x":
        raise ValueError(f"got {text[:40]!r}, expected 0x and hex digits")
    return rlp_string(bytes.fromhex(text[2:]))


def number_item(text: str | None) -> bytes:
    """Return the RLP of a quantity; None is 0.

    >>> number_item("0x400").hex()
    '820400'
    """
    if text is None:
        return b"\x80"
    if text[:2] != "0x":
        raise ValueError(f"got {text[:40]!r}, expected 0x and hex digits")
    digits = text[2:].lstrip("0")
    return rlp_string(bytes.fromhex("0" + digits if len(digits) & 1 else digits))


def type_of(text: str | None) -> int:
    """Return an EIP-2718 type; None is legacy."""
    return LEGACY if text is None else int(text, 16)


# Headers

_HEADER_DATA = (
    "parent_hash",
    "sha3_uncles",
    "miner",
    "state_root",
    "transactions_root",
    "receipts_root",
    "logs_bloom",
)
_HEADER_NUMBERS = ("difficulty", "number", "gas_limit", "gas_used", "timestamp")
_LATER_HEADER = (
    ("base_fee_per_gas", number_item),
    ("withdrawals_root", data_item),
    ("blob_gas_used", number_item),
    ("excess_blob_gas", number_item),
    ("parent_beacon_block_root", data_item),
    ("requests_hash", data_item),
    ("block_access_list_hash", data_item),
)


def encoded_header(block: RawBlock) -> bytes:
    """Return the RLP of a header; fields of forks that have not come are left out."""
    items = [data_item(getattr(block, name)) for name in _HEADER_DATA]
    items += [number_item(getattr(block, name)) for name in _HEADER_NUMBERS]
    items += [data_item(block.extra_data), data_item(block.mix_hash), data_item(block.nonce)]
    for name, encode in _LATER_HEADER:
        value = getattr(block, name)
        if value is not None:
            items.append(encode(value))
    return rlp_list(b"".join(items))


# Transactions

_Body = Callable[[RawTransaction], list[bytes]]


def _call(each: RawTransaction) -> list[bytes]:
    return [
        number_item(each.gas),
        data_item(each.to),
        number_item(each.value),
        data_item(each.input),
    ]


def _legacy(each: RawTransaction) -> list[bytes]:
    return [number_item(each.nonce), number_item(each.gas_price), *_call(each)]


def _accessed(each: RawTransaction) -> list[bytes]:
    return [
        number_item(each.chain_id),
        number_item(each.nonce),
        number_item(each.gas_price),
        *_call(each),
        _access_list(each.access_list),
    ]


def _fee_market(each: RawTransaction) -> list[bytes]:
    return [
        number_item(each.chain_id),
        number_item(each.nonce),
        number_item(each.max_priority_fee_per_gas),
        number_item(each.max_fee_per_gas),
        *_call(each),
        _access_list(each.access_list),
    ]


def _blobs(each: RawTransaction) -> list[bytes]:
    hashes = b"".join([data_item(one) for one in each.blob_versioned_hashes or ()])
    return [*_fee_market(each), number_item(each.max_fee_per_blob_gas), rlp_list(hashes)]


def _set_code(each: RawTransaction) -> list[bytes]:
    entries = b"".join([_authorization(one) for one in each.authorization_list or ()])
    return [*_fee_market(each), rlp_list(entries)]


def _deposit(each: RawTransaction) -> list[bytes]:
    return [
        data_item(each.source_hash),
        data_item(each.sender),
        data_item(each.to),
        number_item(each.mint),
        number_item(each.value),
        number_item(each.gas),
        b"\x01" if each.is_system_tx else b"\x80",
        data_item(each.input),
    ]


_BODIES: dict[int, _Body] = {1: _accessed, 2: _fee_market, 3: _blobs, 4: _set_code}


def _access_list(entries: Sequence[RawAccess] | None) -> bytes:
    if not entries:
        return b"\xc0"
    return rlp_list(b"".join([_access(entry) for entry in entries]))


def _access(entry: RawAccess) -> bytes:
    keys = rlp_list(b"".join([data_item(key) for key in entry.storage_keys]))
    return rlp_list(data_item(entry.address) + keys)


def _authorization(entry: RawAuthorization) -> bytes:
    parity = entry.v if entry.y_parity is None else entry.y_parity
    numbers = (parity, entry.r, entry.s)
    return rlp_list(
        number_item(entry.chain_id)
        + data_item(entry.address)
        + number_item(entry.nonce)
        + b"".join([number_item(number) for number in numbers])
    )


def encoded_transaction(each: RawTransaction) -> tuple[bytes, bytes]:
    """Return a transaction as consensus hashes it, and what its sender signed (b"" for a deposit).

    Raises:
        CannotVerify: an unknown type.
        ValueError: malformed hex text.
    """
    kind = type_of(each.type)
    if kind == LEGACY:
        body = b"".join(_legacy(each))
        signature = number_item(each.v) + number_item(each.r) + number_item(each.s)
        return rlp_list(body + signature), rlp_list(body + _replay_protection(each.v))
    if kind == DEPOSIT:
        return bytes((DEPOSIT,)) + rlp_list(b"".join(_deposit(each))), b""
    if kind not in _BODIES:
        raise CannotVerify(
            f"got transaction {each.hash[:66]} of type {kind:#x}, expected 0 to 4 or 0x7e",
            hint="index this chain without verification",
        )
    envelope, body = bytes((kind,)), b"".join(_BODIES[kind](each))
    parity = each.v if each.y_parity is None else each.y_parity
    signature = number_item(parity) + number_item(each.r) + number_item(each.s)
    return envelope + rlp_list(body + signature), envelope + rlp_list(body)


def _replay_protection(v: str | None) -> bytes:
    """Return what EIP-155 adds to the signed fields: chain id, 0, 0."""
    number = 0 if v is None else int(v, 16)
    if number < 35:
        return b""
    return number_item(hex((number - 35) // 2)) + b"\x80\x80"


# Receipts and withdrawals


def encoded_receipt(receipt: RawReceipt, bloom: bytes) -> bytes:
    """Return a receipt as consensus hashes it, with the bloom of its logs (256 bytes)."""
    outcome = data_item(receipt.root) if receipt.status is None else number_item(receipt.status)
    body = [
        outcome,
        number_item(receipt.cumulative_gas_used),
        rlp_string(bloom),
        rlp_list(bytes.fromhex("".join([_log_text(log) for log in receipt.logs]))),
    ]
    kind = type_of(receipt.type)
    if kind == DEPOSIT and receipt.deposit_receipt_version is not None:
        # Before the fork Canyon, which brought the version, nodes tell a nonce but do not hash it.
        later = (receipt.deposit_nonce, receipt.deposit_receipt_version)
        body += [number_item(number) for number in later]
    encoded = rlp_list(b"".join(body))
    return encoded if kind == LEGACY else bytes((kind,)) + encoded


def _log_text(log: RawLog) -> str:
    """Return the RLP of a log as hex digits; one conversion of all logs is much faster."""
    topics = "".join(["a0" + topic[2:] for topic in log.topics])
    data = log.data[2:]
    size = len(data) >> 1
    item = data if size == 1 and data < "80" else _head(size, 0x80) + data
    content = f"94{log.address[2:]}{_head(len(topics) >> 1, 0xC0)}{topics}{item}"
    return _head(len(content) >> 1, 0xC0) + content


@cache
def _short_head(length: int, offset: int) -> str:
    return prefix(length, offset).hex()


def _head(length: int, offset: int) -> str:
    """Return the digits before a string or list of some bytes."""
    return _short_head(length, offset) if length < 1024 else prefix(length, offset).hex()


def encoded_withdrawal(withdrawal: RawWithdrawal) -> bytes:
    """Return a withdrawal as consensus hashes it (EIP-4895)."""
    return rlp_list(
        number_item(withdrawal.index)
        + number_item(withdrawal.validator_index)
        + data_item(withdrawal.address)
        + number_item(withdrawal.amount)
    )
