"""A served index of a small chain, and clients of it, for tests."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import urllib3
from tests.unit.index.chains import HandMadeChain, Log, transfer
from tests.unit.index.test_graphql import made
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from diptych.app.http.index.limits import ServerLimits, ServerOptions
from diptych.app.http.index.serving import Served, served
from diptych.app.http.index.standing import Running, Standing
from diptych.index import Indexer
from diptych.index.store.duck import DuckStore

TOKEN = "t" * 32
OPTIONS = ServerOptions(port=0, limits=ServerLimits(body_bytes=10_000, opening_s=0.3, operations=3))


@dataclass
class Server:
    """A served chain."""

    chain: HandMadeChain
    indexer: Indexer
    served: Served

    @property
    def url(self) -> str:
        """Where it is asked."""
        return self.served.url

    def advance(self) -> None:
        """Index what was mined and say so."""
        self.indexer.catch_up()
        self.served.changed()

    def mine(self, *logs: Log) -> None:
        """Mine and index a block."""
        self.chain.mine(*logs)
        self.advance()

    def ask(
        self, path: str, body: object = None, *, method: str = "", headers: Mapping[str, str] = {}
    ) -> urllib3.BaseHTTPResponse:
        """Send a request; a body makes it a POST of JSON."""
        raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        sent = {"content-type": "application/json", **headers} if raw is not None else {**headers}
        return urllib3.request(
            method or ("GET" if raw is None else "POST"),
            self.url + path,
            body=raw,
            headers=sent,
            retries=False,
            timeout=20,
        )

    def graphql(self, query: str, **variables: object) -> Any:
        """Return the answer of a query."""
        return self.ask("graphql", {"query": query, "variables": variables}).json()


@contextmanager
def server(options: ServerOptions = OPTIONS) -> Iterator[Server]:
    """Serve three blocks with one payment each."""
    chain = HandMadeChain()
    for place in range(3):
        chain.mine(transfer(place, place + 1, 10))
    manifest = made()
    with DuckStore(None, list(manifest.entities.values())) as store:
        indexer = Indexer(manifest, chain, store)
        indexer.catch_up()
        running = Running(indexer.counters, 0.0)
        standing = Standing("payments", store, running, clock=lambda: 1.0)
        with served(standing, replace(options), token=TOKEN) as one:
            yield Server(chain, indexer, one)


@contextmanager
def subscriber(made: Server, **options: Any) -> Iterator[ClientConnection]:
    """Connect, and be welcomed."""
    with client(made, **options) as socket:
        socket.send('{"type":"connection_init"}')
        assert json.loads(socket.recv(10)) == {"type": "connection_ack"}
        yield socket


@contextmanager
def client(made: Server, **options: Any) -> Iterator[ClientConnection]:
    """Connect and say nothing."""
    url = made.url.replace("http", "ws") + "graphql"
    protocol = [Subprotocol("graphql-transport-ws")]
    with connect(url, subprotocols=protocol, proxy=None, **options) as socket:
        yield socket


def subscribe(socket: ClientConnection, query: str, name: str = "1") -> None:
    """Begin an operation."""
    payload = {"query": query}
    socket.send(json.dumps({"id": name, "type": "subscribe", "payload": payload}))


def told(socket: ClientConnection) -> Any:
    """Return the next message."""
    return json.loads(socket.recv(10))
