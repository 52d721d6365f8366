"""The only way in: HTTP on the loopback address, hardened against web pages and hostile clients."""

import contextlib
import logging
import re
import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any

from diptych.ledger.devchain import rpc
from diptych.ledger.devchain.errors import BadRequest, PortTaken
from diptych.ledger.devchain.service import Service

_LOG = logging.getLogger(__name__)
LOOPBACK = "127.0.0.1"
_IDLE_TIMEOUT_S = 300.0
_RECEIVE_TIMEOUT_S = 20.0
_MAX_CONNECTIONS = 128
_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
_LENGTH = re.compile(r"[0-9]{1,12}")


class Door(ThreadingHTTPServer):
    """The listener; one thread per connection, at most 128 of them."""

    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, port: int, new_service: Callable[[], Service]) -> None:
        self.new_service = new_service
        self.last_request_s = time.monotonic()
        self._receiving: dict[socket.socket, float] = {}
        self._open: set[Any] = set()
        self._lock = threading.Lock()
        try:
            super().__init__((LOOPBACK, port), _Handler)
        except OSError as error:
            raise PortTaken(
                f"cannot listen on {LOOPBACK}:{port}: {error.strerror}",
                hint="choose another port, or 0 for a free one",
            ) from error
        self.port = int(self.server_address[1])
        names = [f"{name}:{self.port}" for name in _LOOPBACK_NAMES]
        self.hosts = frozenset(names)
        self.origins = frozenset(f"http://{name}" for name in names)

    def server_bind(self) -> None:
        """Bind without the reverse name look-up of the base class."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = LOOPBACK, int(self.server_address[1])

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Refuse connections beyond the limit."""
        del client_address
        with self._lock:
            if len(self._open) >= _MAX_CONNECTIONS:
                return False
            self._open.add(request)
            return True

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that ends."""
        with self._lock:
            self._open.discard(request)
            self._receiving.pop(request, None)
        super().shutdown_request(request)

    def receiving(self, connection: socket.socket, *, active: bool) -> None:
        """Note that a request has begun to arrive, or has arrived."""
        with self._lock:
            if active:
                self._receiving[connection] = self.last_request_s = time.monotonic()
            else:
                self._receiving.pop(connection, None)

    def service_actions(self) -> None:
        """Cut off requests that drip in too slowly."""
        limit = time.monotonic() - _RECEIVE_TIMEOUT_S
        with self._lock:
            slow = [c for c, began_s in self._receiving.items() if began_s < limit]
        for connection in slow:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log what ended a connection; a client that hangs up is no news."""
        del request, client_address
        _LOG.debug("a connection ended with an error", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "diptych"
    sys_version = ""
    timeout = _IDLE_TIMEOUT_S
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    server: Door
    connection: socket.socket

    def setup(self) -> None:
        super().setup()
        self._service = self.server.new_service()

    def finish(self) -> None:
        self._service.close()
        super().finish()

    def handle_one_request(self) -> None:
        try:
            begun = self.rfile.peek(1)  # type: ignore[attr-defined]
        except OSError:
            begun = b""
        if not begun:
            self.close_connection = True
            return
        self.server.receiving(self.connection, active=True)
        super().handle_one_request()
        self.server.receiving(self.connection, active=False)

    def do_POST(self) -> None:
        """Answer a JSON-RPC request."""
        refusal = self._refusal()
        if refusal is not None:
            self._refuse(*refusal)
            return
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        self.server.receiving(self.connection, active=False)
        if len(body) != length:
            self.close_connection = True
            return
        self._answer(200, self._service.answer(body))

    def _refusal(self) -> tuple[int, str] | None:
        headers = self.headers
        if headers.get("Host", "").lower() not in self.server.hosts:
            return 403, "got a foreign Host header, expected this machine's loopback address"
        if headers.get("Origin", "").lower() not in self.server.origins | {""}:
            return 403, "web pages of other origins may not use this chain"
        if headers.get_content_type() != "application/json" or "Content-Type" not in headers:
            return 415, "expected Content-Type: application/json"
        length = headers.get("Content-Length", "")
        if "Transfer-Encoding" in headers or not _LENGTH.fullmatch(length):
            return 411, "expected a Content-Length and no Transfer-Encoding"
        if len(headers.get_all("Content-Length", [])) != 1:
            return 400, "got more than one Content-Length"
        if int(length) > rpc.MAX_BODY_BYTES:
            return 413, f"got {length} bytes, expected at most {rpc.MAX_BODY_BYTES}"
        return None

    def _refuse(self, status: int, message: str) -> None:
        self.close_connection = True
        self._answer(status, rpc.error_answer(None, BadRequest(message)))

    def _answer(self, status: int, payload: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(payload)
        self.wfile.flush()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer protocol errors in JSON too."""
        del explain
        self._refuse(int(code), f"HTTP {int(code)}: {message or 'expected POST'}")

    def log_message(self, format: str, *args: Any) -> None:
        """Keep requests out of the log: they may carry what nobody else should read."""
        del format, args
