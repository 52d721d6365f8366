"""Making a root: new uses go into their licensees' trees, and one tree over all licensees."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from diptych.core.database import Connection
from diptych.models.usage.record import UsageRecord, leaf_entry
from diptych.models.usage.tree import build_levels
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
    levels = build_levels(_entries(connection))
    _replace_nodes(connection, levels)
    top = levels[-1][0]
    made = UsageRoot(
        0, upto, usage_root(top), top.count, top.units, len(levels[0]), first_s, last_s
    )
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
    for state in running.values():
        _extend(state)


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


def _entries(connection: Connection) -> list[Span]:
    rows = connection.execute(
        "SELECT text, count, units, frontier FROM total JOIN word ON word.id=licensee"
    )
    spans = [
        entry_span(LicenseeTotal(text, count, units, Frontier(count, stored_hashes(nodes)).root()))
        for text, count, units, nodes in rows
    ]
    return sorted(spans, key=lambda span: span.first)


def _replace_nodes(connection: Connection, levels: Sequence[Sequence[Span]]) -> None:
    connection.execute("DELETE FROM node")
    connection.executemany(
        "INSERT INTO node VALUES (?,?,?,?,?,?,?)",
        (
            (level, position, one.first, one.last, one.count, one.units, one.hash)
            for level, row in enumerate(levels)
            for position, one in enumerate(row)
        ),
    )


def _extend(state: _Running) -> None:
    """Move new records into the licensee's tree, keeping the path of the newest one.

    The path of the last leaf of a tree is the frontier of all leaves before it, smallest first.
    """
    if not state.new:
        return
    leaves = leaf_hashes(state.new)
    state.frontier.extend(leaves[:-1])
    state.last, state.last_proof = state.new[-1], tuple(reversed(state.frontier.nodes))
    state.frontier.append(leaves[-1])
    state.new.clear()


def stored_hashes(joined: bytes) -> tuple[bytes, ...]:
    """Cut stored hashes into 32 bytes each."""
    return tuple(joined[at : at + HASH_BYTES] for at in range(0, len(joined), HASH_BYTES))
