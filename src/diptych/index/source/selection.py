"""Which logs of a table are wanted. Pure."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from diptych.index.blocks import LogSelector, Wanted

if TYPE_CHECKING:
    import pyarrow as pa


def select_logs(logs: "pa.Table", wanted: Wanted) -> "pa.Table":
    """Return the logs that are wanted, all of them where receipts are.

    Args:
        logs: of schema `logs_schema()`.
        wanted: what was asked for.
    """
    if wanted.receipts:
        return logs
    return _any(logs, wanted.logs)


def _any(logs: "pa.Table", selectors: Sequence[LogSelector]) -> "pa.Table":
    import pyarrow as pa
    import pyarrow.compute as pc

    if not selectors:
        return logs.slice(0, 0)
    if any(not selector.addresses and not selector.topics for selector in selectors):
        return logs
    kept = pa.array([False] * logs.num_rows, pa.bool_())
    for selector in selectors:
        found = pa.array([True] * logs.num_rows, pa.bool_())
        parts = (("address", selector.addresses), ("topic0", selector.topics))
        for name, values in parts:
            if values:
                column = logs.column(name)
                among = pc.is_in(column, pa.array(sorted(values), column.type))
                found = pc.and_(found, among)
        kept = pc.or_(kept, found)
    return logs.filter(kept)
