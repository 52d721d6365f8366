"""The events of one step: raw logs sorted out by contract, decoded, and put in chain order."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from diptych.index.abi import decode_each
from diptych.index.abi.event import SYSTEM_COLUMNS
from diptych.index.abi.types import Elementary, Sequence, Shape, Tuple
from diptych.index.blocks import BlockRef, Chunk
from diptych.index.engine.changes import BLOCK, ORDER
from diptych.index.engine.plan import Children, Plan
from diptych.index.engine.versions import BlockHashes
from diptych.index.manifest.contract import Contract, Subject
from diptych.index.manifest.handlers import EventRow, Handler
from diptych.index.source.source import BranchChanged

if TYPE_CHECKING:
    import pyarrow as pa

_LOG_BITS = 32


class EventTables:
    """Decoded events of one step by subject.

    Args:
        plan: of the manifest.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._rows: dict[Subject, pa.Table] = {}
        self._unread: list[pa.Table] = []
        self._blocks: dict[int, tuple[bytes, int]] = {}
        self.events = 0

    def add(self, chunk: Chunk, level: Iterable[Contract], children: Children) -> None:
        """Sort out and decode the logs of some contracts."""
        columns = [chunk.blocks.column(name) for name in ("number", "hash", "timestamp_s")]
        for number, digest, time in zip(*(one.to_pylist() for one in columns), strict=True):
            self._blocks[number] = (digest, time)
        if not chunk.logs.num_rows:
            return
        for contract in level:
            subjects = self._wanted(contract)
            if subjects:
                self._decode(contract, subjects, chunk, children)

    def rows(self, subject: Subject) -> "pa.Table | None":
        """Return a subject's events with system columns, None if there are none."""
        return self._rows.get(subject)

    def unread(self) -> "pa.Table | None":
        """Return the logs that could not be decoded, with a reason."""
        import pyarrow as pa

        return pa.concat_tables(self._unread) if self._unread else None

    def hashes(self) -> BlockHashes:
        """Return the hashes of the step's blocks."""
        numbers = sorted(self._blocks)
        return BlockHashes(numbers, [self._blocks[one][0] for one in numbers])

    def changed(self, last: BlockRef) -> BranchChanged:
        """Return the error that says that two fetches saw two branches."""
        return BranchChanged(f"got two branches while block {last.number} was fetched")

    def in_chain_order(self) -> Iterator[tuple[Handler, EventRow, int]]:
        """Yield each event that row handlers are called with, and each of its handlers."""
        found: list[tuple[int, EventRow, list[Handler]]] = []
        for subject, handlers in self._plan.by_row.items():
            table = self._rows.get(subject)
            if table is not None:
                orders = table.column(ORDER).to_pylist()
                rows = event_rows(subject, table)
                found += [(order, row, handlers) for order, row in zip(orders, rows, strict=True)]
        found.sort(key=lambda one: one[0])
        for order, row, handlers in found:
            for handler in handlers:
                yield handler, row, order

    def _wanted(self, contract: Contract) -> list[Subject]:
        subjects = {*self._plan.subjects, *self._plan.factories}
        # In the ABI's order: where two events can read one log, the first declared has it.
        return [one for one in contract.events if one in subjects]

    def _decode(
        self, contract: Contract, subjects: list[Subject], chunk: Chunk, children: Children
    ) -> None:
        import pyarrow.compute as pc

        logs = _of_addresses(chunk.logs, children.of(contract))
        if contract.factory is not None:
            logs = _since_made(logs, children.found.get(contract.name, {}))
        if contract.start_block > chunk.span.first:
            logs = logs.filter(pc.greater_equal(logs["block_number"], contract.start_block))
        by_event = {one.event: one for one in subjects}
        found, unread = decode_each(logs, list(by_event), blocks=chunk.blocks)
        if unread.num_rows:
            self._unread.append(unread)
        for event, rows in found.items():
            if rows.num_rows:
                self._rows[by_event[event]] = _with_order(rows)
                self.events += rows.num_rows


def _with_order(rows: "pa.Table") -> "pa.Table":
    import pyarrow as pa

    blocks = rows[BLOCK].to_numpy()
    return rows.append_column(
        ORDER, pa.array((blocks << _LOG_BITS) + rows["_log_index"].to_numpy())
    )


def event_rows(subject: Subject, table: "pa.Table") -> Iterator[EventRow]:
    """Yield the rows of a table of events, as row handlers get them."""
    names = subject.event.columns
    columns = []
    for name, one in zip(names, subject.event.inputs, strict=True):
        values = table.column(name).to_pylist()
        counted = not one.hashed and _holds_amounts(one.shape)
        columns.append([_counted(value, one.shape) for value in values] if counted else values)
    system = [table.column(name).to_pylist() for name in SYSTEM_COLUMNS]
    arguments: Iterable[tuple[Any, ...]] = (
        zip(*columns, strict=True) if columns else [()] * table.num_rows
    )
    for where, values in zip(zip(*system, strict=True), arguments, strict=True):
        named = dict(zip(names, values, strict=True))
        yield EventRow._make((f"{where[0]}-{where[5]}", *where, named))


def _of_addresses(logs: "pa.Table", addresses: frozenset[bytes]) -> "pa.Table":
    import pyarrow as pa
    import pyarrow.compute as pc

    if not addresses:
        return logs
    known = pa.array(sorted(addresses), pa.binary(20))
    chosen = pc.is_in(logs.column("address"), value_set=known)
    return logs if pc.all(chosen).as_py() else logs.filter(chosen)


def _since_made(logs: "pa.Table", made: Mapping[bytes, int]) -> "pa.Table":
    """Return logs without those of children before their factory named them.

    So rows do not depend on which blocks were fetched together.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if not made or not logs.num_rows:
        return logs
    known = pa.array(list(made), pa.binary(20))
    since = pa.array(list(made.values()), pa.int64())
    places = pc.index_in(logs.column("address"), value_set=known)
    kept = pc.greater_equal(logs.column("block_number"), since.take(places.combine_chunks()))
    return logs.filter(pc.fill_null(kept, fill_value=True))


def _holds_amounts(shape: Shape) -> bool:
    """Whether a value holds a whole number that stands as text in Arrow."""
    if isinstance(shape, Elementary):
        return shape.kind in {"uint", "int"}
    if isinstance(shape, Sequence):
        return _holds_amounts(shape.item)
    return isinstance(shape, Tuple) and any(map(_holds_amounts, shape.items))


def _counted(value: Any, shape: Shape) -> Any:
    """Return a value with whole numbers as `int`."""
    if isinstance(shape, Elementary):
        return int(value) if shape.kind in {"uint", "int"} else value
    if isinstance(shape, Sequence):
        return [_counted(one, shape.item) for one in value]
    if isinstance(shape, Tuple):
        pairs = zip(value.items(), shape.items, strict=True)
        return {name: _counted(one, item) for (name, one), item in pairs}
    return value
