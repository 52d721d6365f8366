"""Every field of ethereum-etl's own expected rows, where the shared data is at hand."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from diptych.index.etl.contracts import contract_row, contract_rows
from diptych.index.etl.items import items, with_receipts
from diptych.index.etl.rows import (
    Row,
    block_rows,
    log_rows,
    receipt_rows,
    trace_rows,
    transaction_rows,
)
from diptych.index.etl.tokens import token_row
from diptych.index.etl.transfers import token_transfer_rows
from diptych.index.etl.writing import csv_value
from diptych.index.source.answers import RawBlock, RawLog, RawReceipt, RawTrace, as_struct
from diptych.index.source.normal import (
    block_transactions,
    blocks_table,
    logs_table,
    receipt_logs,
    receipts_table,
    transactions_table,
)
from diptych.index.source.traces import RawCallTrace, call_traces_table, traces_table

FOLDER = Path(__file__).parents[4] / "shared/data/watch/etl-fixtures"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the shared data is not here")


def cases(job: str, *, mark: str = "*") -> list[Any]:
    """Return the folders of a job that hold a file of a name."""
    found = sorted(path for path in FOLDER.glob(f"{job}/*") if any(path.glob(mark)))
    return [pytest.param(path, id=path.name) for path in found]


def results(folder: Path, method: str) -> list[Any]:
    """Return the results of one method, by file name."""
    paths = sorted(folder.glob(f"web3_response.{method}*.json"))
    return [json.loads(path.read_text())["result"] for path in paths if "latest" not in path.name]


def structs(folder: Path, method: str, kind: Any) -> list[Any]:
    return [as_struct(one, kind) for one in results(folder, method)]


def equal_csv(path: Path, rows: list[Row], key: tuple[str, ...] = ()) -> None:
    """Compare all columns of an expected CSV file."""
    with path.open(newline="") as file:
        expected = list(csv.DictReader(file))
    names = list(expected[0]) if expected else []
    found = [{name: csv_value(row[name]) for name in names} for row in rows]
    if key:
        expected.sort(key=lambda row: [row[name] for name in key])
        found.sort(key=lambda row: [row[name] for name in key])
    assert found == expected


def equal_json(path: Path, rows: list[Row]) -> None:
    """Compare all members of expected JSON lines."""
    expected = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    found = [{name: row[name] for name in one} for row, one in zip(rows, expected, strict=True)]
    assert found == expected


@pytest.mark.parametrize("folder", cases("test_export_blocks_job"))
def test_blocks_and_transactions(folder: Path) -> None:
    blocks = structs(folder, "eth_getBlockByNumber", RawBlock)
    blocks.sort(key=lambda block: int(block.number, 16))
    table = blocks_table(blocks)
    transactions = transactions_table(block_transactions(blocks))
    equal_csv(folder / "expected_blocks.csv", block_rows(table))
    equal_csv(folder / "expected_transactions.csv", transaction_rows(transactions, table))


@pytest.mark.parametrize("folder", cases("test_export_receipts_job"))
def test_receipts_and_logs(folder: Path) -> None:
    receipts = structs(folder, "eth_getTransactionReceipt", RawReceipt)
    rows = receipt_rows(receipts_table(receipts))
    logs = log_rows(logs_table(receipt_logs(receipts)))
    equal_csv(folder / "expected_receipts.csv", rows, ("transaction_hash",))
    equal_csv(folder / "expected_logs.csv", logs, ("log_index",))


@pytest.mark.parametrize("folder", cases("test_export_token_transfers_job"))
def test_token_transfers(folder: Path) -> None:
    logs = structs(folder, "eth_getFilterLogs", list[RawLog])[0]
    rows = token_transfer_rows(log_rows(logs_table(logs)))
    equal_csv(folder / "expected_token_transfers.csv", rows)


@pytest.mark.parametrize("folder", cases("test_extract_token_transfers_job"))
def test_token_transfers_of_rows(folder: Path) -> None:
    with (folder / "logs.csv").open(newline="") as file:
        logs = [{**row, "topics": row["topics"].split(",")} for row in csv.DictReader(file)]
    equal_csv(folder / "expected_token_transfers.csv", token_transfer_rows(logs))


@pytest.mark.parametrize("folder", cases("test_export_traces_job"))
def test_traces(folder: Path) -> None:
    traces = structs(folder, "trace_block", list[RawTrace])[0]
    equal_csv(folder / "expected_traces.csv", trace_rows(traces_table(traces)))


@pytest.mark.parametrize("folder", cases("test_extract_geth_traces_job"))
def test_traces_of_geth(folder: Path) -> None:
    recorded = json.loads((folder / "geth_traces.json").read_text())
    calls = structs(folder, "debug_traceBlockByNumber", list[RawCallTrace])[0]
    rows = trace_rows(call_traces_table([(recorded["block_number"], calls)]))
    equal_csv(folder / "expected_traces.csv", rows)


@pytest.mark.parametrize("folder", cases("test_export_contracts_job"))
def test_contracts(folder: Path) -> None:
    path = next(folder.glob("web3_response.eth_getCode_*"))
    code = bytes.fromhex(json.loads(path.read_text())["result"][2:])
    address = path.name.split("_")[3]
    equal_json(folder / "expected_contracts.json", [contract_row(address, code)])


def asked(folder: Path, address: str) -> Any:
    """Return what a token answered to a selector."""

    def call(selector: bytes) -> bytes | None:
        name = f"web3_response.eth_call_data_0x{selector.hex()}_to_{address}_latest.json"
        path = folder / name
        if not path.is_file():
            return None
        return bytes.fromhex(json.loads(path.read_text())["result"][2:])

    return call


@pytest.mark.parametrize("folder", cases("test_export_tokens_job"))
def test_tokens(folder: Path) -> None:
    with (folder / "expected_tokens.csv").open(newline="") as file:
        address = next(csv.DictReader(file))["address"]
    rows = [token_row(address, asked(folder, address))]
    equal_csv(folder / "expected_tokens.csv", rows)


@pytest.mark.parametrize("folder", cases("test_stream", mark="expected_blocks.json"))
def test_streamed_blocks(folder: Path) -> None:
    blocks = structs(folder, "eth_getBlockByNumber", RawBlock)
    blocks.sort(key=lambda block: int(block.number, 16))
    receipts = structs(folder, "eth_getTransactionReceipt", RawReceipt)
    receipts.sort(key=lambda receipt: int(receipt.transaction_index, 16))
    table = blocks_table(blocks)
    rows = block_rows(table)
    transactions = with_receipts(
        transaction_rows(transactions_table(block_transactions(blocks)), table),
        receipt_rows(receipts_table(receipts)),
    )
    logs = log_rows(logs_table(receipt_logs(receipts)))
    for kind, found in (
        ("block", rows),
        ("transaction", transactions),
        ("log", logs),
        ("token_transfer", token_transfer_rows(logs)),
    ):
        path = folder / f"expected_{kind}s.json"
        equal_json(path, items(kind, found, rows))


@pytest.mark.parametrize("folder", cases("test_stream", mark="expected_traces.json"))
def test_streamed_traces(folder: Path) -> None:
    rows = block_rows(blocks_table(structs(folder, "eth_getBlockByNumber", RawBlock)))
    traces = trace_rows(traces_table(structs(folder, "trace_block", list[RawTrace])[0]))
    contracts = contract_rows(traces)
    tokens = [
        token_row(row["address"], asked(folder, row["address"]), row["block_number"])
        for row in contracts
        if row["is_erc20"] or row["is_erc721"]
    ]
    equal_json(folder / "expected_traces.json", items("trace", traces, rows))
    equal_json(folder / "expected_contracts.json", items("contract", contracts, rows))
    equal_json(folder / "expected_tokens.json", items("token", tokens, rows))
