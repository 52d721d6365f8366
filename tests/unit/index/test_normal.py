"""Answers of endpoints as raw tables: every value strict, the wrong one named."""

from typing import Any

import pytest
from tests.unit.index.made_chain import answers, make_chain

from diptych.index.blocks import LogSelector, Wanted, logs_schema
from diptych.index.source.answers import RawBlock, RawLog, RawReceipt, RawTransaction, as_struct
from diptych.index.source.bounded import read_json
from diptych.index.source.normal import (
    block_transactions,
    blocks_table,
    logs_table,
    receipt_logs,
    receipts_table,
    transactions_table,
)
from diptych.index.source.selection import select_logs
from diptych.ledger.errors import MalformedAnswer


@pytest.fixture(scope="module")
def receipts() -> list[RawReceipt]:
    told = answers(make_chain(2))[1]
    return [as_struct(one, RawReceipt) for each in told for one in each]


def raw_logs() -> list[dict[str, Any]]:
    return [log for each in answers(make_chain(2))[1] for one in each for log in one["logs"]]


def test_tables_have_their_schemas(receipts: list[RawReceipt]) -> None:
    logs = logs_table(receipt_logs(receipts))
    assert logs.schema.equals(logs_schema())
    assert logs.num_rows == len(raw_logs())
    for table in (
        logs,
        logs_table([]),
        blocks_table([]),
        receipts_table([]),
        receipts_table(receipts),
    ):
        table.validate(full=True)
    assert transactions_table([]).num_rows == 0


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("address", "0x12", "row 1: got address = '0x12', expected 20 bytes"),
        ("address", "12" * 21, "row 1: got address"),
        ("data", "0x123", "row 1: got data"),
        ("data", "0xzz", "row 1: got data"),
        ("topics", ["0x12"], r"row 1: got topics\[0\] = '0x12', expected 32 bytes"),
        ("blockNumber", "0x", "row 1: got block_number"),
        ("blockNumber", "0x-1", "row 1: got block_number"),
        ("blockNumber", "0x1_0", "row 1: got block_number"),
        ("blockNumber", " 0x1", "row 1: got block_number"),
        ("blockNumber", "0x" + "f" * 16, "expected at most 63 bits"),
        ("logIndex", "0x80000000", "expected at most 31 bits"),
        ("removed", True, "reorganisation removed"),
        ("topics", ["0x"] * 5, "length <= 4"),
        ("data", None, "Expected `str`, got `null`"),
        ("data", 5, "Expected `str`"),
        ("transactionHash", "0x" + "é" * 64, "row 1: got transaction_hash"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: Any, problem: str) -> None:
    told = raw_logs()
    told[1] = {**told[1], name: value}
    with pytest.raises(MalformedAnswer, match=problem):
        logs_table(as_struct(told, list[RawLog]))


@pytest.mark.parametrize("value", ["0x1" + "0" * 64, "0x", "1", "0xg"])
def test_amounts_have_256_bits(value: str) -> None:
    told = answers(make_chain(1))[0][0]["transactions"]
    good = transactions_table(as_struct(told, list[RawTransaction]))
    assert int.from_bytes(good["value"][0].as_py(), "big") == 5
    told[2]["value"] = value
    with pytest.raises(MalformedAnswer, match="row 2: got value"):
        transactions_table(as_struct(told, list[RawTransaction]))


def test_blocks_with_hashes_are_tables_but_have_no_transactions() -> None:
    told = answers(make_chain(1))[0][0]
    whole = blocks_table([as_struct(told, RawBlock)])
    told["transactions"] = [each["hash"] for each in told["transactions"]]
    bare = as_struct(told, RawBlock)
    assert blocks_table([bare]).equals(whole)
    with pytest.raises(MalformedAnswer, match="expected whole transactions"):
        block_transactions([bare])


def test_old_blocks_lack_newer_fields() -> None:
    told = answers(make_chain(1))[0][0]
    for name in ("withdrawals", "withdrawalsRoot", "baseFeePerGas", "blobGasUsed", "mixHash"):
        del told[name]
    row = blocks_table([as_struct(told, RawBlock)]).to_pylist()[0]
    assert row["withdrawals"] is None
    assert row["base_fee_per_gas"] is None
    del told["parentHash"]
    with pytest.raises(MalformedAnswer, match="parentHash"):
        as_struct(told, RawBlock)


def test_logs_are_chosen(receipts: list[RawReceipt]) -> None:
    logs = logs_table(receipt_logs(receipts))
    assert select_logs(logs, Wanted()).num_rows == 0
    assert select_logs(logs, Wanted(receipts=True)).equals(logs)
    assert select_logs(logs, Wanted(logs=(LogSelector(),))).equals(logs)


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"[" * 5000, "deeper"),
        (b'{"a":' * 5000, "deeper"),
        (b'["]]]]",' * 5000, "deeper"),
        (b'["\\"]]]]",' * 5000, "deeper"),
        (b"[1", "truncated"),
        (b'"\xff"', "cannot be read"),
        (b"NaN", "cannot be read"),
        (b"1" * 5000, "cannot be read"),
        (b" " * 200_001, "at most 200000"),
    ],
)
def test_json_is_bounded(raw: bytes, problem: str) -> None:
    with pytest.raises(MalformedAnswer, match=problem):
        read_json(raw, max_bytes=200_000)


def test_shallow_json_is_read() -> None:
    assert read_json(b'["[[[[", {"a": []}]', max_bytes=100, max_depth=3) == ["[[[[", {"a": []}]
    assert len(read_json(b"[" + b"[]," * 9000 + b"[]]", max_bytes=99_999)) == 9001
