"""Blocks, transactions, receipts and logs as endpoints answer them, turned into raw tables. Pure.

Chain order is kept as given. Amounts become 32 bytes, byte strings bytes (see `index.blocks`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar

from diptych.core.errors import LedgerError
from diptych.index.blocks import (
    MAX_TOPICS,
    blocks_schema,
    logs_schema,
    receipts_schema,
    transactions_schema,
)
from diptych.index.source.answers import (
    RawBlock,
    RawLog,
    RawReceipt,
    RawTransaction,
    RawWithdrawal,
)
from diptych.ledger.errors import MalformedAnswer
from diptych.ledger.quantity import read_bytes, read_quantity

if TYPE_CHECKING:
    import pyarrow as pa

Item = TypeVar("Item")
Texts = Sequence[str | None]
AMOUNTS = frozenset(
    (
        "difficulty",
        "total_difficulty",
        "base_fee_per_gas",
        "value",
        "gas_price",
        "max_fee_per_gas",
        "max_priority_fee_per_gas",
        "max_fee_per_blob_gas",
        "effective_gas_price",
        "blob_gas_price",
        "l1_fee",
        "l1_gas_used",
        "l1_gas_price",
    )
)
"""Columns of 32 bytes that hold a number, not a hash."""

_BLOCK_FIELDS = {"timestamp_s": "timestamp"}
_TRANSACTION_FIELDS = {
    "from_address": "sender",
    "to_address": "to",
    "transaction_type": "type",
}
_RECEIPT_FIELDS = {"transaction_type": "type"}


def blocks_table(blocks: Sequence[RawBlock]) -> "pa.Table":
    """Return the headers of blocks, schema `blocks_schema()`.

    Raises:
        MalformedAnswer: a value has another form or length.
    """
    import pyarrow as pa

    schema = blocks_schema()
    made = {
        "transaction_count": pa.array([len(block.transactions) for block in blocks], pa.int32()),
        "withdrawals": _lists(
            [block.withdrawals for block in blocks],
            _withdrawals,
            schema.field("withdrawals"),
        ),
    }
    return raw_table(schema, blocks, _BLOCK_FIELDS, made)


def block_transactions(blocks: Iterable[RawBlock]) -> list[RawTransaction]:
    """Return the transactions of blocks that were asked for whole.

    Raises:
        MalformedAnswer: a block has hashes instead.
    """
    found = []
    for block in blocks:
        for transaction in block.transactions:
            if isinstance(transaction, str):
                raise MalformedAnswer(
                    f"got hashes of transactions in block {int(block.number, 16)}, "
                    f"expected whole transactions"
                )
            found.append(transaction)
    return found


def transactions_table(transactions: Sequence[RawTransaction]) -> "pa.Table":
    """Return transactions, schema `transactions_schema()`; a missing type is 0 (legacy).

    Raises:
        MalformedAnswer: a value has another form or length, or a transaction is in no block.
    """
    schema = transactions_schema()
    made = {
        "transaction_type": _column(
            "type",
            [each.type or "0x0" for each in transactions],
            schema.field("transaction_type"),
        ),
        "blob_versioned_hashes": _lists(
            [each.blob_versioned_hashes for each in transactions],
            _hashes,
            schema.field("blob_versioned_hashes"),
        ),
    }
    return raw_table(schema, transactions, _TRANSACTION_FIELDS, made)


def receipts_table(receipts: Sequence[RawReceipt]) -> "pa.Table":
    """Return receipts without their logs, schema `receipts_schema()`.

    Raises:
        MalformedAnswer: a value has another form or length.
    """
    import pyarrow as pa

    schema = receipts_schema()
    scalars = [_short_text(each.l1_fee_scalar) for each in receipts]
    made = {"l1_fee_scalar": pa.array(scalars, pa.string())}
    return raw_table(schema, receipts, _RECEIPT_FIELDS, made)


def receipt_logs(receipts: Iterable[RawReceipt]) -> list[RawLog]:
    """Return the events of receipts, in order."""
    return [log for receipt in receipts for log in receipt.logs]


def logs_table(logs: Sequence[RawLog]) -> "pa.Table":
    """Return events, schema `logs_schema()`.

    Raises:
        MalformedAnswer: a value has another form or length, or an event was taken back.
    """
    if any([log.removed for log in logs]):
        raise MalformedAnswer("got a log that a reorganisation removed, expected standing ones")
    topics = [log.topics for log in logs]
    made = {
        f"topic{place}": _column(
            f"topics[{place}]",
            [each[place] if len(each) > place else None for each in topics],
            logs_schema().field(f"topic{place}"),
        )
        for place in range(MAX_TOPICS)
    }
    return raw_table(logs_schema(), logs, {}, made)


def raw_table(
    schema: "pa.Schema",
    rows: Sequence[object],
    fields: Mapping[str, str],
    made: "Mapping[str, pa.Array]",
) -> "pa.Table":
    """Build a table of columns that are made already and of attributes of the rows."""
    import pyarrow as pa

    arrays = []
    for column in schema:
        array = made.get(column.name)
        if array is None:
            attribute = fields.get(column.name, column.name)
            array = _column(attribute, list(map(attrgetter(attribute), rows)), column)
        arrays.append(array)
    return pa.Table.from_arrays(arrays, schema=schema)


def _column(name: str, values: Texts, column: "pa.Field") -> "pa.Array":
    try:
        if not column.nullable and None in values:
            raise ValueError("got null")
        return _converted(name, values, column)
    except (LedgerError, ValueError, MemoryError):
        raise _culprit(name, values, column) from None


def _converted(name: str, values: Texts, column: "pa.Field") -> "pa.Array":
    import pyarrow as pa

    from diptych.index import columns

    if pa.types.is_integer(column.type):
        return columns.integers_from_hex(values, what=name).cast(column.type)
    if column.name in AMOUNTS:
        return columns.amounts_from_hex(values, what=name)
    if pa.types.is_fixed_size_binary(column.type):
        return columns.binary_from_hex(values, column.type.byte_width, what=name)
    return columns.bytes_from_hex(values, what=name)


def _culprit(name: str, values: Texts, column: "pa.Field") -> MalformedAnswer:
    """Return the error that names the first value of another form."""
    import pyarrow as pa

    for place, value in enumerate(values):
        if value is None and column.nullable:
            continue
        try:
            if pa.types.is_integer(column.type):
                read_quantity(value, name, bits=column.type.bit_width - 1)
            elif column.name in AMOUNTS:
                read_quantity(value, name)
            else:
                fixed = pa.types.is_fixed_size_binary(column.type)
                read_bytes(value, name, length=column.type.byte_width if fixed else None)
        except LedgerError as error:
            return MalformedAnswer(f"row {place}: {error.message}")
    return MalformedAnswer(f"got too much of {name} in one answer")


def _lists(
    rows: Sequence[Sequence[Item] | None],
    convert: "Callable[[list[Item]], pa.Array]",
    column: "pa.Field",
) -> "pa.Array":
    """Return lists of what `convert` makes of all items; None becomes null."""
    import pyarrow as pa

    offsets = [0]
    for row in rows:
        offsets.append(offsets[-1] + (0 if row is None else len(row)))
    items = convert([item for row in rows if row for item in row])
    mask = pa.array([row is None for row in rows], pa.bool_())
    array = pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), items, mask=mask)
    return array.cast(column.type)


def _hashes(values: Sequence[str]) -> "pa.Array":
    import pyarrow as pa

    return _column("blobVersionedHashes", values, pa.field("blobVersionedHashes", pa.binary(32)))


def _withdrawals(rows: Sequence[RawWithdrawal]) -> "pa.Array":
    import pyarrow as pa

    kind = blocks_schema().field("withdrawals").type.value_type
    columns = [kind.field(at) for at in range(kind.num_fields)]
    arrays = [
        _column(f"withdrawals.{column.name}", list(map(attrgetter(column.name), rows)), column)
        for column in columns
    ]
    return pa.StructArray.from_arrays(arrays, fields=columns)


def _short_text(text: str | None) -> str | None:
    return None if text is None else text[:80]
