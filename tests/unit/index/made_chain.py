"""A small chain made by other code than that under test: every kind of transaction, logs, forks.

Transactions are signed by eth-account, roots come from `diptych.ledger.trie`, RLP from
`diptych_verify.rlp`.
"""

import struct
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import cramjam
import msgspec
from eth_account import Account
from eth_hash.auto import keccak

from diptych.index.source.stored import Stored, read_block
from diptych.ledger.trie import Trie
from diptych_verify.rlp import encode_integer, rlp_decode, rlp_encode

KEY = b"\x01" * 32
SENDER = Account.from_key(KEY).address.lower()
TOKEN = bytes.fromhex("c0" * 20)
TRANSFER = keccak(b"Transfer(address,address,uint256)")
EMPTY = keccak(rlp_encode(b""))
NO_UNCLES = keccak(rlp_encode([]))


class Log(NamedTuple):
    """An event of a made transaction."""

    address: bytes
    topics: tuple[bytes, ...]
    data: bytes


def minimal(number: int) -> bytes:
    """Encode a number as RLP wants it."""
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def signed(nonce: int, **fields: Any) -> bytes:
    """Return a raw transaction signed by eth-account."""
    plain = {"nonce": nonce, "gas": 90_000, "to": "0x" + "22" * 20, "value": 5, "data": "0x1234"}
    return bytes(Account.sign_transaction({**plain, **fields}, KEY).raw_transaction)


def transactions(nonce: int) -> list[bytes]:
    """Return one transaction of each type, two of the oldest, and a creation."""
    fees = {"maxFeePerGas": 10**10, "maxPriorityFeePerGas": 10**9, "chainId": 1}
    access = [{"address": "0x" + "33" * 20, "storageKeys": ["0x" + "44" * 32]}]
    grant = Account.sign_authorization({"chainId": 1, "address": "0x" + "55" * 20, "nonce": 7}, KEY)
    blobs = {"maxFeePerBlobGas": 3, "blobVersionedHashes": ["0x01" + "66" * 31]}
    return [
        signed(nonce, gasPrice=10**10),
        signed(nonce + 1, gasPrice=10**10, chainId=1, data="0x"),
        signed(nonce + 2, gasPrice=10**10, chainId=1, type=1, accessList=access),
        signed(nonce + 3, type=2, accessList=access, **fees),
        signed(nonce + 4, type=3, **fees, **blobs),
        signed(nonce + 5, type=4, authorizationList=[grant], **fees),
        signed(nonce + 6, type=2, **{**fees, "to": ""}),
        deposit(),
    ]


def deposit() -> bytes:
    """Return an OP-stack deposit."""
    fields = [b"\x77" * 32, b"\x88" * 20, b"\x99" * 20, b"", minimal(9), minimal(50_000), b"", b"x"]
    return b"\x7e" + rlp_encode(fields)


