"""Who may ask: checks of Host and Origin before anything is read, and headers of every answer."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from diptych.app.http.index.limits import ServerOptions, is_loopback

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Guard:
    """Refuses requests for another host or from pages of other origins.

    A page that makes its name point to this machine is told by its Host header.

    Args:
        app: asked if all is well.
        options: say which hosts and origins are known.
    """

    def __init__(self, app: ASGIApp, options: ServerOptions) -> None:
        self._app = app
        self._hosts = _known_hosts(options)
        self._origins = frozenset(options.origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        said = self._refusal(Headers(scope=scope))
        if said is None:
            await self._app(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await JSONResponse({"error": said}, 403)(scope, receive, _with_headers(send))

    def _refusal(self, headers: Headers) -> str | None:
        host = headers.get("host", "")
        if self._hosts is not None and host_name(host) not in self._hosts:
            return "this host name is not served"
        origin = headers.get("origin")
        if origin is None or origin in self._origins or urlsplit(origin).netloc == host:
            return None
        return "pages of this origin may not ask"


def host_name(netloc: str) -> str:
    """Return the name of a Host header without its port.

    >>> host_name("localhost:80"), host_name("[::1]:80"), host_name("a:b:c")
    ('localhost', '::1', '')
    """
    try:
        return urlsplit(f"//{netloc}").hostname or "" if netloc.count(":") < 2 else _ipv6(netloc)
    except ValueError:
        return ""


def _ipv6(netloc: str) -> str:
    inner, closed, port = netloc.partition("]")
    plain = inner.startswith("[") and closed and (not port or port.startswith(":"))
    return inner[1:].lower() if plain else ""


def _known_hosts(options: ServerOptions) -> frozenset[str] | None:
    """Return the names that are served; None for all, when it listens on all addresses."""
    given: Sequence[str] = [one.lower() for one in options.hosts]
    if is_loopback(options.host):
        return frozenset([options.host, *_LOOPBACK, *given])
    if options.host in {"0.0.0.0", "::"}:
        return frozenset([*_LOOPBACK, *given]) if given else None
    return frozenset([options.host.lower(), *given])


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
