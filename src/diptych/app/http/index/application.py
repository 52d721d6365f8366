"""The ASGI application of an index."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from diptych.app.http.index.answering import Answering
from diptych.app.http.index.guard import Guard
from diptych.app.http.index.limits import ServerOptions
from diptych.app.http.index.live import Live
from diptych.app.http.index.metrics import Metrics
from diptych.app.http.index.routes import Routes
from diptych.app.http.index.standing import Standing
from diptych.app.http.index.transport import PROTOCOL, Connection

_TRY_AGAIN = 1013


def application(
    standing: Standing,
    options: ServerOptions,
    *,
    token: str,
    begun: Callable[[Live], None] = lambda _: None,
) -> Starlette:
    """Return the application that serves one index.

    Args:
        standing: what is served.
        options: how.
        token: known to who may read the index's folder.
        begun: given the subscriptions once the server's loop runs.
    """
    metrics = Metrics()
    answering = Answering(standing.store, options.limits, metrics)
    routes = Routes(answering, standing, options, metrics, token)
    sockets = _Sockets(answering, options, metrics)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        running = standing.running
        steps: Callable[[], int] = (
            (lambda: 0) if running is None else lambda: running.counters.steps
        )
        live = sockets.live = Live(answering, steps, options.limits.subscriptions)
        begun(live)
        telling = asyncio.create_task(live.run())
        yield
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling
        answering.close()

    guard = [Middleware(Guard, options=options)]
    if options.origins:
        guard.append(
            Middleware(
                CORSMiddleware,
                allow_origins=list(options.origins),
                allow_methods=["GET", "POST"],
                allow_headers=["content-type"],
            )
        )
    return Starlette(routes=_paths(routes, sockets), middleware=guard, lifespan=lifespan)


def _paths(routes: Routes, sockets: "_Sockets") -> list[Route | WebSocketRoute]:
    answered = routes.answered
    return [
        Route("/graphql", answered(routes.graphql), methods=["GET", "POST"]),
        WebSocketRoute("/graphql", sockets.serve),
        Route("/sql", answered(routes.sql), methods=["POST"]),
        Route("/health", answered(routes.health)),
        Route("/metrics", answered(routes.measured)),
        Route("/schema.graphql", answered(routes.schema)),
        Route("/held", answered(routes.held)),
        Route("/owner", answered(routes.owner)),
        Route("/", answered(routes.page)),
        Route("/page.js", answered(routes.page)),
        Route("/page.css", answered(routes.page)),
    ]


class _Sockets:
    """Accepts WebSocket clients, up to a number."""

    def __init__(self, answering: Answering, options: ServerOptions, metrics: Metrics) -> None:
        self._answering = answering
        self._limits = options.limits
        self._metrics = metrics
        self.live: Live | None = None

    async def serve(self, socket: WebSocket) -> None:
        if PROTOCOL not in socket.scope.get("subprotocols", ()) or self.live is None:
            await socket.close(1002)
            return
        if self._metrics.clients >= self._limits.clients:
            self._metrics.refused["clients"] += 1
            await socket.close(_TRY_AGAIN)
            return
        self._metrics.clients += 1
        try:
            await socket.accept(PROTOCOL)
            await Connection(
                socket, self._answering, self.live, limits=self._limits, metrics=self._metrics
            ).run()
        finally:
            self._metrics.clients -= 1