def bloom_of(logs: list[Log]) -> bytes:
    """Return the filter of events, bit by bit (Yellow Paper 4.3.1)."""
    bits = bytearray(256)
    for log in logs:
        for item in (log.address, *log.topics):
            digest = keccak(item)
            for place in (0, 2, 4):
                bit = int.from_bytes(digest[place : place + 2], "big") % 2048
                bits[255 - bit // 8] |= 1 << bit % 8
    return bytes(bits)


def logs_of(seed: int) -> list[Log]:
    """Return some events."""
    parties = (b"\x00" * 12 + bytes([seed % 251]) * 20, b"\x00" * 12 + b"\x0b" * 20)
    amount = (seed + 1).to_bytes(32, "big")
    bare = Log(b"\xd0" * 20, (), bytes([seed % 128]))
    return [Log(TOKEN, (TRANSFER, *parties), amount), bare][: seed % 3]


def receipt(raw: bytes, seed: int, gas: int) -> bytes | list[Any]:
    """Return the receipt of a transaction as a body of receipts holds it."""
    logs = logs_of(seed)
    fields: list[Any] = [
        b"" if seed % 5 == 4 else b"\x01",
        minimal(gas),
        bloom_of(logs),
        [[log.address, list(log.topics), log.data] for log in logs],
    ]
    if raw[0] == 0x7E:
        fields += [minimal(4), minimal(1)]
    return bytes(raw[:1]) + rlp_encode(fields) if raw[0] < 0x80 else fields


def list_root(values: list[bytes]) -> bytes:
    """Return the root of a list, by the ledger's trie."""
    return Trie({encode_integer(place): value for place, value in enumerate(values)}).root


def make_block(number: int, parent: bytes, *, total: int = 0) -> Stored:
    """Return a block; each third one is empty."""
    raws = [] if number % 3 == 2 else transactions(number * 10)
    items = [rlp_decode(raw) if raw[0] >= 0x80 else raw for raw in raws]
    receipts = [receipt(raw, number + at, 21_000 * (at + 1)) for at, raw in enumerate(raws)]
    encoded = [each if isinstance(each, bytes) else rlp_encode(each) for each in receipts]
    logs = [log for at in range(len(raws)) for log in logs_of(number + at)]
    withdrawals = [[minimal(number), minimal(3), b"\xaa" * 20, minimal(10**9)]]
    header = [
        parent,
        NO_UNCLES,
        b"\xee" * 20,
        keccak(minimal(number)),
        list_root(raws),
        list_root(encoded),
        bloom_of(logs),
        minimal(3),
        minimal(number),
        minimal(30_000_000),
        minimal(21_000 * len(raws)),
        minimal(1_700_000_000 + 12 * number),
        b"made",
        b"\xdd" * 32,
        bytes(8),
        minimal(7),
        list_root([rlp_encode(each) for each in withdrawals]),
        minimal(131_072),
        b"",
        b"\xbe" * 32,
        EMPTY,
    ]
    return Stored(
        rlp_encode(header), rlp_encode([items, [], withdrawals]), rlp_encode(receipts), total
    )


def make_chain(count: int, *, first: int = 0, parent: bytes = bytes(32)) -> list[Stored]:
    """Return neighbouring blocks."""
    chain = []
    for number in range(first, first + count):
        chain.append(make_block(number, parent, total=3 * (number + 1)))
        parent = keccak(chain[-1].header)
    return chain


def answers(chain: list[Stored]) -> tuple[list[Any], list[list[Any]]]:
    """Return the JSON of blocks and of their receipts as an endpoint answers."""
    read = [read_block(stored, keccak) for stored in chain]
    blocks = [_json(each.block) for each in read]
    return blocks, [[_json(one) for one in each.receipts] for each in read]


def _json(one: object) -> Any:
    return _without_null(msgspec.to_builtins(one))


def _without_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_null(one) for name, one in value.items() if one is not None}
    return [_without_null(one) for one in value] if isinstance(value, list) else value


def record(kind: int, content: bytes) -> bytes:
    """Return an e2store record."""
    return struct.pack("<HIH", kind, len(content), 0) + content


def write_era1(path: Path, chain: list[Stored], *, root: bytes | None = None) -> Path:
    """Write an era1 file."""
    content, starts = record(0x3265, b""), []
    for stored in chain:
        starts.append(len(content))
        parts = (stored.header, stored.body, stored.receipts or b"\xc0")
        for kind, part in zip((3, 4, 5), parts, strict=True):
            content += record(kind, bytes(cramjam.snappy.compress(part)))
        content += record(6, (stored.total_difficulty or 0).to_bytes(32, "little"))
    content += record(7, era_root(chain) if root is None else root)
    at = len(content)
    first = int.from_bytes(rlp_decode(chain[0].header)[8], "big")  # type: ignore[arg-type]
    offsets = [struct.pack("<q", start - at) for start in starts]
    index = struct.pack("<Q", first) + b"".join(offsets) + struct.pack("<Q", len(chain))
    path.write_bytes(content + record(0x3266, index))
    return path


def era_root(chain: list[Stored]) -> bytes:
    """Return the accumulator's root, with all 8,192 leaves written out (SSZ)."""
    totals = [stored.total_difficulty or 0 for stored in chain]
    leaves = [
        sha256(keccak(stored.header) + total.to_bytes(32, "little")).digest()
        for stored, total in zip(chain, totals, strict=True)
    ]
    layer = leaves + [bytes(32)] * (8192 - len(leaves))
    while len(layer) > 1:
        layer = [sha256(layer[at] + layer[at + 1]).digest() for at in range(0, len(layer), 2)]
    return sha256(layer[0] + len(leaves).to_bytes(32, "little")).digest()
