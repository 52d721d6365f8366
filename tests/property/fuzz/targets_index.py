"""What chains and explorers tell the index: ABIs, columns of hex, logs."""

import json
from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any

from tests.property.fuzz.engine import Target
from tests.unit.index.abi_cases import random_log, table_of

from diptych.index.abi import Event, decode, known_abi, read_abi
from diptych.index.abi.reading import MAX_BYTES
from diptych.index.amounts import amounts_from_decimal, decimal_from_amounts
from diptych.index.columns import (
    amounts_from_hex,
    binary_from_hex,
    bytes_from_hex,
    hex_from_binary,
    integers_from_hex,
)
from diptych_verify.errors import MalformedError
from diptych_verify.json_syntax import strict_json

_NESTED = (
    "event Order(bytes32 indexed id, (uint8 kind, address token, uint256[] amounts)[2][] offer, "
    "string note, bytes call, int64 at, bool open)"
)
_WORD_BYTES = 32


def index_targets() -> list[Target]:
    """Return the targets of this module."""
    lines = "\n".join(one.declaration for one in known_abi("uniswap-v3-pool").events)
    return [
        Target("abi", _read_abi, [_abi(), _explorer()], "json", 30, MAX_BYTES),
        Target("abi_lines", _read_abi, [lines.encode(), _NESTED.encode()], "text", 15),
        Target("hex_columns", _read_columns, _columns(), "json", 15),
        Target("logs", _read_log, _logs(), "binary", 40),
    ]


def _abi() -> bytes:
    parts = [{"name": "a", "type": "uint8"}, {"name": "b", "type": "string[]"}]
    inputs = [
        {"name": "who", "type": "address", "indexed": True},
        {"name": "parts", "type": "tuple[2][]", "indexed": False, "components": parts},
    ]
    event = {"type": "event", "name": "Paid", "anonymous": False, "inputs": inputs}
    return json.dumps({"abi": [event, {"type": "fallback"}], "bytecode": "0x"}).encode()


def _explorer() -> bytes:
    abi = json.dumps(json.loads(_abi())["abi"])
    return json.dumps({"status": "1", "message": "OK", "result": abi}).encode()


def _read_abi(raw: bytes) -> object:
    abi = read_abi(raw, "input")
    again = read_abi([one.declaration for one in abi.events], "again")
    assert [one.signature for one in again.events] == [one.signature for one in abi.events]
    return abi


def _columns() -> list[bytes]:
    found = {
        "addresses": ["0x" + "ab" * 20, None, "0x" + "00" * 20],
        "data": ["0x", "0x00ff", None],
        "quantities": ["0x0", "0x1b4", None],
        "amounts": ["0x0", "0x" + "f" * 64, None],
        "decimal": ["0", str(2**256 - 1), None],
    }
    return [json.dumps(found).encode()]


def _read_columns(raw: bytes) -> object:
    """Read columns of each kind, and show them as they were."""
    members = strict_json(raw, max_bytes=1 << 20, max_depth=8)
    if not isinstance(members, dict):
        raise MalformedError("no columns")
    columns: dict[str, Any] = {
        name: members[name] if isinstance(members.get(name), list) else [] for name in _KINDS
    }
    for name, shown in _KINDS.items():
        read = _SHOWN[name](columns[name]).to_pylist()
        assert read == [None if one is None else shown(str(one)) for one in columns[name]]
    return columns


_KINDS: dict[str, Callable[[str], object]] = {
    "addresses": str.lower,
    "data": str.lower,
    "quantities": lambda text: int(text, 16),
    "amounts": lambda text: str(int(text, 16)),
    "decimal": lambda text: str(int(text)),
}
_SHOWN: dict[str, Callable[[Any], Any]] = {
    "addresses": lambda rows: hex_from_binary(binary_from_hex(rows, 20, what="addresses")),
    "data": lambda rows: hex_from_binary(bytes_from_hex(rows, what="data")),
    "quantities": lambda rows: integers_from_hex(rows, what="quantities"),
    "amounts": lambda rows: decimal_from_amounts(amounts_from_hex(rows, what="amounts")),
    "decimal": lambda rows: decimal_from_amounts(amounts_from_decimal(rows)),
}


def _logs() -> list[bytes]:
    """Return logs as a count of topics, the topics, and the data."""
    event = _nested()
    made = [random_log(Random(seed), event) for seed in range(8)]
    return [bytes([len(topics)]) + b"".join(topics) + data for topics, data in made]


@cache
def _nested() -> Event:
    (event,) = read_abi([_NESTED], "input").events
    return event


def _read_log(raw: bytes) -> object:
    event = _nested()
    count = min(raw[0] if raw else 0, 4)
    topics = [raw[1 + _WORD_BYTES * at :][:_WORD_BYTES] for at in range(count)]
    if any(len(one) < _WORD_BYTES for one in topics):
        raise MalformedError("no log")
    rows, unread = decode(table_of([(topics, raw[1 + _WORD_BYTES * count :])]), event)
    rows.validate(full=True)
    assert rows.num_rows + unread.num_rows == 1
    for reason in unread["reason"].to_pylist():
        raise MalformedError(reason)
    return rows
