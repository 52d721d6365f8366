"""`index status` and `index query`: what an index holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from diptych.app.verbs.index.rows import open_rows
from diptych.app.verbs.index.run import index_home
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue
from diptych.index.engine.home import IndexHome
from diptych.index.store.digest import store_digest
from diptych.index.store.store import QueryLimits
from diptych.index.store.tables import quoted

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class IndexStatus:
    """What an index holds.

    Attributes:
        name: of the index.
        source: where its blocks came from, secrets masked.
        manifest: path of its manifest.
        block: newest block that is indexed, -1 before the first.
        block_hash: its hash, 0x text.
        timestamp_s: its time.
        rows: rows that stand now, by table.
        unread: events that could not be decoded.
        store_bytes: size of its rows on disk, None if they stand elsewhere.
        cache_bytes: size of its raw cache.
        digest: SHA-256 over all rows, None if it was not asked for.
    """

    name: str
    source: str
    manifest: str
    block: int
    block_hash: str
    timestamp_s: int
    rows: dict[str, int]
    unread: int
    store_bytes: int | None
    cache_bytes: int
    digest: str | None = None

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `--json` shows."""
        return {**vars(self), "rows": {**self.rows}}


def index_names(workspace: Workspace) -> list[str]:
    """Return the names of the indexes of a workspace."""
    folder = workspace.place.index
    found = (IndexHome(one) for one in sorted(folder.iterdir())) if folder.is_dir() else ()
    return [one.name for one in found if one.known() is not None]


def index_status(workspace: Workspace, name: str, *, digest: bool = False) -> IndexStatus:
    """Return what an index holds.

    Args:
        workspace: where the index stands.
        name: of the index.
        digest: whether to digest all its rows, which reads every one.

    Raises:
        NoIndex: there is none of this name.
        StoreBusy: another process owns it and has no server.
    """
    home = index_home(workspace, name)
    known = home.require()
    path = home.rows(known.digest)
    with open_rows(workspace, home, known.digest, None) as store, store.snapshot() as seen:
        cursor = seen.cursor()
        rows = {}
        for one in store.entities:
            counted = seen.query(
                f"select count(*) as n from {quoted(one.table)} where _to is null"
            ).to_pylist()
            rows[one.table] = counted[0]["n"]
        unread = seen.query("select count(*) as n from _unread").to_pylist()[0]["n"]
        found = store_digest(seen, store.entities) if digest else None
    return IndexStatus(
        name=name,
        source=known.source,
        manifest=known.manifest,
        block=-1 if cursor is None else cursor.block.number,
        block_hash="" if cursor is None else "0x" + cursor.block.hash.hex(),
        timestamp_s=0 if cursor is None else cursor.block.timestamp_s,
        rows=rows,
        unread=unread,
        store_bytes=path.stat().st_size if path.is_file() else None,
        digest=found.digest if found else None,
        cache_bytes=sum(one.stat().st_size for one in home.cache.rglob("*") if one.is_file()),
    )


def index_query(
    workspace: Workspace,
    name: str,
    sql: str,
    parameters: Sequence[object] = (),
    *,
    limits: QueryLimits | None = None,
) -> "pa.Table":
    """Answer one SELECT over an index; amounts come as decimal text.

    Raises:
        NoIndex: there is none of this name.
        QueryRefused: it is no single SELECT, is wrong, or costs too much.
    """
    home = index_home(workspace, name)
    with (
        open_rows(workspace, home, home.require().digest, None) as store,
        store.snapshot() as seen,
    ):
        return seen.query(sql, parameters, limits=limits)
