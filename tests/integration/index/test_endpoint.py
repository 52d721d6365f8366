"""The source of endpoints and the cache over a real node: suite, reorganisations, notifications."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from diptych.index.blocks import LogSelector, Span, Wanted
from diptych.index.cache.source import CachedSource
from diptych.index.source.checks import check_source
from diptych.index.source.rpc.endpoint import Endpoint
from diptych.index.source.rpc.opening import open_endpoints
from diptych.index.source.rpc.pending import pending
from diptych.index.source.rpc.source import RpcSource
from diptych.ledger.devchain.throwaway import throwaway_node
from diptych.ledger.rpc import Rpc

pytestmark = pytest.mark.node

_TOPIC = "5e" * 32
_RUNTIME = f"7f{_TOPIC}60206000a100"  # one event with one topic and 32 bytes of nothing
_CREATION = f"60{len(_RUNTIME) // 2:02x}80600a5f395ff3" + "00"
ALL = Wanted(logs=(LogSelector(),))


@pytest.fixture
def url() -> Iterator[str]:
    with throwaway_node(extra=["--no-mining"]) as running:
        yield running


def emitted(url: str, count: int) -> str:
    """Deploy a contract that emits an event at each call, and call it; one block each."""
    rpc = Rpc(url)
    accounts = rpc.call("eth_accounts")
    assert isinstance(accounts, list)
    code = "0x" + _CREATION + _RUNTIME
    digest = rpc.call("eth_sendTransaction", {"from": accounts[0], "data": code})
    rpc.call("anvil_mine", "0x1")
    receipt = rpc.call("eth_getTransactionReceipt", digest)
    assert isinstance(receipt, dict)
    for _ in range(count):
        call = {"from": accounts[0], "to": receipt["contractAddress"], "gas": "0x100000"}
        rpc.call("eth_sendTransaction", call)
        rpc.call("anvil_mine", "0x1")
    return str(receipt["contractAddress"]).lower()


def test_a_node_passes_the_suite_of_sources(url: str, tmp_path: Path) -> None:
    """Alone, in front of the cache, and from the cache alone."""
    emitted(url, 12)
    source, span = open_endpoints([url]), Span(1, 13)
    assert [one for one in check_source(source, span) if not one.is_passed] == []
    cached = CachedSource(source, tmp_path)
    assert [one for one in check_source(cached, span) if not one.is_passed] == []
    offline = CachedSource(None, tmp_path, offline=True)
    assert offline.fetch(span, ALL).logs.equals(source.fetch(span, ALL).logs)
    traces = source.fetch(span, Wanted(traces=True)).traces
    assert traces is not None
    assert traces.num_rows == 13


def test_logs_after_a_reorganisation_are_those_of_the_new_branch(url: str, tmp_path: Path) -> None:
    """Through the cache too, once it is told."""
    emitted(url, 6)
    source = open_endpoints([url])
    cached = CachedSource(source, tmp_path)
    near = Wanted(logs=(LogSelector(),), links=True)
    before = cached.fetch(Span(1, 7), near)
    Rpc(url).call("anvil_reorg", 3, [])
    shared = source.header(4)
    assert shared is not None
    assert shared.hash == before.blocks.column("hash")[3].as_py()
    cached.forget_after(shared)
    after = cached.fetch(Span(1, 7), near)
    assert after.logs.equals(source.fetch(Span(1, 7), near).logs)
    assert (before.logs.num_rows, after.logs.num_rows) == (6, 3)


def test_a_new_head_is_announced_at_once(url: str) -> None:
    """Over a WebSocket; and without one it is found by looking."""
    for urls in ([url], [url, url.replace("http", "ws")]):
        source = open_endpoints(urls)
        source.head()
        source.wait(0.1)
        timer = threading.Timer(0.2, lambda: Rpc(url).call("anvil_mine", "0x1"))
        began = time.monotonic()
        timer.start()
        source.wait(20.0)
        assert time.monotonic() - began < 10.0
        timer.join()


def test_transactions_that_wait_are_told_once(url: str) -> None:
    """By a filter where the node has them."""
    rpc = Rpc(url)
    accounts = rpc.call("eth_accounts")
    assert isinstance(accounts, list)
    sent: list[object] = []

    def send(_: float) -> None:
        call = {"from": accounts[0], "to": accounts[1], "value": hex(len(sent))}
        sent.append(rpc.call("eth_sendTransaction", call))

    found = list(islice(pending(Endpoint(url), sleep=send), 3))
    assert ["0x" + one.hex() for one in found] == sent[:3]


_CHILD = """
import sys
from pathlib import Path
from diptych.index.blocks import LogSelector, Span, Wanted
from diptych.index.cache.source import CachedSource
from diptych.index.source.rpc.opening import open_endpoints

source = CachedSource(open_endpoints([sys.argv[1]]), Path(sys.argv[2]))
while True:
    for number in range(1, 40):
        source.fetch(Span(number, number), Wanted(logs=(LogSelector(),), links=True))
        print(number, flush=True)
    source.forget_after(source.header(1))
"""


def test_kill_at_any_time_leaves_a_cache_that_is_right(url: str, tmp_path: Path) -> None:
    """What is there afterwards equals the node, and what is missing is fetched again."""
    emitted(url, 39)
    source = RpcSource(Endpoint(url))
    true = source.fetch(Span(1, 39), ALL).logs
    for lines in (3, 11, 26, 41, 55):
        command = [sys.executable, "-c", _CHILD, url, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            for _ in islice(child.stdout, lines):
                pass
            os.kill(child.pid, signal.SIGKILL)
        found = CachedSource(source, tmp_path).fetch(Span(1, 39), ALL)
        assert found.logs.equals(true)
