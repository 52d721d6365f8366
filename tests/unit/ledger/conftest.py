"""Fixtures: a scripted local HTTP endpoint, a fake chain, an outbox on a simulated clock."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.unit.ledger.fake_node import FakeNode

from diptych.core.database import Connect, connect_secret
from diptych.ledger.account import LocalAccount
from diptych.ledger.chain import Chain
from diptych.ledger.outbox import Outbox, OutboxPolicy, OutboxStore
from diptych.ledger.rpc import Rpc, RpcOptions


@dataclass(frozen=True)
class Reply:
    """One HTTP answer; `cut_bytes` claims more than is sent, then hangs up."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut_bytes: int = 0
    chunk_pause_s: float = 0.0


Script = Callable[[bytes], Reply]
Serve = Callable[[Script], str]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, script: Script) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.script = script
        self.stopping = threading.Event()


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        reply = self.server.script(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body) + reply.cut_bytes))
        self.send_header("Connection", "close")
        self.end_headers()
        with contextlib.suppress(OSError):
            self._send(reply)
        self.close_connection = True

    def _send(self, reply: Reply) -> None:
        step = 1 if reply.chunk_pause_s else max(len(reply.body), 1)
        for start in range(0, len(reply.body), step):
            self.wfile.write(reply.body[start : start + step])
            if self.server.stopping.wait(reply.chunk_pause_s):
                return

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start loopback endpoints that answer as a script says."""
    servers: list[_Server] = []

    def start(script: Script) -> str:
        server = _Server(script)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.stopping.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def node() -> FakeNode:
    """A fake chain that mines at once."""
    return FakeNode()


def chain_of(node: FakeNode) -> Chain:
    """Return a chain over a fake node, without pauses."""
    options = RpcOptions(retries=0)
    return Chain(Rpc("", options=options, transport=node, sleep=lambda _: None), node.chain_id)


@pytest.fixture
def chain(node: FakeNode) -> Chain:
    """The fake chain."""
    return chain_of(node)


@pytest.fixture
def account() -> LocalAccount:
    """A fixed account."""
    return LocalAccount(bytes(31) + b"\x07")


@dataclass
class Bench:
    """An outbox on a simulated clock that can be closed and opened again."""

    node: FakeNode
    account: LocalAccount
    path: Path
    policy: OutboxPolicy
    now_s: float = 1_700_000_000.0
    hook: Callable[[str], None] = lambda _: None
    slept: Callable[[float], None] = lambda _: None
    connect: Connect = connect_secret
    opened: list[Outbox] = field(default_factory=list)

    def open(self) -> Outbox:
        """Open the file as a new process would."""
        outbox = Outbox(
            OutboxStore(self.path, connect=self.connect),
            chain_of(self.node),
            self.account,
            policy=self.policy,
            clock=lambda: self.now_s,
            sleep=self._sleep,
            hook=self._passed,
        )
        self.opened.append(outbox)
        return outbox

    def close(self) -> None:
        """Close every outbox that was opened."""
        while self.opened:
            self.opened.pop().close()

    def _passed(self, name: str) -> None:
        self.hook(name)

    def _sleep(self, seconds: float) -> None:
        self.now_s += seconds
        self.slept(seconds)


@pytest.fixture
def bench(node: FakeNode, account: LocalAccount, tmp_path: Path) -> Iterator[Bench]:
    """The outbox bench."""
    made = Bench(node, account, tmp_path / "outbox.sqlite", OutboxPolicy(timeout_s=300))
    yield made
    made.close()
