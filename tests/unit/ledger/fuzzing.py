"""Hostile answers of an endpoint, made from honest ones: bytes flipped, fields swapped, cut."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

from diptych.core.errors import DiptychError, JsonValue
from diptych.ledger.answers import RpcCall, decode_answer, read_result, read_results
from diptych.ledger.decoding import (
    decode_block,
    decode_log,
    decode_receipt,
    decode_transaction,
)
from diptych.ledger.header import header_rlp
from diptych.ledger.quantity import read_list, read_object
from diptych.ledger.receipt_proof import encode_receipt

_HASH, _ADDRESS = "0x" + "11" * 32, "0x" + "22" * 20
_LOG: dict[str, Any] = {
    **{"address": _ADDRESS, "topics": [_HASH, _HASH], "data": "0x1234", "removed": False},
    **{"blockNumber": "0x1", "blockHash": _HASH, "transactionHash": _HASH},
    **{"transactionIndex": "0x0", "logIndex": "0x0"},
}
_RECEIPT = {
    **{"transactionHash": _HASH, "transactionIndex": "0x0", "blockNumber": "0x1", "type": "0x2"},
    **{"blockHash": _HASH, "from": _ADDRESS, "to": _ADDRESS, "contractAddress": None},
    **{"status": "0x1", "gasUsed": "0x5208", "cumulativeGasUsed": "0x5208", "logs": [_LOG]},
    **{"effectiveGasPrice": "0x7", "logsBloom": "0x" + "00" * 256},
}
_BLOCK = {
    **{
        "number": "0x1",
        "hash": _HASH,
        "parentHash": _HASH,
        "timestamp": "0x1",
        "nonce": "0x" + "00" * 8,
    },
    **{"gasLimit": "0x1", "gasUsed": "0x0", "baseFeePerGas": "0x7", "receiptsRoot": _HASH},
    **{"transactions": [_HASH], "sha3Uncles": _HASH, "miner": _ADDRESS, "stateRoot": _HASH},
    **{"transactionsRoot": _HASH, "logsBloom": "0x" + "00" * 256, "difficulty": "0x0"},
    **{"extraData": "0x", "mixHash": _HASH, "withdrawalsRoot": _HASH},
}
_TRANSACTION = {
    **{"hash": _HASH, "from": _ADDRESS, "nonce": "0x1", "to": None, "value": "0x0"},
    **{"input": "0x", "blockNumber": None, "blockHash": None},
}
_ERROR = {"code": 3, "message": "execution reverted", "data": {"data": "0x08c379a0"}}

Reader = Callable[[JsonValue], object]


def _header(raw: JsonValue) -> bytes:
    return header_rlp(read_object(raw, "block"))


def _encoded_receipt(raw: JsonValue) -> bytes:
    return encode_receipt(decode_receipt(raw))


def _logs(raw: JsonValue) -> list[object]:
    return [decode_log(item) for item in read_list(raw, "logs")]


CORPUS: tuple[tuple[Any, Reader], ...] = (
    (_RECEIPT, _encoded_receipt),
    (_BLOCK, decode_block),
    (_BLOCK, _header),
    (_TRANSACTION, decode_transaction),
    ([_LOG, _LOG], _logs),
)
_ODDITIES: tuple[Any, ...] = (
    *(None, True, -1, 0, 2**53, 1.5, "", "0x", "0X1", "0xg", "0x" + "f" * 65, "-0x1", "\ud800"),
    *("0x" + "0" * 64, [], {}, [[]], {"a": {}}, "\x00\x1b[2J", "٣", "0x1\n", 10**40, "é" * 50),
)


def fuzz(count: int, *, seed: int) -> int:
    """Read `count` hostile answers.

    Returns:
        How many were refused; every other one was still a good answer.

    Raises:
        Exception: anything but a `DiptychError` that a reader let out.
    """
    random = Random(seed)
    return sum(_one(random) for _ in range(count))


def _one(random: Random) -> bool:
    value, reader = random.choice(CORPUS)
    call = RpcCall("eth_fuzz")
    answer: dict[str, Any] = {"jsonrpc": "2.0", "id": 0, "result": value}
    if random.random() < 0.1:
        answer = {"jsonrpc": "2.0", "id": 0, "error": _ERROR}
    is_batch = random.random() < 0.2
    mutated = _mutate([answer, {**answer, "id": 1}] if is_batch else answer, random)
    body = _mangled(json.dumps(mutated).encode("utf-8", "surrogatepass"), random)
    try:
        decoded = decode_answer(body, max_bytes=1 << 20, max_depth=32)
        if isinstance(decoded, list):
            results = read_results(decoded, [call, call], clean=str)
            for result in results:
                if isinstance(result, DiptychError):
                    raise result
                reader(result)
        else:
            reader(read_result(decoded, call, request_id=0, clean=str))
    except DiptychError:
        return True
    return False


def _mutate(value: Any, random: Random) -> Any:
    """Replace, drop, double or deepen something at a random place of a JSON value."""
    if random.random() < 0.25 or not isinstance(value, dict | list) or not value:
        return random.choice(_ODDITIES) if random.random() < 0.7 else [value] * 3
    if isinstance(value, list):
        position = random.randrange(len(value))
        return [*value[:position], _mutate(value[position], random), *value[position + 1 :]]
    key = random.choice(sorted(value))
    changed = dict(value)
    action = random.random()
    if action < 0.2:
        del changed[key]
    elif action < 0.3:
        changed[key] = changed[random.choice(sorted(value))]
    else:
        changed[key] = _mutate(value[key], random)
    return changed


def _mangled(body: bytes, random: Random) -> bytes:
    """Sometimes damage the bytes themselves."""
    action = random.random()
    if action < 0.6:
        return body
    if action < 0.7:
        return body[: random.randrange(len(body) + 1)]
    if action < 0.8:
        return body + random.choice((b"}", b"\0", b" {}", b"\xff"))
    if action < 0.85:
        return b"[" * random.choice((40, 5_000)) + body
    damaged = bytearray(body)
    for _ in range(random.randint(1, 4)):
        damaged[random.randrange(len(damaged))] = random.randrange(256)
    return bytes(damaged)
