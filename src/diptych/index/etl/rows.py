"""Raw tables as rows with the columns of ethereum-etl, in its order. Pure.

Byte strings are lower-case hex text, numbers whole numbers, what is absent None; lists stay lists.
Source: ethereum-etl's documented schema (ethereum-etl.readthedocs.io/en/latest/schema).
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


BLOCKS = tuple(
    [
        "number",
        "hash",
        "parent_hash",
        "nonce",
        "sha3_uncles",
        "logs_bloom",
        "transactions_root",
        "state_root",
        "receipts_root",
        "miner",
        "difficulty",
        "total_difficulty",
        "size",
        "extra_data",
        "gas_limit",
        "gas_used",
        "timestamp",
        "transaction_count",
        "base_fee_per_gas",
        "withdrawals_root",
        "withdrawals",
        "blob_gas_used",
        "excess_blob_gas",
    ]
)
TRANSACTIONS = tuple(
    [
        "hash",
        "nonce",
        "block_hash",
        "block_number",
        "transaction_index",
        "from_address",
        "to_address",
        "value",
        "gas",
        "gas_price",
        "input",
        "block_timestamp",
        "max_fee_per_gas",
        "max_priority_fee_per_gas",
        "transaction_type",
        "max_fee_per_blob_gas",
        "blob_versioned_hashes",
    ]
)
RECEIPTS = tuple(
    [
        "transaction_hash",
        "transaction_index",
        "block_hash",
        "block_number",
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
    ]
)
LOGS = tuple(
    [
        "log_index",
        "transaction_hash",
        "transaction_index",
        "block_hash",
        "block_number",
        "address",
        "data",
        "topics",
    ]
)
TRACES = tuple(
    [
        "block_number",
        "transaction_hash",
        "transaction_index",
        "from_address",
        "to_address",
        "value",
        "input",
        "output",
        "trace_type",
        "call_type",
        "reward_type",
        "gas",
        "gas_used",
        "subtraces",
        "trace_address",
        "error",
        "status",
        "trace_id",
    ]
)
_RENAMED = {"timestamp": "timestamp_s"}
_AMOUNTS = frozenset(
    [
        "difficulty",
        "total_difficulty",
        "base_fee_per_gas",
        "value",
        "gas_price",
        "max_fee_per_gas",
        "max_priority_fee_per_gas",
        "max_fee_per_blob_gas",
        "effective_gas_price",
        "l1_fee",
        "l1_gas_used",
        "l1_gas_price",
        "blob_gas_price",
    ]
)


def block_rows(blocks: "pa.Table") -> list[Row]:
    """Return blocks; `withdrawals` is a list of objects, amounts in gwei."""
    rows = _rows(blocks, BLOCKS)
    for row in rows:
        row["withdrawals"] = [_plain(each) for each in row["withdrawals"] or ()]
    return rows


def transaction_rows(transactions: "pa.Table", blocks: "pa.Table") -> list[Row]:
    """Return transactions with the time of their block.

    Args:
        transactions: of schema `transactions_schema()`.
        blocks: their blocks.
    """
    times = dict(zip(blocks["number"].to_pylist(), blocks["timestamp_s"].to_pylist(), strict=True))
    rows = _rows(transactions, TRANSACTIONS)
    for row in rows:
        row["block_timestamp"] = times.get(row["block_number"])
        row["blob_versioned_hashes"] = [_text(each) for each in row["blob_versioned_hashes"] or ()]
    return rows


def receipt_rows(receipts: "pa.Table") -> list[Row]:
    """Return receipts."""
    rows = _rows(receipts, RECEIPTS)
    for row in rows:
        scalar = row["l1_fee_scalar"]
        row["l1_fee_scalar"] = None if scalar is None else _scalar(scalar)
    return rows


def log_rows(logs: "pa.Table") -> list[Row]:
    """Return events; `topics` is a list."""
    topics = [logs[f"topic{place}"].to_pylist() for place in range(4)]
    rows = _rows(logs, LOGS)
    for row, *found in zip(rows, *topics, strict=True):
        row["topics"] = [_text(topic) for topic in found if topic is not None]
    return rows


def trace_rows(traces: "pa.Table") -> list[Row]:
    """Return traces with their identifiers.

    Traces that name no transaction, as old `callTracer` answers, have neither identifier nor
    status, but for rewards, which are numbered within their block.
    """
    rows = _rows(traces, TRACES)
    for row in rows:
        path = row["trace_address"]
        row["trace_address"] = [int(step) for step in path.split(".")] if path else []
    rewards: dict[tuple[int, str], list[Row]] = {}
    for row in rows:
        if row["transaction_hash"] is not None:
            steps = "_".join(map(str, row["trace_address"]))
            row["trace_id"] = f"{row['trace_type']}_{row['transaction_hash']}_{steps}"
        elif row["transaction_index"] is None:
            rewards.setdefault((row["block_number"], row["trace_type"]), []).append(row)
        else:
            row["status"] = None
    for (number, kind), found in rewards.items():
        for place, row in enumerate(sorted(found, key=_reward_order)):
            row["trace_id"] = f"{kind}_{number}_{place}"
    return rows


def _reward_order(row: Row) -> tuple[str, str, str, int]:
    texts = (row[name] or "" for name in ("reward_type", "from_address", "to_address"))
    reward, sender, recipient = texts
    return reward, sender, recipient, row["value"] or 0


def _rows(table: "pa.Table", names: tuple[str, ...]) -> list[Row]:
    columns = [list(_values(table, name)) for name in names]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def _values(table: "pa.Table", name: str) -> Iterator[Any]:
    source = _RENAMED.get(name, name)
    if source not in table.schema.names:
        return iter([None] * table.num_rows)
    convert: Callable[[Any], Any] = _number if name in _AMOUNTS else _text
    values = table[source].to_pylist()
    return (convert(value) if isinstance(value, bytes) else value for value in values)


def _text(value: bytes) -> str:
    return "0x" + value.hex()


def _number(value: bytes) -> int:
    return int.from_bytes(value, "big")


def _plain(withdrawal: Row) -> Row:
    return {**withdrawal, "address": _text(withdrawal["address"])}


def _scalar(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
