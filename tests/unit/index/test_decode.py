"""Logs into columns: equal to eth-abi on what is whole and what is damaged."""

from random import Random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.index.abi_cases import Log, damaged, expected, random_event, random_log, table_of

from diptych.index.abi import decode, decode_each, known_abi, read_abi, rows_schema, unread_schema
from diptych.index.abi.event import SYSTEM_COLUMNS, Event
from diptych.index.blocks import blocks_schema

ALICE, BOB = b"\0" * 12 + b"\xaa" * 20, b"\0" * 12 + b"\xbb" * 20
TRANSFER = known_abi("erc20").event("Transfer")


def event_of(text: str) -> Event:
    return read_abi([text], "test").events[0]


def word(number: int) -> bytes:
    return number.to_bytes(32, "big")


def one_row(event: Event, data: bytes, *topics: bytes) -> dict[str, Any]:
    rows, unread = decode(table_of([([event.topic0, *topics], data)]), event)
    assert unread["reason"].to_pylist() == []
    row: dict[str, Any] = rows.to_pylist()[0]
    return {name: value for name, value in row.items() if name not in SYSTEM_COLUMNS}


def reason(event: Event, data: bytes, *topics: bytes) -> str:
    rows, unread = decode(table_of([([event.topic0, *topics], data)]), event)
    assert rows.num_rows == 0
    text: str = unread["reason"].to_pylist()[0]
    return text


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**64))
def test_random_events_are_read_as_eth_abi_does(seed: int) -> None:
    random = Random(seed)
    event = random_event(random)
    logs = [random_log(random, event) for _ in range(8)]
    compare(event, logs + [damaged(random, log) for log in logs * 2])


def compare(event: Event, logs: list[Log]) -> None:
    rows, unread = decode(table_of(logs), event)
    rows.validate(full=True)
    assert rows.schema == rows_schema(event)
    assert unread.schema == unread_schema()
    columns = [column.to_pylist() for column in rows.columns[: len(event.inputs)]]
    read = {
        place: [column[number] for column in columns]
        for number, place in enumerate(rows["_log_index"].to_pylist())
    }
    wanted = {place: expected(event, log) for place, log in enumerate(logs)}
    assert read == {place: values for place, values in wanted.items() if values is not None}
    assert unread["log_index"].to_pylist() == [p for p, one in wanted.items() if one is None]


def test_a_transfer_becomes_one_row_with_its_place() -> None:
    logs = table_of([([TRANSFER.topic0, ALICE, BOB], word(10**30))])
    block = {"number": 7, "hash": b"\xbb" * 32, "parent_hash": bytes(32), "timestamp_s": 9}
    blocks = pa.Table.from_pylist([block], schema=blocks_schema())
    assert decode(logs, TRANSFER, blocks=blocks).rows.to_pylist() == [
        {
            "from": "0x" + "aa" * 20,
            "to": "0x" + "bb" * 20,
            "value": str(10**30),
            "_block": 7,
            "_block_hash": "0x" + "bb" * 32,
            "_timestamp": 9,
            "_transaction": "0x" + "cc" * 32,
            "_transaction_index": 0,
            "_log_index": 0,
            "_address": "0x" + "dd" * 20,
        }
    ]


@pytest.mark.parametrize(
    ("data", "topics", "why"),
    [
        (b"", (ALICE, BOB), "value: data ends too early"),
        (word(1)[:-1], (ALICE, BOB), "value: data ends too early"),
        (word(1), (ALICE,), "topics: got another count than the 3"),
        (word(1), (ALICE, BOB, word(1)), "topics: got another count than the 3"),
        (word(1), (ALICE, b"\1" + BOB[1:]), "to: no address, its padding is not empty"),
    ],
)
def test_what_is_no_transfer_is_kept_with_the_reason(
    data: bytes, topics: tuple[bytes, ...], why: str
) -> None:
    assert reason(TRANSFER, data, *topics).startswith(why)
    logs = table_of([([TRANSFER.topic0, ALICE, BOB], word(1)), ([TRANSFER.topic0, *topics], data)])
    rows, unread = decode(logs, TRANSFER)
    assert rows["_log_index"].to_pylist() == [0]
    assert unread.select(logs.schema.names).to_pylist() == logs.slice(1).to_pylist()


