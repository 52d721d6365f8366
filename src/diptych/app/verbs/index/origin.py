"""Where an index takes its blocks from: endpoints, a chain profile, or files."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from diptych.app.workspace import Workspace
from diptych.core.errors import UsageError
from diptych.index.source.source import Source

Notice = Callable[[str], None]
Stop = Callable[[], bool]


class NoOrigin(UsageError):
    """Blocks are asked of nothing, or of two different things."""

    code = "Index.NoOrigin"


@dataclass(frozen=True)
class Origin:
    """Where blocks come from; at most one of the three, by default the settings' chain profile.

    Attributes:
        urls: JSON-RPC endpoints of one chain; later ones step in when earlier ones fail. Those
            with `ws://` or `wss://` only tell of new heads.
        paths: era1 files, recordings, or folders of them.
        profile: name of a chain profile.
        quorum: how many of the endpoints must tell the same rows.
    """

    urls: Sequence[str] = ()
    paths: Sequence[Path] = ()
    profile: str | None = None
    quorum: int = 1


def open_origin(
    workspace: Workspace,
    origin: Origin,
    *,
    verified: bool = True,
    notice: Notice = lambda _: None,
) -> Source:
    """Open what blocks come from.

    Raises:
        NoOrigin: two kinds are given.
        LedgerError: it cannot be read.
    """
    if sum(map(bool, (origin.urls, origin.paths, origin.profile))) > 1:
        raise NoOrigin("got endpoints, files and a chain profile, expected one of them")
    if origin.paths:
        return _files(origin.paths, verified=verified)
    return _endpoints(workspace, origin, notice)


@contextmanager
def opened(
    workspace: Workspace,
    origin: Origin,
    *,
    window: int,
    notice: Notice,
    stop: Stop | None = None,
) -> Iterator[Source]:
    """Give what blocks come from; endpoints are asked for the next span ahead of time.

    Args:
        workspace: whose settings and chain profiles.
        origin: where blocks come from.
        window: blocks that a reorganisation may take back.
        notice: told when an endpoint fails and others are asked.
        stop: whether to give up waiting for endpoints that are away; None not to wait.

    Raises:
        NoOrigin: two kinds are given.
        LedgerError: it cannot be read.
    """
    source = open_origin(workspace, origin, verified=True, notice=notice)
    if origin.paths:
        yield source
        return
    from diptych.index.source.ahead import AheadSource
    from diptych.index.source.patient import PatientSource

    leaving = Event()
    if stop is not None:
        asked = stop
        source = PatientSource(source, stop=lambda: leaving.is_set() or asked(), notice=notice)
    with AheadSource(source, window=window) as ahead:
        try:
            yield ahead
        finally:
            leaving.set()


def _files(paths: Sequence[Path], *, verified: bool) -> Source:
    from diptych.index.source.era1.source import Era1Source
    from diptych.index.source.recording.json_source import JsonRecording
    from diptych.index.source.recording.parquet_source import ParquetRecording

    first = paths[0]
    if first.is_dir() and next(first.glob("*.parquet"), None) is not None:
        return ParquetRecording(first)
    if first.suffix == ".era1" or (first.is_dir() and next(first.rglob("*.era1"), None)):
        return Era1Source(paths, verified=verified)
    return JsonRecording(first)


def _endpoints(workspace: Workspace, origin: Origin, notice: Notice) -> Source:
    from diptych.app.verbs.ledger import profile_book
    from diptych.index.source.rpc.opening import open_endpoints
    from diptych.index.source.rpc.source import RpcSourceOptions

    timeout_s = workspace.settings.chain.timeout_s
    if origin.urls:
        return open_endpoints(origin.urls, quorum=origin.quorum, timeout_s=timeout_s, notice=notice)
    name = origin.profile or workspace.settings.chain.profile
    profile = profile_book(workspace).get(name)
    chain_id = profile.chain_id
    if profile.plugin == "embedded":
        from diptych.app.verbs.ledger import anvil_path
        from diptych.ledger.devchain.control import ensure_running

        running = ensure_running(workspace.place.chain, anvil=anvil_path(workspace))
        url, chain_id = running.url, running.chain_id
    else:
        url = profile.resolved_url()
    options = RpcSourceOptions(chain_id=chain_id)
    return open_endpoints([url], options, quorum=origin.quorum, timeout_s=timeout_s)
