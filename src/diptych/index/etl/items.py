"""Rows as ethereum-etl streams them: joined with their block, each with a type and an identifier.

Pure. Source: ethereum-etl's documented output of `stream`.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from diptych.index.etl.rows import Row

_RECEIPT_FIELDS = (
    "cumulative_gas_used",
    "gas_used",
    "contract_address",
    "root",
    "status",
    "effective_gas_price",
    "l1_fee",
    "l1_gas_used",
    "l1_gas_price",
    "l1_fee_scalar",
    "blob_gas_price",
    "blob_gas_used",
)
_IDENTITIES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "block": lambda row: f"{row['hash']}",
    "transaction": lambda row: f"{row['hash']}",
    "log": lambda row: f"{row['transaction_hash']}_{row['log_index']}",
    "token_transfer": lambda row: f"{row['transaction_hash']}_{row['log_index']}",
    "trace": lambda row: f"{row['trace_id']}",
    "contract": lambda row: f"{row['block_number']}_{row['address']}",
    "token": lambda row: f"{row['block_number']}_{row['address']}",
}


def items(kind: str, rows: Iterable[Row], blocks: Iterable[Row]) -> list[Row]:
    """Return rows as they are streamed.

    Args:
        kind: block, transaction, log, token_transfer, trace, contract or token.
        rows: rows of that kind; traces of one block are numbered in their order.
        blocks: rows of their blocks.
    """
    times = {block["number"]: (block["timestamp"], block["hash"]) for block in blocks}
    places: dict[int, int] = {}
    found = []
    for row in rows:
        item = {"type": kind, **row}
        number = row["number"] if kind == "block" else row["block_number"]
        time_s, block_hash = times[number]
        if kind == "trace":
            item["trace_index"] = places[number] = places.get(number, -1) + 1
        if kind != "block":
            item["block_timestamp"], item["block_hash"] = time_s, block_hash
        item["item_id"] = f"{kind}_{_IDENTITIES[kind](row)}"
        item["item_timestamp"] = datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        found.append(item)
    return found


def with_receipts(transactions: Iterable[Row], receipts: Iterable[Row]) -> list[Row]:
    """Return transactions with the fields of their receipts, named `receipt_*`."""
    by_hash = {receipt["transaction_hash"]: receipt for receipt in receipts}
    return [
        {
            **row,
            **{f"receipt_{name}": by_hash[row["hash"]].get(name) for name in _RECEIPT_FIELDS},
        }
        for row in transactions
    ]
