"""From changes to versions: which rows begin, and which that stood before end. Pure.

Several changes of one key in one block make one version, the last; what a step does is the same
however the blocks are cut into steps.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from diptych.index.engine.changes import BLOCK, GONE
from diptych.index.engine.sums import adds_only, summed
from diptych.index.manifest.entity import Entity, Field
from diptych.index.store.store import BLOCK_HASH, FROM, TO

if TYPE_CHECKING:
    import pyarrow as pa


class Versions(NamedTuple):
    """What a step does to one entity.

    Attributes:
        added: new versions: the entity's columns, `_from`, `_to`, `_block_hash`.
        closed: key columns and `_to` of versions that stood before.
    """

    added: "pa.Table"
    closed: "pa.Table"


def added_only(entity: Entity, changes: "pa.Table", hashes: "BlockHashes") -> "pa.Table":
    """Return the versions of an immutable entity: each change is one, for ever."""
    import pyarrow as pa

    blocks = changes.column(BLOCK)
    table = changes.select([one.name for one in entity.fields])
    table = table.append_column(FROM, blocks)
    table = table.append_column(TO, pa.nulls(table.num_rows, pa.int64()))
    return table.append_column(BLOCK_HASH, hashes.of(blocks))


def replaced(
    entity: Entity, changes: "pa.Table", standing: "pa.Table", hashes: "BlockHashes"
) -> Versions:
    """Return the versions of an entity whose rows are replaced as a whole.

    Args:
        entity: which.
        changes: in chain order: its columns, `_block`, and perhaps `_gone` for rows taken away.
        standing: the open versions of the keys that change.
        hashes: of the blocks that change something.
    """
    import pyarrow as pa

    keys = _keys(entity, changes)
    blocks = changes.column(BLOCK).to_pylist()
    stood = set(_keys(entity, standing))
    timeline = _Timeline()
    for at, (key, block) in enumerate(zip(keys, blocks, strict=True)):
        timeline.change(key, block, at, stood)
    gone = changes.column(GONE).to_pylist() if GONE in changes.column_names else None
    kept = [i for i, at in enumerate(timeline.values) if gone is None or not gone[at]]
    table = changes.select([one.name for one in entity.fields]).take(
        pa.array([timeline.values[i] for i in kept], pa.int64())
    )
    firsts = [timeline.firsts[i] for i in kept]
    ends = [timeline.ends[i] for i in kept]
    return Versions(_versioned(table, firsts, ends, hashes), _closed(entity, timeline))


def folded(
    entity: Entity, changes: "pa.Table", standing: "pa.Table", hashes: "BlockHashes"
) -> Versions:
    """Return the versions of an accumulator; arguments as for `replaced`."""
    import pyarrow as pa

    if adds_only(entity):
        made = summed(entity, changes, standing, TO)
        table = made.rows.append_column(FROM, made.firsts).append_column(TO, made.ends)
        return Versions(table.append_column(BLOCK_HASH, hashes.of(made.firsts)), made.closed)
    fields = [one for one in entity.fields if one.name not in entity.keys]
    stood = dict(zip(_keys(entity, standing), _values(fields, standing), strict=True))
    timeline = _Timeline()
    fold = _fold_of(fields)
    rows = zip(
        _keys(entity, changes),
        changes.column(BLOCK).to_pylist(),
        _values(fields, changes),
        strict=True,
    )
    for key, block, value in rows:
        timeline.fold(key, block, value, (stood, fold))
    columns = dict(zip(entity.keys, _key_columns(entity, timeline.keys), strict=True))
    values = timeline.values
    if len(fields) == 1:
        columns[fields[0].name] = values
    else:
        for place, one in enumerate(fields):
            columns[one.name] = [value[place] for value in values]
    table = pa.table({one.name: _array(one, columns[one.name]) for one in entity.fields})
    return Versions(
        _versioned(table, timeline.firsts, timeline.ends, hashes), _closed(entity, timeline)
    )


class BlockHashes:
    """Hashes of blocks as 0x text, by number.

    Args:
        numbers: ascending.
        hashes: 32 bytes each.
    """

    def __init__(self, numbers: Sequence[int], hashes: Sequence[bytes]) -> None:
        import numpy
        import pyarrow as pa

        self._numbers = numpy.asarray(numbers, dtype=numpy.int64)
        self._hashes = pa.array(["0x" + one.hex() for one in hashes], pa.string())

    def of(self, blocks: "pa.Array") -> "pa.Array":
        """Return the hash of each block; all must be known."""
        import numpy
        import pyarrow as pa

        if not len(blocks):
            return pa.nulls(0, pa.string())
        wanted = blocks.to_numpy()
        at = numpy.searchsorted(self._numbers, wanted)
        if at.max() >= len(self._numbers) or not (self._numbers[at] == wanted).all():
            raise AssertionError("a change stands in a block without a hash")
        return self._hashes.take(pa.array(at))


class _Timeline:
    """Versions as they come: for each key the newest of this step, and what stood before."""

    def __init__(self) -> None:
        self.newest: dict[Any, int] = {}
        self.keys: list[Any] = []
        self.firsts: list[int] = []
        self.ends: list[int | None] = []
        self.values: list[Any] = []
        self.closed: list[Any] = []
        self.closed_at: list[int] = []

    def change(self, key: Any, block: int, value: Any, stood: Iterable[Any]) -> None:
        at = self.newest.get(key)
        if at is not None and self.firsts[at] == block:
            self.values[at] = value
            return
        if at is not None:
            self.ends[at] = block
        elif key in stood:
            self.closed.append(key)
            self.closed_at.append(block)
        self._begin(key, block, value)

    def fold(
        self, key: Any, block: int, value: Any, over: tuple[dict[Any, Any], "_Folding"]
    ) -> None:
        at = self.newest.get(key)
        if at is None:
            stood, fold = over
            if key in stood:
                self.closed.append(key)
                self.closed_at.append(block)
                value = fold(stood[key], value)
            self._begin(key, block, value)
            return
        value = over[1](self.values[at], value)
        if self.firsts[at] == block:
            self.values[at] = value
        else:
            self.ends[at] = block
            self._begin(key, block, value)

    def _begin(self, key: Any, block: int, value: Any) -> None:
        self.newest[key] = len(self.keys)
        self.keys.append(key)
        self.firsts.append(block)
        self.ends.append(None)
        self.values.append(value)


_Folding = Callable[[Any, Any], Any]
_FOLDS: dict[str, _Folding] = {
    "sum": lambda old, new: old + new,
    "min": min,
    "max": max,
    "first": lambda old, new: old,
    "last": lambda old, new: new,
}


def fold_values(field: Field, old: Any, new: Any) -> Any:
    """Return what stands after `new` was folded into `old`; None gives way to any value."""
    if old is None or new is None:
        return new if old is None else old
    if field.fold is None:
        return new
    return _FOLDS[field.fold.name](old, new)


def _fold_of(fields: Sequence[Field]) -> _Folding:
    if len(fields) == 1:
        only = fields[0]
        if only.fold is not None and not only.nullable:
            return _FOLDS[only.fold.name]
        return lambda old, new: fold_values(only, old, new)
    return lambda old, new: tuple(
        fold_values(field, before, after)
        for field, before, after in zip(fields, old, new, strict=True)
    )


def _keys(entity: Entity, table: "pa.Table") -> list[Any]:
    columns = [table.column(name).to_pylist() for name in entity.keys]
    return columns[0] if len(columns) == 1 else list(zip(*columns, strict=True))


def _key_columns(entity: Entity, keys: list[Any]) -> list[Any]:
    if len(entity.keys) == 1:
        return [keys]
    return [[key[place] for key in keys] for place in range(len(entity.keys))]


def _values(fields: Sequence[Field], table: "pa.Table") -> Iterable[Any]:
    columns = []
    for one in fields:
        values = table.column(one.name).to_pylist()
        if one.kind.is_amount:
            values = [None if value is None else int(value) for value in values]
        columns.append(values)
    return columns[0] if len(columns) == 1 else list(zip(*columns, strict=True))


def _array(field: Field, values: list[Any]) -> "pa.Array":
    import pyarrow as pa

    if field.kind.is_amount:
        values = [None if value is None else str(value) for value in values]
    return pa.array(values, pa.type_for_alias(field.kind.arrow))


def _versioned(
    table: "pa.Table", firsts: list[int], ends: Sequence[int | None], hashes: BlockHashes
) -> "pa.Table":
    import pyarrow as pa

    blocks = pa.array(firsts, pa.int64())
    table = table.append_column(FROM, blocks)
    table = table.append_column(TO, pa.array(ends, pa.int64()))
    return table.append_column(BLOCK_HASH, hashes.of(blocks))


def _closed(entity: Entity, timeline: _Timeline) -> "pa.Table":
    import pyarrow as pa

    columns = dict(zip(entity.keys, _key_columns(entity, timeline.closed), strict=True))
    arrays = {name: _array(entity.field(name), columns[name]) for name in entity.keys}
    return pa.table({**arrays, TO: pa.array(timeline.closed_at, pa.int64())})
