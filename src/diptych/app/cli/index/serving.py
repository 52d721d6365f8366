"""`diptych index serve`, and its options for `run --serve`."""

import functools
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.given import REFERENCE

P = ParamSpec("P")
R = TypeVar("R")
_PORT = 8080
_MAX_LAG = 10
_GIVEN = ("host", "port", "sql", "origins", "hosts")
_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on."),
    click.option(
        "--port",
        type=click.IntRange(0, 65_535),
        default=_PORT,
        show_default=True,
        help="Port to listen on; 0 takes a free one.",
    ),
    click.option("--sql", is_flag=True, help="Answer SQL to everybody on this machine."),
    click.option(
        "--allow-origin",
        "origins",
        multiple=True,
        metavar="ORIGIN",
        help="Let pages of this origin ask; may be repeated.",
    ),
    click.option(
        "--allow-host",
        "hosts",
        multiple=True,
        metavar="NAME",
        help="Answer to this host name too; may be repeated.",
    ),
    click.option(
        "--max-lag",
        type=click.IntRange(min=0),
        default=_MAX_LAG,
        show_default=True,
        help="Blocks behind the head up to which /health answers 200.",
    ),
)


def with_server(function: Callable[..., R]) -> Callable[..., R]:
    """Add the options of a server; the function gets one `serving`."""

    @functools.wraps(function)
    def run(*, max_lag: int, **options: Any) -> R:
        from diptych.app.http.index.limits import ServerOptions
        from diptych.app.verbs.index.serving import Serving

        given = {name: options.pop(name) for name in _GIVEN}
        asked = ServerOptions(**given, max_lag=max_lag)
        return function(serving=Serving(asked, announced), **options)

    for option in reversed(_OPTIONS):
        run = option(run)
    return run


def announced(url: str) -> None:
    """Say where it is served, at once and on its own line."""
    click.echo(f"serving at {url} until Ctrl-C", err=True)


@click.command()
@click.argument("name", type=REFERENCE, metavar="NAME|MANIFEST")
@framed
@with_server
def serve(*, name: str, serving: Any) -> Output:
    """Answer GraphQL, SQL and subscriptions over an index as it stands.

    `diptych index run MANIFEST --serve` serves and goes on indexing.

    Example: diptych index serve tokens --port 8080
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.index.serving import serve_index

    with until_signalled() as stop:
        found = serve_index(open_workspace(), name, serving, stop)
    return Output(found.to_json(), f"served {found.name} for {found.seconds:.0f} s")


@contextmanager
def until_signalled() -> Iterator[Callable[[], bool]]:
    """Give what says whether Ctrl-C or SIGTERM came; the second one ends at once."""
    came: list[float] = []

    def note(*_: object) -> None:
        if came:
            raise KeyboardInterrupt
        came.append(time.monotonic())

    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(one, note) for one in signals]
    try:
        yield lambda: bool(came)
    finally:
        for one, earlier in zip(signals, before, strict=True):
            signal.signal(one, earlier)
