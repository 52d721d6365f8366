"""Running the server in a thread of its own, beside a run loop or alone."""

import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from diptych.app.http.index.application import application
from diptych.app.http.index.limits import ServerOptions
from diptych.app.http.index.live import Live
from diptych.app.http.index.standing import Standing
from diptych.core.errors import EnvironmentFault

_START_S = 30.0
_STOP_S = 10
_KEPT_S = 75
_CONNECTIONS = 1_024
_SWITCH_S = 0.001


class CannotServe(EnvironmentFault):
    """The index server cannot listen on its address."""

    code = "Index.CannotServe"


@dataclass
class Served:
    """A running server.

    Attributes:
        url: where it is asked.
        thread: its own; when it ends nothing is served any more.
        live: its subscriptions.
    """

    url: str
    thread: threading.Thread
    live: Live | None = None

    def changed(self) -> None:
        """Say that rows were committed or taken back."""
        if self.live is not None:
            self.live.changed()

    @property
    def ended(self) -> bool:
        """Whether it serves no more."""
        return not self.thread.is_alive()


@contextmanager
def served(standing: Standing, options: ServerOptions, *, token: str) -> Iterator[Served]:
    """Serve an index until the block ends; requests under way are answered first.

    Args:
        standing: what is served.
        options: how.
        token: known to who may read the index's folder.

    Raises:
        CannotServe: the address is taken, or is none of this machine.
    """
    listening = _listening(options)
    ready = threading.Event()
    found: list[Live] = []

    def begun(live: Live) -> None:
        found.append(live)
        ready.set()

    server = uvicorn.Server(_config(standing, options, token, begun))
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listening]}, name="server", daemon=True
    )
    # Threads that answer must not wait long for one that decodes.
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_S)
    thread.start()
    try:
        if not ready.wait(_START_S):
            raise CannotServe("the server did not start", hint="run it with another --port")
        yield Served(_url(options.host, listening), thread, found[0])
    finally:
        server.should_exit = True
        thread.join(_STOP_S + 5)
        listening.close()
        sys.setswitchinterval(before)


def _config(
    standing: Standing, options: ServerOptions, token: str, begun: Callable[[Live], None]
) -> uvicorn.Config:
    app = application(standing, options, token=token, begun=begun)
    return uvicorn.Config(
        app,
        loop="asyncio",
        ws="websockets-sansio",
        ws_max_size=options.limits.message_bytes,
        ws_per_message_deflate=False,
        lifespan="on",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=_CONNECTIONS,
        timeout_keep_alive=_KEPT_S,
        timeout_graceful_shutdown=_STOP_S,
    )


def _listening(options: ServerOptions) -> socket.socket:
    try:
        places = socket.getaddrinfo(options.host, options.port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, place = places[0]
        made = socket.socket(family, kind, protocol)
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind(place)
            made.listen(128)
        except OSError:
            made.close()
            raise
    except OSError as error:
        raise CannotServe(
            f"cannot listen on {options.host} port {options.port}: {error.strerror or error}",
            hint="another --port, or --port 0 for a free one",
        ) from error
    return made


def _url(host: str, listening: socket.socket) -> str:
    port = listening.getsockname()[1]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"