@pytest.mark.parametrize(
    ("kind", "bad"),
    [
        ("bool", word(2)),
        ("uint8", word(256)),
        ("int8", word(128)),
        ("int8", b"\xff" * 31 + b"\x7f"),
        ("bytes4", b"abcd\1" + bytes(27)),
        ("string", word(32) + word(1) + b"\xff" + bytes(31)),
        ("string", word(32) + word(1) + b"ab" + bytes(30)),
        ("string", word(32) + word(1) + b"a"),
        ("string", word(0) + word(1) + b"a" + bytes(31)),
        ("bytes", word(32) + word(2**256 - 1)),
        ("uint8[]", word(32) + word(2**40)),
        ("uint8[]", word(2**200)),
    ],
)
def test_what_no_encoder_writes_is_refused(kind: str, bad: bytes) -> None:
    event = event_of(f"event E({kind} x)")
    assert reason(event, bad).startswith("x: ")
    assert expected(event, ([event.topic0], bad)) is None


def test_indexed_text_is_its_hash_and_structs_nest() -> None:
    event = event_of("event E(string indexed s, (uint8 a, (bytes b)[] b)[] list, int64)")
    data = word(64) + word(2**256 - 1) + word(0)
    assert one_row(event, data, b"\7" * 32) == {"s": "0x" + "07" * 32, "list": [], "arg2": -1}


def test_short_data_that_tells_of_endless_values_is_refused() -> None:
    event = event_of("event E(uint256[][][] x)")
    inner = word(0)
    level = word(40) + word(40 * 32) * 40
    data = word(32) + level + level + inner
    assert "more values than its data can hold" in reason(event, data)


def test_transfers_of_both_standards_go_to_their_own_event() -> None:
    other = known_abi("erc721").event("Transfer")
    assert other.topic0 == TRANSFER.topic0
    hidden = event_of("event Hidden(uint8 indexed a) anonymous")
    logs = table_of(
        [
            ([TRANSFER.topic0, ALICE, BOB], word(1)),
            ([TRANSFER.topic0, ALICE, BOB, word(5)], b""),
            ([TRANSFER.topic0, ALICE], word(1)),
            ([word(3)], b""),
            ([TRANSFER.topic0, ALICE, BOB], b"\1"),
        ]
    )
    found, unread = decode_each(logs, [TRANSFER, other])
    assert [found[one]["_log_index"].to_pylist() for one in (TRANSFER, other)] == [[0], [1]]
    why = dict(zip(unread["log_index"].to_pylist(), unread["reason"].to_pylist(), strict=True))
    assert set(why) == {2, 4}
    assert why[2].startswith("topics: got another count")
    assert why[4] == "value: data ends too early"
    found, unread = decode_each(logs, [TRANSFER, hidden])
    assert found[hidden]["a"].to_pylist() == [3]
    assert sorted(unread["log_index"].to_pylist()) == [1, 2, 4]


def test_slices_and_pieces_are_read_as_the_whole() -> None:
    random = Random(3)
    event = event_of("event E(string a, uint256 indexed b, (bytes c, int8[] d)[2] e)")
    logs = [random_log(random, event) for _ in range(40)]
    table = table_of([damaged(random, log) if place % 3 else log for place, log in enumerate(logs)])
    whole = decode(table, event)
    assert 10 < whole.rows.num_rows < 40
    pieces = pa.concat_tables([table.slice(0, 7), table.slice(7, 1), table.slice(8)])
    assert decode(pieces, event).rows.to_pylist() == whole.rows.to_pylist()
    for first in (1, 9, 33):
        part = decode(table.slice(first), event)
        late = [row for row in whole.rows.to_pylist() if row["_log_index"] >= first]
        assert part.rows.to_pylist() == late
        assert part.rows.num_rows + part.unread.num_rows == 40 - first


def test_no_logs_make_empty_tables() -> None:
    rows, unread = decode(table_of([]), TRANSFER)
    assert (rows.schema, rows.num_rows, unread.num_rows) == (rows_schema(TRANSFER), 0, 0)
    assert decode_each(table_of([]), [])[1].num_rows == 0
