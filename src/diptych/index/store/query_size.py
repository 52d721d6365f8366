"""How much a query may give."""

from diptych.index.store.errors import QueryRefused
from diptych.index.store.store import QueryLimits


def check_size(limits: QueryLimits, rows: int, size: int) -> None:
    """Check what a query gave so far.

    Raises:
        QueryRefused: it is too much.
    """
    if rows > limits.rows:
        raise QueryRefused(
            f"the query gives more than {limits.rows:,} rows", hint="add a LIMIT, or a WHERE"
        )
    if size > limits.bytes:
        raise QueryRefused(
            f"the query gives more than {limits.bytes:,} bytes", hint="ask for fewer columns"
        )
