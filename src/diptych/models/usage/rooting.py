"""Making a root: new uses go into their licensees' trees, those into one tree over all of them.

The work grows with what is new: only licensees with new uses get a new leaf.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from diptych.core.database import Connection
from diptych.models.usage.packed import node_at, put_leaves
from diptych.models.usage.record import UsageRecord, leaf_entry
from diptych_verify.merkle import HASH_BYTES, Frontier, leaf_hashes
from diptych_verify.usage import LicenseeTotal, Span, entry_span, usage_root

_CHUNK = 50_000


@dataclass(frozen=True)
class UsageRoot:
    """All usage up to a moment.

    Attributes:
        number: counts roots from 1.
        upto: the newest use below it.
        root: 32 bytes.
        count: records below it.
        units: units below it.
        licensees: how many there are.
        first_s: earliest time of the records that are new under this root.
        last_s: latest time of those.
        record: hex record id of the usage statement; empty until it is logged.
    """

    number: int
    upto: int
    root: bytes
    count: int
    units: int
    licensees: int
    first_s: int
    last_s: int
    record: str = ""


@dataclass
class _Running:
    """A licensee's tree while records are added."""

    name: str
    count: int
    units: int
    frontier: Frontier
    last: bytes
    last_proof: tuple[bytes, ...]
    new: list[bytes]

    def total(self) -> LicenseeTotal:
        return LicenseeTotal(self.name, self.count, self.units, self.frontier.root())


def make_root(connection: Connection, before: UsageRoot | None) -> UsageRoot | None:
    """Sort new uses into their licensees' trees and store a root over all; None if none is new.

    Args:
        connection: of the usage store, inside a transaction.
        before: the newest root, None before the first.
    """
    upto, running = before.upto if before else 0, dict[int, _Running]()
    first_s = last_s = -1
    for rows in _new_uses(connection, upto):
        upto = rows[-1][0]
        times = [row[4] for row in rows]
        first_s = min(times) if first_s < 0 else min(first_s, *times)
        last_s = max(last_s, *times)
        _sort_in(connection, running, rows)
    if not running:
        return None
    _save(connection, running)
    new = (state.total() for state in running.values())
    top = _put(connection, new)
    licensees = connection.execute("SELECT count(*) FROM total").fetchone()[0]
    made = UsageRoot(0, upto, usage_root(top), top.count, top.units, licensees, first_s, last_s)
    cursor = connection.execute(
        "INSERT INTO root (upto, root, count, units, licensees, first_time, last_time)"
        " VALUES (?,?,?,?,?,?,?) RETURNING id",
        (upto, made.root, made.count, made.units, made.licensees, first_s, last_s),
    )
    return replace(made, number=int(cursor.fetchone()[0]))


def _new_uses(
    connection: Connection, upto: int
) -> Iterator[list[tuple[int, int, str, str, int, int]]]:
    while True:
        rows = connection.execute(
            "SELECT use.id, licensee, a.text, b.text, time, units FROM use"
            " JOIN word a ON a.id=asset JOIN word b ON b.id=action"
            " WHERE use.id>? ORDER BY use.id LIMIT ?",
            (upto, _CHUNK),
        ).fetchall()
        if not rows:
            return
        yield rows
        upto = rows[-1][0]


def _sort_in(
    connection: Connection,
    running: dict[int, _Running],
    rows: Sequence[tuple[int, int, str, str, int, int]],
) -> None:
    for _, number, asset, action, time_s, units in rows:
        state = running.get(number)
        if state is None:
            state = running[number] = _load(connection, number)
        state.units += units
        record = UsageRecord(state.name, asset, action, time_s, units)
        state.new.append(leaf_entry(record, state.count, state.units))
        state.count += 1
    for number in {row[1] for row in rows}:
        _extend(running[number])


def _load(connection: Connection, number: int) -> _Running:
    row = connection.execute(
        "SELECT text, count, units, frontier, last, last_proof FROM word"
        " LEFT JOIN total ON licensee=word.id WHERE word.id=?",
        (number,),
    ).fetchone()
    if row[1] is None:
        return _Running(row[0], 0, 0, Frontier(), b"", (), [])
    frontier = Frontier(row[1], stored_hashes(row[3]))
    return _Running(row[0], row[1], row[2], frontier, row[4], stored_hashes(row[5]), [])


def _save(connection: Connection, running: dict[int, _Running]) -> None:
    connection.executemany(
        "INSERT OR REPLACE INTO total VALUES (?,?,?,?,?,?)",
        (
            (
                number,
                state.count,
                state.units,
                b"".join(state.frontier.nodes),
                state.last,
                b"".join(state.last_proof),
            )
            for number, state in running.items()
        ),
    )


def rebuild_nodes(connection: Connection) -> None:
    """Make the tree over all licensees from their totals."""
    rows = connection.execute(
        "SELECT text, count, units, frontier FROM total JOIN word ON word.id=licensee"
    ).fetchall()
    if rows:
        _put(
            connection,
            (
                LicenseeTotal(text, count, units, Frontier(count, stored_hashes(nodes)).root())
                for text, count, units, nodes in rows
            ),
        )


def _put(connection: Connection, totals: Iterable[LicenseeTotal]) -> Span:
    """Put licensees' totals into the tree and return its top."""
    spans = map(entry_span, totals)
    levels = put_leaves(connection, {span.first: span.encoded() for span in spans})
    top = node_at(connection, levels - 1, 0)
    assert top is not None
    return top


def _extend(state: _Running) -> None:
    """Move new records into the licensee's tree, keeping the path of the newest one.

    The path of the last leaf of a tree is the frontier of all leaves before it, smallest first.
    """
    leaves = leaf_hashes(state.new)
    state.frontier.extend(leaves[:-1])
    state.last, state.last_proof = state.new[-1], tuple(reversed(state.frontier.nodes))
    state.frontier.append(leaves[-1])
    state.new.clear()


def stored_hashes(joined: bytes) -> tuple[bytes, ...]:
    """Cut stored hashes into 32 bytes each."""
    return tuple(joined[at : at + HASH_BYTES] for at in range(0, len(joined), HASH_BYTES))
