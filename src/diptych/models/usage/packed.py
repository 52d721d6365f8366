"""The tree of licensees in the database: nodes packed into blocks, and only changed blocks redone.

Level 0 holds the licensees sorted by key; a node is the 112 bytes that its parent hashes. `BLOCK`
nodes stand in one row. A new licensee moves all that sort behind it, so their blocks change; a
known one changes its own block. A block's parents stand in the block of half its number.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence

from diptych.core.database import Connection
from diptych.models.usage.tree import SPAN_BYTES, join_packed, unpacked
from diptych_verify.usage import Span

BLOCK = 128
_KEY_BYTES = 32


def put_leaves(connection: Connection, changed: Mapping[bytes, bytes]) -> int:
    """Put leaves into the tree and redo what stands above them; return how many levels it has.

    Args:
        connection: inside a transaction.
        changed: packed leaves by key, new ones or with new sums; at least one.

    Raises:
        NotIncluded: the stored leaves are not in order.
    """
    dirty = _merge(connection, changed)
    level = 0
    while node_at(connection, level, 1) is not None:
        dirty = sorted({block >> 1 for block in dirty})
        for block in dirty:
            below = b"".join(_block(connection, level, 2 * block + side) for side in (0, 1))
            _store(connection, level + 1, block, _parents(below))
        level += 1
    return level + 1


def node_at(connection: Connection, level: int, position: int) -> Span | None:
    """Return the node at a position, None beyond the end."""
    block, within = divmod(position, BLOCK)
    row = connection.execute(
        "SELECT substr(spans, ?, ?) FROM node WHERE level=? AND block=?",
        (within * SPAN_BYTES + 1, SPAN_BYTES, level, block),
    ).fetchone()
    return unpacked(row[0]) if row is not None and row[0] else None


def rank(connection: Connection, key: bytes) -> int:
    """Return how many licensees have a smaller key."""
    firsts = _first_keys(connection)
    block = bisect_right(firsts, key) - 1
    if block < 0:
        return 0
    below = sum(span[:_KEY_BYTES] < key for span in _spans(_block(connection, 0, block)))
    return block * BLOCK + below


def _merge(connection: Connection, changed: Mapping[bytes, bytes]) -> Sequence[int]:
    """Merge leaves into level 0; return the blocks that changed."""
    firsts = _first_keys(connection)
    by_block: dict[int, dict[bytes, bytes]] = {}
    for key, span in changed.items():
        by_block.setdefault(max(0, bisect_right(firsts, key) - 1), {})[key] = span
    dirty = []
    for block in sorted(by_block):
        spans = _merged(_block(connection, 0, block), by_block[block])
        if len(spans) > BLOCK:  # All blocks but the last are full: everything behind moves.
            rest = [_block(connection, 0, at) for at in range(block, len(firsts))]
            mine = {k: v for at in by_block if at >= block for k, v in by_block[at].items()}
            spans = _merged(b"".join(rest), mine)
        for at in range(0, len(spans), BLOCK):
            _store(connection, 0, block + at // BLOCK, spans[at : at + BLOCK])
            dirty.append(block + at // BLOCK)
        if len(spans) > BLOCK:
            break
    return dirty


def _merged(stored: bytes, mine: Mapping[bytes, bytes]) -> list[bytes]:
    keyed = {span[:_KEY_BYTES]: span for span in _spans(stored)}
    keyed.update(mine)
    return [keyed[key] for key in sorted(keyed)]


def _parents(below: bytes) -> list[bytes]:
    spans = _spans(below)
    above = [join_packed(spans[at], spans[at + 1]) for at in range(0, len(spans) - 1, 2)]
    return above + spans[len(above) * 2 :]


def _spans(joined: bytes) -> list[bytes]:
    return [joined[at : at + SPAN_BYTES] for at in range(0, len(joined), SPAN_BYTES)]


def _first_keys(connection: Connection) -> list[bytes]:
    rows = connection.execute(
        f"SELECT substr(spans, 1, {_KEY_BYTES}) FROM node WHERE level=0 ORDER BY block"
    )
    return [first for (first,) in rows]


def _block(connection: Connection, level: int, block: int) -> bytes:
    row = connection.execute(
        "SELECT spans FROM node WHERE level=? AND block=?", (level, block)
    ).fetchone()
    return b"" if row is None else bytes(row[0])


def _store(connection: Connection, level: int, block: int, spans: Iterable[bytes]) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO node VALUES (?,?,?)", (level, block, b"".join(spans))
    )
