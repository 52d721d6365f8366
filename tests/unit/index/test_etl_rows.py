"""Rows in ethereum-etl's columns, from blocks of our own making."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.index.made_chain import answers, make_chain, write_era1

from diptych.core.errors import UsageError
from diptych.index.blocks import LogSelector, Span, Wanted
from diptych.index.etl import exporting
from diptych.index.etl.contracts import contract_row, contract_rows, function_selectors
from diptych.index.etl.exporting import EtlWriter, export_blocks
from diptych.index.etl.items import items, with_receipts
from diptych.index.etl.rows import (
    BLOCKS,
    TRANSACTIONS,
    block_rows,
    log_rows,
    receipt_rows,
    trace_rows,
    transaction_rows,
)
from diptych.index.etl.tokens import token_row
from diptych.index.etl.transfers import token_transfer_rows
from diptych.index.etl.writing import write_rows
from diptych.index.source.answers import RawReceipt, RawTrace, as_struct
from diptych.index.source.assembling import chunk_of
from diptych.index.source.era1.source import Era1Source
from diptych.index.source.normal import receipts_table
from diptych.index.source.source import NotOffered
from diptych.index.source.stored import read_block
from diptych.index.source.traces import RawCall, RawCallTrace, call_traces_table, traces_table
from diptych.index.verification.keccak import new_keccak
from diptych.ledger.errors import MalformedAnswer

WANTED = Wanted(logs=(LogSelector(),), transactions=True, receipts=True)


@pytest.fixture(scope="module")
def chunk() -> Any:
    blocks = [read_block(stored, new_keccak()) for stored in make_chain(3)]
    return chunk_of(Span(0, 2), blocks, WANTED)


def test_newer_fields_of_blocks_and_transactions(chunk: Any, tmp_path: Path) -> None:
    blocks = block_rows(chunk.blocks)
    transactions = transaction_rows(chunk.transactions, chunk.blocks)
    assert blocks[0]["withdrawals"] == [
        {"index": 0, "validator_index": 3, "address": "0x" + "aa" * 20, "amount": 10**9}
    ]
    assert blocks[2]["transaction_count"] == 0
    assert transactions[4]["blob_versioned_hashes"] == ["0x01" + "66" * 31]
    assert transactions[3]["block_timestamp"] == 1_700_000_000
    assert (transactions[6]["to_address"], transactions[7]["transaction_type"]) == (None, 0x7E)
    assert write_rows(tmp_path / "b.csv", blocks, BLOCKS, form="csv") == 3
    assert write_rows(tmp_path / "t.json", transactions, TRANSACTIONS, form="json") == 16
    with pytest.raises(UsageError, match=r"t\.json: is there already"):
        write_rows(tmp_path / "t.json", transactions, TRANSACTIONS, form="json")
    with pytest.raises(UsageError, match="got form 'xml'"):
        write_rows(tmp_path / "t.xml", transactions, TRANSACTIONS, form="xml")
    with (tmp_path / "b.csv").open(newline="") as file:
        row = next(csv.DictReader(file))
    assert row["withdrawals"].startswith('{"index":0,"validator_index":3,')
    line = json.loads((tmp_path / "t.json").read_text().splitlines()[3])
    assert line == {name: transactions[3][name] for name in TRANSACTIONS}


def test_items_join_receipts_and_blocks(chunk: Any) -> None:
    blocks = block_rows(chunk.blocks)
    joined = with_receipts(
        transaction_rows(chunk.transactions, chunk.blocks), receipt_rows(chunk.receipts)
    )
    item = items("transaction", joined, blocks)[3]
    assert item["receipt_status"] == 1
    assert item["item_id"] == f"transaction_{item['hash']}"
    assert item["item_timestamp"] == "2023-11-14T22:13:20Z"


def test_transfers_are_found_whatever_is_indexed(chunk: Any) -> None:
    logs = log_rows(chunk.logs)
    transfers = token_transfer_rows(logs)
    assert 0 < len(transfers) < len(logs)
    first = next(log for log in logs if len(log["topics"]) == 3)
    words = [*(topic[2:] for topic in first["topics"][1:]), first["data"][2:]]
    for indexed in range(4):
        topics = [first["topics"][0], *("0x" + word for word in words[:indexed])]
        data = "0x" + "".join(words[indexed:])
        again = token_transfer_rows([{**first, "topics": topics, "data": data}])
        assert again == token_transfer_rows([first])
    assert token_transfer_rows([{**first, "topics": []}]) == []
    assert token_transfer_rows([{**first, "data": first["data"] + "00"}]) == []


def test_what_a_rollup_charges_is_kept() -> None:
    receipt = answers(make_chain(1))[1][0][0]
    told = {**receipt, "l1Fee": "0x10", "l1FeeScalar": "1.5", "l1GasPrice": "0x2"}
    row = receipt_rows(receipts_table(as_struct([told], list[RawReceipt])))[0]
    assert (row["l1_fee"], row["l1_fee_scalar"], row["l1_gas_price"]) == (16, 1.5, 2)
    assert row["l1_gas_used"] is None


def parity(path: list[int], **fields: Any) -> dict[str, Any]:
    action = {"from": "0x" + "01" * 20, "to": "0x" + "02" * 20, "value": "0x1", "gas": "0x2"}
    return {
        "action": {**action, "callType": "call", "input": "0x"},
        "blockNumber": 7,
        "subtraces": 0,
        "traceAddress": path,
        "transactionHash": "0x" + "03" * 32,
        "transactionPosition": 1,
        "type": "call",
        **fields,
    }


def test_what_stands_below_a_failure_failed() -> None:
    told = [parity([]), parity([0], error="Reverted"), parity([0, 1]), parity([1])]
    rows = trace_rows(traces_table(as_struct(told, list[RawTrace])))
    assert [row["status"] for row in rows] == [1, 0, 0, 1]
    assert rows[2]["trace_id"].endswith("_0_1")
    with pytest.raises(MalformedAnswer, match="without the one that made it"):
        traces_table(as_struct([parity([0, 1])], list[RawTrace]))
    with pytest.raises(MalformedAnswer, match="out of range"):
        traces_table(as_struct([parity([-1])], list[RawTrace]))


def test_both_forms_of_traces_agree() -> None:
    plain = {"from": "0x" + "01" * 20, "to": "0x" + "02" * 20, "value": "0x1", "gas": "0x2"}
    call = {**plain, "type": "CALL", "input": "0x"}
    calls = {**call, "calls": [{**call, "calls": [call]}, {**call, "type": "STATICCALL"}]}
    told = [{"txHash": "0x" + "03" * 32, "result": calls}]
    table = call_traces_table([(7, as_struct(told, list[RawCallTrace]))])
    flat = [
        parity([], transactionPosition=0, subtraces=2),
        parity([0], transactionPosition=0, subtraces=1),
        parity([0, 0], transactionPosition=0),
        parity([1], transactionPosition=0),
    ]
    flat[3]["action"]["callType"] = "staticcall"
    assert table.equals(traces_table(as_struct(flat, list[RawTrace])))


def test_endless_calls_are_refused() -> None:
    call = RawCall(type="CALL")
    for _ in range(1100):
        call = RawCall(type="CALL", calls=[call])
    with pytest.raises(MalformedAnswer, match="1024 deep"):
        call_traces_table([(7, [RawCallTrace(result=call)])])
    with pytest.raises(MalformedAnswer, match="got no trace: timeout"):
        call_traces_table([(7, [RawCallTrace(error="timeout")])])


OLD = "6060604052" + "".join(f"8063{s}1461001057" for s in ("a9059cbb", "70a08231")) + "5b"
NEW = "6080604052348015600f57600080fd5b50" + "8063a9059cbb1461001057"
MASK = "5b63ffffffff16"


def test_functions_are_found_before_and_behind_a_check_of_value() -> None:
    assert function_selectors(bytes.fromhex(OLD)) == ["0x70a08231", "0xa9059cbb"]
    assert function_selectors(bytes.fromhex(NEW)) == ["0xa9059cbb"]
    assert function_selectors(bytes.fromhex(MASK)) == []
    assert function_selectors(b"\x63\xa9") == ["0xa9000000"]
    assert function_selectors(b"") == []


def test_created_contracts_come_from_traces() -> None:
    told = parity([], type="create", result={"address": "0x" + "04" * 20, "code": "0x" + OLD})
    failed = {**told, "error": "Out of gas", "transactionPosition": 2}
    rows = contract_rows(trace_rows(traces_table(as_struct([told, failed], list[RawTrace]))))
    assert rows == [contract_row("0x" + "04" * 20, bytes.fromhex(OLD), 7)]
    assert (rows[0]["is_erc20"], rows[0]["is_erc721"]) == (False, False)


def word(number: int) -> bytes:
    return number.to_bytes(32, "big")


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (word(32) + word(3) + b"ABC".ljust(32, b"\0"), "ABC"),
        (b"EOS".ljust(32, b"\0"), "EOS"),
        (b"\xff" * 32, None),
        (b"", None),
        (word(32) + word(1 << 200), ""),
        (word(32) + word(6) + b"ETH\0\0\0", "ETH"),
    ],
)
def test_names_of_tokens(answer: bytes, text: str | None) -> None:
    row = token_row("0xAB", lambda _: answer)
    assert row["name"] in (text, " ")
    assert row["address"] == "0xab"


def test_numbers_of_tokens() -> None:
    row = token_row("0xab", lambda _: word(300))
    assert (row["decimals"], row["total_supply"]) == (None, 300)
    assert token_row("0xab", lambda _: word(18))["decimals"] == 18


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_source_is_exported_in_pieces(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_era1(tmp_path / "made.era1", make_chain(5))
    source = Era1Source([tmp_path])
    whole = export_blocks(source, Span(0, 4), WANTED, EtlWriter(tmp_path / "whole", form=form))
    monkeypatch.setattr(exporting, "BLOCKS_AT_ONCE", 2)
    parts = export_blocks(source, Span(0, 4), WANTED, EtlWriter(tmp_path / "parts", form=form))
    assert whole == parts
    assert whole["blocks"] == 5
    names = {path.name for path in (tmp_path / "whole").iterdir()}
    stems = ("blocks", "transactions", "receipts", "logs", "token_transfers")
    assert names == {f"{stem}.{form}" for stem in stems}
    for name in names:
        content = (tmp_path / "whole" / name).read_bytes()
        assert content == (tmp_path / "parts" / name).read_bytes()
    with pytest.raises(NotOffered):
        export_blocks(source, Span(0, 9), WANTED, EtlWriter(tmp_path / "past", form=form))
