"""Private tables under power cuts: what was sealed can be read, what was erased stays erased."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.powercut.campaign import Broken
from tests.powercut.disk import SimulatedDisk, write_image
from tests.powercut.files import recorded_files
from tests.powercut.sqlite import simulated_sqlite

from diptych.core.database import Connect, connect_sqlite
from diptych.provenance.objects import LocalObjects
from diptych.provenance.private.table import (
    DataKeys,
    Erasure,
    OpenedTable,
    TableContent,
    TableEraser,
    TableStore,
    TableStores,
    seal_rows,
)
from diptych.provenance.private.table.cells import Cell

MODULES = (
    "diptych.core.database",
    "diptych.core.files",
    "diptych.provenance.objects.local",
)
COLUMNS = ("who", "visit", "note")
_MASTER = bytes(range(32))
_PRIVATE = "private"
Rows = dict[str, list[tuple[Cell, ...]]]


@dataclass(frozen=True)
class Sealed:
    """`seal_rows` returned: rows by subject."""

    root: bytes
    rows: Rows = field(repr=False)


@dataclass(frozen=True)
class Erased:
    """An erasure was begun; once `done`, it must be for ever.

    Attributes:
        root: the table.
        subject: of whom.
        column: the field that goes in all rows of it, empty for the rows themselves.
        secret: bytes of the key store that must be nowhere any more.
        done: whether it had returned.
    """

    root: bytes
    subject: str
    column: str
    secret: bytes = field(repr=False)
    done: bool


class TableStory:
    """Tables sealed, subjects and fields erased, with what was cut off finished at the start.

    Args:
        synchronous: `OFF` or `NORMAL` weaken SQLite behind the stores' back.
        ignored: syncs of plain files that the disk does not wait for; see `RecordingOs`.
    """

    def __init__(self, *, synchronous: str = "FULL", ignored: Collection[str] = ()) -> None:
        self._synchronous = synchronous
        self._ignored = ignored

    def live(self, disk: SimulatedDisk, random: Random) -> None:
        """Seal and erase at random."""
        with (
            simulated_sqlite(disk, random, synchronous=self._synchronous) as sqlite,
            recorded_files(disk, *MODULES, ignored=self._ignored),
        ):
            stores = _opened(disk.root, sqlite.connect)
            for root in stores.keys.roots():
                _finish(root, stores)
            for _ in range(random.randint(1, 3)):
                if random.random() < 0.5 or not stores.keys.roots():
                    _seal(disk, stores, random)
                else:
                    _erase(disk, stores, random)

    def hold(self, image: dict[str, bytes], promises: list[object]) -> None:
        """Finish what was cut off, and read everything that should be left."""
        with TemporaryDirectory() as folder:
            write_image(Path(folder), image)
            _hold(Path(folder), promises)
        # A key that is gone must not lie in any file, not even in one that nobody reads.
        kept = b"\0".join(image.values())
        for promise in promises:
            if isinstance(promise, Erased) and promise.done and promise.secret in kept:
                raise Broken(f"the key of {promise.subject} was erased and lies in a file")

    def counted(self, promise: object) -> dict[str, int]:
        """Return the rows that were sealed and the erasures that were done."""
        if isinstance(promise, Sealed):
            return {"rows": sum(map(len, promise.rows.values()))}
        done = isinstance(promise, Erased) and promise.done
        return {"erasures": 1} if done else {}


def _opened(root: Path, connect: Connect) -> TableStores:
    folder = root / _PRIVATE
    return TableStores(
        LocalObjects(root / "objects"),
        TableStore(folder, connect=connect),
        DataKeys(folder, _MASTER, connect=connect),
    )


def _finish(root: bytes, stores: TableStores) -> None:
    """Finish what was cut off, as the next command does; its record stands in the log then."""
    eraser = TableEraser(OpenedTable(root, stores), stores)
    eraser.finish()
    eraser.settle()


def _seal(disk: SimulatedDisk, stores: TableStores, random: Random) -> None:
    rows: Rows = {}
    for number in range(random.choice((1, 2, 5, 40))):
        name = f"P{random.randrange(6)}" if number else "P0"
        rows.setdefault(name, []).append((name, number, random.randbytes(8).hex()))
    content = TableContent(COLUMNS, (row for each in rows.values() for row in each), "who")
    disk.acknowledge(Sealed(seal_rows(content, stores).root, rows))


def _erase(disk: SimulatedDisk, stores: TableStores, random: Random) -> None:
    table = OpenedTable(random.choice(sorted(stores.keys.roots())), stores)
    subjects = sorted(table.subjects(), key=lambda one: one.name)
    if not subjects:
        return
    subject = random.choice(subjects)
    column = random.choice(("", "note"))
    if column and any(2 in one.row.gone for one in table.rows_of(subject)):
        column = ""
    (secret,) = stores.keys._connection.execute(
        "SELECT body FROM subjects WHERE id=?", (subject.id,)
    ).fetchone()
    promise = (table.root, subject.name, column, bytes(secret))
    disk.acknowledge(Erased(*promise, done=False))
    eraser = TableEraser(table, stores)
    eraser.erase([Erasure(subject, columns=(column,) if column else ())])
    disk.acknowledge(Erased(*promise, done=True))
    if random.random() < 0.7:
        eraser.settle()


def _hold(root: Path, promises: list[object]) -> None:
    sealed = [promise for promise in promises if isinstance(promise, Sealed)]
    stores = _opened(root, connect_sqlite)
    try:
        for table in stores.keys.roots():
            _finish(table, stores)
        for promise in sealed:
            about = [one for one in promises if isinstance(one, Erased)]
            _hold_table(promise, [one for one in about if one.root == promise.root], stores)
    finally:
        stores.close()


def _hold_table(sealed: Sealed, erased: list[Erased], stores: TableStores) -> None:
    table = OpenedTable(sealed.root, stores)
    for name, rows in sealed.rows.items():
        ours = [one for one in erased if one.subject == name]
        found = stores.keys.find(sealed.root, name)
        if found is None:
            if not any(not one.column for one in ours):
                raise Broken(f"the rows of {name} are gone")
            continue
        if any(one.done and not one.column for one in ours):
            raise Broken(f"{name} was erased and is back")
        opened = sorted(one.cells for one in table.rows_of(found))
        without = sorted((row[0], row[1], None) for row in rows)
        gone = any(one.done and one.column for one in ours)
        allowed = [without] if gone else [sorted(rows)] + [without] * any(o.column for o in ours)
        if opened not in allowed:
            raise Broken(f"the rows of {name} are not what was sealed, or a field is back")
