"""Which records seal a file: digests of all public manifests, indexed when first asked for.

A manifest is read once, from the object store, which verifies it. One that is not kept here is
tried again at every catch-up and counted, so that an answer says what it could not look into.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from diptych.core.database import Connection, transaction
from diptych.core.errors import DiptychError
from diptych.core.progress import ProgressFactory, silent
from diptych.provenance.objects import BlobStore, object_stream
from diptych_verify.manifest import read_manifest

DIGEST_BYTES = 16
"""Of a digest so much is kept: to find a second file with the same takes 2^64 tries."""
_MANIFESTS_AT_ONCE = 1_000


@dataclass(frozen=True)
class FilesCaughtUp:
    """How many manifests were read now, and how many cannot be read here."""

    added: int
    unreadable: int


def catch_up_files(
    connection: Connection, objects: BlobStore, *, progress: ProgressFactory = silent
) -> FilesCaughtUp:
    """Index the files of manifests that are new in the graph.

    Args:
        connection: the graph file, caught up with the log.
        objects: where manifests are kept.
        progress: shows the manifests done.
    """
    _list_manifests(connection)
    waiting = connection.execute("SELECT id, object FROM manifests WHERE lines IS NULL").fetchall()
    added = 0
    with progress("indexing files", total=len(waiting), unit="manifest") as task:
        for number, digest in waiting:
            try:
                rows = list(_rows(objects, number, digest))
            except DiptychError:
                continue
            finally:
                task.advance(1)
            with transaction(connection):
                connection.executemany("INSERT OR IGNORE INTO files VALUES (?, ?)", rows)
                connection.execute("UPDATE manifests SET lines=? WHERE id=?", (len(rows), number))
            added += 1
    return FilesCaughtUp(added, len(waiting) - added)


def records_with(connection: Connection, digest: bytes, *, size: int) -> list[int]:
    """Return the indexes below `size` of the records whose public manifest holds a digest."""
    rows = connection.execute(
        "SELECT n.idx FROM files f JOIN manifests m ON m.id = f.manifest"
        " JOIN nodes n ON n.manifest = m.object WHERE f.digest = ? AND n.idx < ? ORDER BY n.idx",
        (digest[:DIGEST_BYTES], size),
    ).fetchall()
    return [int(index) for (index,) in rows]


def _list_manifests(connection: Connection) -> None:
    """Note the manifests of records that are new since the last time."""
    while True:
        with transaction(connection):
            done, size = connection.execute("SELECT files, size FROM state").fetchone()
            if done >= size:
                return
            rows = connection.execute(
                "SELECT idx, manifest FROM nodes WHERE idx >= ? AND manifest IS NOT NULL"
                f" ORDER BY idx LIMIT {_MANIFESTS_AT_ONCE}",
                (done,),
            ).fetchall()
            connection.executemany(
                "INSERT OR IGNORE INTO manifests (object) VALUES (?)",
                [(manifest,) for _, manifest in rows],
            )
            full = len(rows) == _MANIFESTS_AT_ONCE
            connection.execute("UPDATE state SET files=?", (rows[-1][0] + 1 if full else size,))


def _rows(objects: BlobStore, number: int, digest: bytes) -> Iterator[tuple[bytes, int]]:
    for entry in read_manifest(object_stream(objects, digest.hex())):
        for one in entry.digests:
            yield one[:DIGEST_BYTES], number
