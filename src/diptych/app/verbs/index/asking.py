"""`index status` and `index query`: what an index holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from diptych.app.verbs.index.rows import open_rows
from diptych.app.verbs.index.run import index_home
from diptych.app.verbs.index.server import running_server
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue
from diptych.index.engine.home import IndexHome
from diptych.index.query.held import held
from diptych.index.store.store import QueryLimits

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
        url: of the server that owns it, None if none runs.
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
    url: str | None = None

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
    server = running_server(home)
    if server is not None:
        found = server.held(digest=digest)
    else:
        with open_rows(workspace, home, known.digest, None) as store, store.snapshot() as seen:
            found = held(seen, store.entities, digest=digest)
    return IndexStatus(
        name=name,
        source=known.source,
        manifest=known.manifest,
        block=found.block,
        block_hash=found.block_hash,
        timestamp_s=found.timestamp_s,
        rows=found.rows,
        unread=found.unread,
        store_bytes=path.stat().st_size if path.is_file() else None,
        digest=found.digest,
        url=None if server is None else server.record.url,
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
    digest = home.require().digest
    server = running_server(home)
    if server is not None:
        return server.query(sql, parameters, limits or QueryLimits())
    with (
        open_rows(workspace, home, digest, None) as store,
        store.snapshot() as seen,
    ):
        return seen.query(sql, parameters, limits=limits)
