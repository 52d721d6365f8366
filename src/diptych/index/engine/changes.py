"""Changes of one step by entity, gathered from row and batch handlers, in chain order."""

from typing import TYPE_CHECKING, Any

from diptych.core.errors import UsageError
from diptych.index.manifest.entity import Entity, Field

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK, ORDER, GONE = "_block", "_order", "_gone"


class BadRow(UsageError):
    """A handler gave a row that the table of its entity cannot hold."""

    code = "Index.BadRow"


class RowBuffer:
    """Rows that row handlers yield for one entity."""

    def __init__(self, entity: Entity) -> None:
        self.entity = entity
        self.names = [one.name for one in entity.fields]
        self.rows: list[tuple[Any, ...]] = []
        self.blocks: list[int] = []
        self.orders: list[int] = []
        self.gone: list[int] = []

    def add(self, values: tuple[Any, ...], block: int, order: int) -> None:
        """Take one row, its values in the order of the entity's fields."""
        self.rows.append(values)
        self.blocks.append(block)
        self.orders.append(order)

    def take_away(self, key: tuple[Any, ...], block: int, order: int) -> None:
        """Take note that the row of a key stands no more."""
        self.gone.append(len(self.rows))
        by_name = dict(zip(self.entity.keys, key, strict=True))
        self.add(tuple(by_name.get(name) for name in self.names), block, order)

    def table(self) -> "pa.Table":
        """Return the rows as changes: the entity's columns, `_block`, `_order`, `_gone`.

        Raises:
            BadRow: naming the field and what stands in it.
        """
        import pyarrow as pa

        gone = [False] * len(self.rows)
        for place in self.gone:
            gone[place] = True
        columns = zip(*self.rows, strict=True) if self.rows else [()] * len(self.names)
        arrays: dict[str, pa.Array] = {}
        for one, values in zip(self.entity.fields, columns, strict=True):
            arrays[one.name] = column(self.entity, one, values, gone)
        arrays[BLOCK] = pa.array(self.blocks, pa.int64())
        arrays[ORDER] = pa.array(self.orders, pa.int64())
        arrays[GONE] = pa.array(gone, pa.bool_())
        return pa.table(arrays)


def column(entity: Entity, field: Field, values: Any, gone: list[bool]) -> "pa.Array":
    """Return one column of yielded values, checked.

    Raises:
        BadRow: a value is missing or of another type.
    """
    import pyarrow as pa

    type_ = pa.type_for_alias(field.kind.arrow)
    try:
        if field.kind.is_amount:
            values = [None if one is None else _whole(one) for one in values]
        array = pa.array(values, type_)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise _bad(entity, field, values) from error
    if array.null_count and not field.nullable:
        for value, absent in zip(array, gone, strict=True):
            if not value.is_valid and not absent:
                raise BadRow(f"{entity.name}.{field.name}: got None, expected {field.kind.name}")
    return array


def _whole(value: Any) -> str:
    if type(value) is not int:
        raise TypeError
    return str(value)


def _bad(entity: Entity, field: Field, values: Any) -> BadRow:
    import pyarrow as pa

    for one in values:
        try:
            if field.kind.is_amount and one is not None:
                int(one)
            else:
                pa.array([one], pa.type_for_alias(field.kind.arrow))
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            shown = f"{type(one).__name__} {one!r:.60}"
            return BadRow(
                f"{entity.name}.{field.name}: got {shown}, expected {field.kind.name}",
                hint="mend the handler that yields it",
            )
    return BadRow(f"{entity.name}.{field.name}: got values that are no {field.kind.name}")


def from_batch(entity: Entity, given: object, events: "pa.Table", where: str) -> "pa.Table":
    """Return what a batch handler gave for one entity as changes.

    Args:
        entity: which.
        given: pyarrow table, or anything that exports Arrow (`__arrow_c_stream__`).
        events: what the handler was called with, with `_block` and `_order`.
        where: handler, for messages.

    Raises:
        BadRow: columns are missing, of another type, or rows point at no event.
    """
    import pyarrow as pa

    if not hasattr(given, "__arrow_c_stream__"):
        raise BadRow(f"{where}: got {type(given).__name__} for {entity.name}, expected a table")
    table: pa.Table = pa.table(given)
    arrays = {one.name: _cast(entity, one, table, where) for one in entity.fields}
    if "_event" in table.column_names:
        at = table.column("_event")
    elif table.num_rows == events.num_rows:
        at = None
    else:
        raise BadRow(
            f"{where}: got {table.num_rows} rows for {events.num_rows} events without `_event`",
            hint="add a column `_event` with the index of the event that caused each row",
        )
    for name in (BLOCK, ORDER):
        arrays[name] = events.column(name) if at is None else _taken(events, name, at, where)
    return pa.table(arrays)


def _cast(entity: Entity, field: Field, given: "pa.Table", where: str) -> "pa.ChunkedArray":
    import pyarrow as pa

    if field.name not in given.column_names:
        raise BadRow(f"{where}: table of {entity.name} has no column '{field.name}'")
    array = given.column(field.name)
    try:
        array = array.cast(pa.type_for_alias(field.kind.arrow))
    except pa.ArrowException as error:
        raise BadRow(
            f"{where}: column '{field.name}' of {entity.name} is {array.type}, expected"
            f" {field.kind.arrow}"
        ) from error
    if array.null_count and not field.nullable:
        raise BadRow(f"{where}: column '{field.name}' of {entity.name} has missing values")
    return array


def _taken(events: "pa.Table", name: str, at: "pa.Array", where: str) -> "pa.ChunkedArray":
    import pyarrow as pa

    try:
        return events.column(name).take(at)
    except pa.ArrowException as error:
        raise BadRow(f"{where}: `_event` points at no event") from error


def in_order(tables: list["pa.Table"]) -> "pa.Table":
    """Return the changes of several handlers as one table, in chain order.

    Changes by one event keep the order in which they were given.
    """
    import numpy
    import pyarrow as pa

    several = len(tables) > 1
    table = pa.concat_tables(tables, promote_options="default") if several else tables[0]
    orders = table.column(ORDER).to_numpy()
    if len(orders) > 1 and (numpy.diff(orders) < 0).any():
        table = table.take(pa.array(numpy.argsort(orders, kind="stable")))
    return table
