"""`index run` and `index replay`: bring the rows of a manifest up to the chain's head."""

import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from diptych.app.verbs.index.origin import Origin, opened
from diptych.app.verbs.index.rows import forget_other_rows, open_rows
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue
from diptych.index.cache.source import CachedSource
from diptych.index.engine.home import IndexHome, Known
from diptych.index.engine.indexer import Counters, Indexer, IndexOptions
from diptych.index.manifest.loading import load_manifest
from diptych.index.source.source import Source
from diptych.index.store.opening import OpenedStore

if TYPE_CHECKING:
    from diptych.app.verbs.index.serving import Serving

Stop = Callable[[], bool]
_MAX_NOTICES = 100


@dataclass(frozen=True)
class RunReport:
    """What a run did.

    Attributes:
        name: of the index.
        source: where blocks came from, secrets masked.
        block: newest block that is indexed.
        head: newest block of the source.
        blocks: how many were added.
        events: how many were decoded.
        unread: how many could not be decoded.
        reorganisations: how many were followed.
        seconds: how long it took.
        notices: what went wrong and was got around, secrets masked.
    """

    name: str
    source: str
    block: int
    head: int
    blocks: int
    events: int
    unread: int
    reorganisations: int
    seconds: float
    notices: tuple[str, ...] = ()

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `--json` shows."""
        return {**vars(self), "notices": list(self.notices)}


@dataclass(frozen=True)
class Running:
    """How an index is run.

    Attributes:
        options: of the run loop.
        until: last block, None for the head.
        offline: take blocks from the cache alone.
        follow: go on until `stop`.
        stop: whether to end.
        serving: how to serve the rows meanwhile; it follows too.
    """

    options: IndexOptions = field(default_factory=IndexOptions)
    until: int | None = None
    offline: bool = False
    follow: bool = False
    stop: Stop = lambda: False
    serving: "Serving | None" = None


def run_index(
    workspace: Workspace, path: Path, origin: Origin, running: Running | None = None
) -> RunReport:
    """Index what a manifest asks for; errors keep what was stored before.

    Args:
        workspace: where the index stands.
        path: file of the manifest.
        origin: where blocks come from; not asked when `running.offline`.
        running: how.

    Raises:
        BadManifest: the file holds no manifest.
        Halted: a reorganisation reaches past the window.
        StoreBusy: another process runs this index.
    """
    how = running or Running()
    manifest = load_manifest(path)
    home = index_home(workspace, manifest.name)
    began = time.monotonic()
    window, notices = how.options.window, deque[str](maxlen=_MAX_NOTICES)
    source = _source(workspace, origin, how, notices.append)
    entities = list(manifest.entities.values())
    rows = open_rows(workspace, home, manifest.digest(), entities)
    with source as blocks, rows as store:
        cached = CachedSource(
            blocks, home.cache, offline=how.offline, window=window, notice=notices.append
        )
        indexer = Indexer(
            manifest, cached, store, how.options, cache=cached, progress=workspace.progress
        )
        known = Known(manifest.digest(), str(path.resolve()), cached.identity().name)
        _run(workspace, Started(home, store, indexer), known, how)
        seconds = time.monotonic() - began
        return _report(manifest.name, known.source, indexer.counters, (seconds, notices))


def _report(name: str, source: str, done: Counters, took: tuple[float, Iterable[str]]) -> RunReport:
    seconds, notices = took
    return RunReport(
        name=name,
        source=source,
        block=done.at,
        head=done.head,
        blocks=done.blocks,
        events=done.events,
        unread=done.unread,
        reorganisations=done.reorganisations,
        seconds=round(seconds, 3),
        notices=tuple(notices),
    )


class Started(NamedTuple):
    """An index about to run."""

    home: IndexHome
    store: OpenedStore
    indexer: Indexer


def _source(
    workspace: Workspace, origin: Origin, how: Running, notice: Callable[[str], None]
) -> AbstractContextManager[Source | None]:
    if how.offline:
        return nullcontext()
    stop = how.stop if how.follow else None
    return opened(workspace, origin, window=how.options.window, notice=notice, stop=stop)


def _run(workspace: Workspace, one: Started, known: Known, how: Running) -> None:
    if one.home.known() is None:
        one.home.switch(known)

    def caught_up() -> None:
        one.home.switch(known)
        forget_other_rows(workspace, one.home, known.digest)

    if how.serving is not None:
        from diptych.app.verbs.index.serving import follow_served

        follow_served(
            one.indexer,
            one.home,
            one.store,
            serving=how.serving,
            stop=how.stop,
            caught_up=caught_up,
        )
        return
    one.indexer.catch_up(until=how.until, stop=how.stop)
    caught_up()
    if how.follow:
        one.indexer.follow(stop=how.stop)


def index_home(workspace: Workspace, name: str) -> IndexHome:
    """Return where an index stands."""
    return IndexHome(workspace.place.index / name)
