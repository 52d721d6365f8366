"""Aggregations: rows of an immutable entity as changes of its buckets. Pure."""

from typing import TYPE_CHECKING

from diptych.index.engine.changes import BLOCK, ORDER
from diptych.index.manifest.aggregation import BUCKET, COUNT, SECONDS, TIMESTAMP, Aggregation

if TYPE_CHECKING:
    import pyarrow as pa

_EPOCH_MONDAY_S = 345_600
"""Weeks begin on Monday; 1970-01-05 was one."""


def bucketed(aggregation: Aggregation, changes: "pa.Table") -> "pa.Table":
    """Return what rows add to their buckets, as changes of the aggregation's entity.

    Args:
        aggregation: which.
        changes: of the entity that is aggregated, in chain order.
    """
    import numpy
    import pyarrow as pa

    length = SECONDS[aggregation.every]
    offset = _EPOCH_MONDAY_S if aggregation.every == "week" else 0
    times = changes.column(TIMESTAMP).to_numpy()
    arrays = {}
    for one in aggregation.entity.fields:
        if one.name == BUCKET:
            buckets = (times - offset) // length * length + offset
            arrays[one.name] = pa.array(buckets, pa.int64())
        elif one.name == COUNT and one.source is None:
            arrays[one.name] = pa.array(numpy.ones(len(times), numpy.int64))
        else:
            arrays[one.name] = changes.column(one.source or one.name)
    arrays[BLOCK] = changes.column(BLOCK)
    arrays[ORDER] = changes.column(ORDER)
    return pa.table(arrays)
