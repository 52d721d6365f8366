"""`index serve`, and the server beside `index run`."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from diptych.app.http.index.limits import ServerOptions
from diptych.app.http.index.serving import CannotServe, Served, served
from diptych.app.http.index.standing import Running, Standing
from diptych.app.verbs.index.rows import open_rows
from diptych.app.verbs.index.server import recorded
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue
from diptych.index.engine.home import IndexHome
from diptych.index.engine.indexer import Indexer
from diptych.index.manifest.loading import load_manifest
from diptych.index.store.opening import OpenedStore

Stop = Callable[[], bool]
_LOOK_S = 0.1


@dataclass(frozen=True)
class Serving:
    """How an index is served.

    Attributes:
        options: of the server.
        announce: told the URL once it answers.
    """

    options: ServerOptions
    announce: Callable[[str], None]


@dataclass(frozen=True)
class ServeReport:
    """What was served.

    Attributes:
        name: of the index.
        url: where.
        seconds: how long.
    """

    name: str
    url: str
    seconds: float

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `--json` shows."""
        return {**vars(self)}


def serve_index(workspace: Workspace, name: str, serving: Serving, stop: Stop) -> ServeReport:
    """Serve the rows of an index as they stand, until `stop`.

    Args:
        workspace: where the index stands.
        name: of the index, or the path of its manifest.
        serving: how.
        stop: asked every tenth of a second.

    Raises:
        NoIndex: there is none of this name.
        StoreBusy: another process owns it.
        CannotServe: the address is taken.
    """
    home = IndexHome(workspace.place.index / index_name(name))
    began = time.monotonic()
    with (
        open_rows(workspace, home, home.require().digest, None) as store,
        beside(home, store, serving) as one,
    ):
        while not (stop() or one.ended):
            time.sleep(_LOOK_S)
        _require(one)
        return ServeReport(home.name, one.url, round(time.monotonic() - began, 3))


@contextmanager
def beside(
    home: IndexHome, store: OpenedStore, serving: Serving, running: Running | None = None
) -> Iterator[Served]:
    """Serve a store until the block ends, and say so in `server.json`.

    Raises:
        CannotServe: the address is taken.
    """
    token = secrets.token_urlsafe(32)
    standing = Standing(home.name, store, running, serving.options.max_lag)
    with served(standing, serving.options, token=token) as one, recorded(home, one.url, token):
        serving.announce(one.url)
        yield one


def follow_served(
    indexer: Indexer,
    home: IndexHome,
    store: OpenedStore,
    *,
    serving: Serving,
    stop: Stop,
    caught_up: Callable[[], None],
) -> None:
    """Index for ever and serve meanwhile, until `stop`; errors are those of the run loop.

    Args:
        indexer: of the store.
        home: of the index.
        store: where rows go.
        serving: how to serve.
        stop: whether to end.
        caught_up: called once, when the rows reached the head.

    Raises:
        CannotServe: the address is taken, or the server ended.
    """
    running = Running(indexer.counters, time.monotonic())
    with beside(home, store, serving, running) as one:

        def ending() -> bool:
            running.heard_s = time.monotonic()
            return stop() or one.ended

        indexer.catch_up(stop=ending)
        one.changed()
        if not ending():
            caught_up()
            indexer.follow(stop=ending, on_step=one.changed)
        _require(one)


def index_name(given: str) -> str:
    """Return the name of an index, given it or the path of its manifest.

    Raises:
        BadManifest: the file holds no manifest.
    """
    path = Path(given)
    return load_manifest(path).name if path.suffix and path.is_file() else given


def _require(one: Served) -> None:
    if one.ended:
        raise CannotServe("the server ended by itself", hint="run it again")
