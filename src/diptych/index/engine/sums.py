"""Versions of accumulators that only add: whole columns at a time, exact at any size. Pure.

The changes of each key are put side by side, summed up from the first to the last, and the sum
before the key's first change is taken off again: one pass over whole columns instead of a loop
over keys.
"""

from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

from diptych.index.engine.changes import BLOCK
from diptych.index.manifest.entity import Entity, Field

if TYPE_CHECKING:
    import numpy
    import numpy.typing as npt
    import pyarrow as pa

    Places = npt.NDArray[numpy.int64]

_SAFE = 1 << 62


class Sums(NamedTuple):
    """New versions, by key and block.

    Attributes:
        rows: the entity's columns.
        firsts: first block of each.
        ends: first block no more of each, null where it stands.
        closed: key columns and `_to` of what stood before.
    """

    rows: "pa.Table"
    firsts: "pa.Array"
    ends: "pa.Array"
    closed: "pa.Table"


def adds_only(entity: Entity) -> bool:
    """Whether all that an accumulator does is to add whole numbers."""
    values = [one for one in entity.fields if one.name not in entity.keys]
    return bool(values) and all(
        one.fold is not None
        and one.fold.name == "sum"
        and not one.nullable
        and (one.kind.is_amount or one.kind.arrow == "int64")
        for one in values
    )


def summed(entity: Entity, changes: "pa.Table", standing: "pa.Table", to: str) -> Sums:
    """Return the versions that changes make.

    Args:
        entity: for which `adds_only` holds.
        changes: in chain order: its columns and `_block`.
        standing: the open versions of the keys that change.
        to: name of the column of ends in `closed`.
    """
    import numpy
    import pyarrow as pa

    codes, stood_codes = _codes(entity, changes, standing)
    order = numpy.argsort(codes, kind="stable")
    codes = codes[order]
    blocks = changes.column(BLOCK).to_numpy()[order]
    next_key = numpy.append(codes[1:] != codes[:-1], [True])
    last = numpy.flatnonzero(next_key | numpy.append(blocks[1:] != blocks[:-1], [True]))
    starts = numpy.flatnonzero(numpy.append([True], next_key[:-1]))
    group = numpy.searchsorted(starts, last, side="right") - 1
    stood_at = numpy.searchsorted(stood_codes[0], codes[starts])
    stood_at[stood_at == len(stood_codes[0])] = 0
    known = (
        stood_codes[0][stood_at] == codes[starts]
        if len(stood_codes[0])
        else numpy.zeros(len(starts), numpy.bool_)
    )
    places = _Places(
        order, last, starts, group, stood_codes[1][stood_at] if known.any() else stood_at
    )
    arrays: dict[str, Any] = {}
    for one in entity.fields:
        column = changes.column(one.name)
        if one.name in entity.keys:
            arrays[one.name] = column.take(pa.array(order[last]))
        else:
            arrays[one.name] = _sums(one, column, standing.column(one.name), (places, known))
    firsts = blocks[last]
    ends = pa.array(numpy.append(firsts[1:], [0]), mask=next_key[last])
    first_versions = numpy.searchsorted(last, starts)
    closing = first_versions[known]
    rows = pa.table(arrays)
    closed = rows.select(list(entity.keys)).take(pa.array(closing))
    return Sums(rows, pa.array(firsts), ends, closed.append_column(to, pa.array(firsts[closing])))


class _Places(NamedTuple):
    """Where changes, versions and keys stand.

    Attributes:
        order: changes by key.
        last: of each version its last change, in that order.
        starts: of each key its first change.
        group: of each version its key.
        stood: of each key its row in what stood before.
    """

    order: "Places"
    last: "Places"
    starts: "Places"
    group: "Places"
    stood: "Places"


def _codes(
    entity: Entity, changes: "pa.Table", standing: "pa.Table"
) -> "tuple[Places, tuple[Places, Places]]":
    """Return a number for the key of each change, and those of the standing rows, ascending.

    With the latter comes the place of each in `standing`.
    """
    import numpy
    import pyarrow as pa

    total: Any = None
    for name in entity.keys:
        joined = pa.chunked_array(
            [*changes.column(name).chunks, *standing.column(name).chunks],
            changes.schema.field(name).type,
        )
        encoded = joined.combine_chunks().dictionary_encode()
        codes = encoded.indices.to_numpy().astype(numpy.int64)
        if total is None:
            total = codes
        else:
            _, total = numpy.unique(total, return_inverse=True)
            total = total * len(encoded.dictionary) + codes
    mine, stood = total[: changes.num_rows], total[changes.num_rows :]
    by_code = numpy.argsort(stood, kind="stable")
    return mine, (stood[by_code], by_code)


def _sums(
    field: Field,
    column: "pa.ChunkedArray",
    stood: "pa.ChunkedArray",
    where: "tuple[_Places, npt.NDArray[numpy.bool_]]",
) -> "pa.Array":
    import numpy
    import pyarrow as pa

    places, known = where
    small = _small(field, column, stood)
    if small is None:
        return _exact(field, column, stood, where)
    values, before = small
    sums = numpy.cumsum(values[places.order])
    bases = numpy.where(places.starts > 0, sums[places.starts - 1], 0)
    if known.any():
        bases = bases - numpy.where(known, before[places.stood], 0)
    found = pa.array(sums[places.last] - bases[places.group])
    return found.cast(pa.string()) if field.kind.is_amount else found


def _small(
    field: Field, column: "pa.ChunkedArray", stood: "pa.ChunkedArray"
) -> "tuple[npt.NDArray[numpy.int64], npt.NDArray[numpy.int64]] | None":
    """Return both columns as numbers if no sum of them can leave 62 bits."""
    import numpy
    import pyarrow as pa

    try:
        values = column.cast(pa.int64()).to_numpy()
        before = stood.cast(pa.int64()).to_numpy()
    except pa.ArrowInvalid:
        return None
    reach = numpy.abs(values.astype(numpy.float64)).sum()
    if len(before):
        reach += numpy.abs(before.astype(numpy.float64)).max()
    return (values, before) if reach < _SAFE else None


def _exact(
    field: Field,
    column: "pa.ChunkedArray",
    stood: "pa.ChunkedArray",
    where: "tuple[_Places, npt.NDArray[numpy.bool_]]",
) -> "pa.Array":
    import pyarrow as pa

    places, known = where
    values = list(map(int, column.take(pa.array(places.order)).to_pylist()))
    sums = list(accumulate(values))
    before = list(map(int, stood.to_pylist()))
    bases = [sums[start - 1] if start else 0 for start in places.starts.tolist()]
    if before:
        pairs = zip(bases, known.tolist(), places.stood.tolist(), strict=True)
        bases = [base - before[at] if has else base for base, has, at in pairs]
    versions = zip(places.last.tolist(), places.group.tolist(), strict=True)
    found = [sums[last] - bases[key] for last, key in versions]
    if field.kind.is_amount:
        return pa.array(list(map(str, found)), pa.string())
    return pa.array(found, pa.int64())
