"""Following a real node over a WebSocket: blocks, reorganisations, a line that breaks."""

import threading
from collections.abc import Iterator
from itertools import islice

import pytest
from websockets.sync.server import ServerConnection, serve

from diptych.ledger.chain import Chain
from diptych.ledger.devchain.throwaway import throwaway_node
from diptych.ledger.errors import MalformedAnswer, RpcRefused, WrongChain
from diptych.ledger.rpc import Rpc
from diptych.ledger.subscribe import follow_blocks
from diptych.ledger.wakeups import HeadSubscription

pytestmark = pytest.mark.node


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with throwaway_node() as running:
        yield running


def test_blocks_arrive_by_notification(url: str) -> None:
    chain = Chain(Rpc(url), 31_337)
    start = chain.head_number() + 1
    with HeadSubscription(url.replace("http", "ws"), 31_337, interval_s=20) as heads:
        steps = follow_blocks(chain, start, wakeups=heads)
        timer = threading.Timer(0.3, lambda: chain.rpc.call("anvil_mine", "0x3"))
        timer.start()
        assert [s.block.number for s in islice(steps, 3)] == [start, start + 1, start + 2]
        timer.join()


def test_reorganisation_arrives(url: str) -> None:
    chain = Chain(Rpc(url), 31_337)
    chain.rpc.call("anvil_mine", "0x3")
    start = chain.head_number() - 1
    with HeadSubscription(url.replace("http", "ws"), 31_337, interval_s=0.2) as heads:
        steps = follow_blocks(chain, start, wakeups=heads)
        first = list(islice(steps, 2))
        chain.rpc.call("anvil_mine", "0x1")
        first.append(next(steps))
        chain.rpc.call("anvil_reorg", 2, [])
        chain.rpc.call("anvil_mine", "0x1")
        fresh = next(steps)
        assert fresh.taken_back == (first[2].block, first[1].block)
        assert fresh.block.parent_hash == first[0].block.hash


def test_wrong_chain_is_refused(url: str) -> None:
    heads = HeadSubscription(url.replace("http", "ws"), 5)
    with pytest.raises(WrongChain):
        heads.wait()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("{", MalformedAnswer),
        ('{"id":2,"result":"0x1"}', MalformedAnswer),
        ('{"id":1,"result":"one"}', MalformedAnswer),
        ('{"id":1,"error":{"code":-32601,"message":"no"}}', RpcRefused),
    ],
)
def test_lying_line_is_refused(answer: str, expected: type[Exception]) -> None:
    def lie(connection: ServerConnection) -> None:
        for _ in connection:
            connection.send(answer)

    with _served(lie) as port, pytest.raises(expected):
        HeadSubscription(f"ws://127.0.0.1:{port}", 1, interval_s=2).wait()


def test_broken_line_is_built_again() -> None:
    lines: list[int] = []

    def hang_up(connection: ServerConnection) -> None:
        lines.append(1)
        answers = ('{"id":1,"result":"0x1"}', '{"id":1,"result":"0xab"}')
        for answer, _ in zip(answers, connection, strict=False):
            connection.send(answer)

    pauses: list[float] = []
    with _served(hang_up) as port:
        url = f"ws://127.0.0.1:{port}"
        with HeadSubscription(url, 1, interval_s=2, sleep=pauses.append) as heads:
            for _ in range(4):
                heads.wait()
    assert len(lines) == 2
    assert pauses == [2, 2]


class _served:  # noqa: N801
    """Serve a WebSocket script on a loopback port."""

    def __init__(self, script: object) -> None:
        assert callable(script)
        self._server = serve(script, "127.0.0.1", 0)
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> int:
        self._thread.start()
        port: int = self._server.socket.getsockname()[1]
        return port

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join(10)
