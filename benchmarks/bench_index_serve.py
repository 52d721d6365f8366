"""A served index: GraphQL over HTTP from another process, time travel, and lag behind a chain."""

import json
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import urllib3

from diptych.ledger.rpc import Rpc, RpcOptions
from harness import HERE, arguments, report, row, run_child
from index_chain import TokenChain, token_chain

_TRANSACTIONS = 500
_MILLION = 1_000_000
_RATE = 200
_SECONDS = 60
_BLOCKS = 60
_LOOK_S = 0.002
_PATIENCE_S = 300.0
_SIMPLE = """query($who: Bytes!) {
 transfers(first: 10, where: {receiver: $who}) { id value sender { id } } }""".replace(
    "sender { id }", "transaction"
)
_NESTED = """query($who: ID!) { accounts(first: 5, where: {id_gte: $who}) { id moves
 transfersByReceiver(first: 5) { id value sender { id moves } } } }"""
_TRAVEL = """query($n: Int!, $who: Bytes!) { balances(first: 20, block: {number: $n},
 where: {account_gte: $who}, orderBy: amount, orderDirection: desc) { account amount } }"""
_FIND = "query($tx: Bytes!) { transfers(first: 1, where: {transaction: $tx}) { id } }"
Figures = dict[str, Any]


@contextmanager
def child(*given: str) -> Iterator[str]:
    """Run the server until the block ends; gives its URL once the rows are there."""
    command = [sys.executable, str(HERE / "index_serve_child.py"), *given]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            url = running.stdout.readline().strip()
            if not url or running.stdout.readline().strip() != "up":
                raise RuntimeError("the server did not start")
            yield url
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(30)


def ask(url: str, query: str, **variables: object) -> Any:
    """Return the data of one query."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    headers = {"content-type": "application/json"}
    answer = urllib3.request("POST", url + "graphql", body=body, headers=headers)
    return answer.json()["data"]


def measured(how: str, url: str, bodies: list[Figures], count: int) -> Figures:
    """Run the client."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(bodies, file)
        file.flush()
        script = str(HERE / "index_serve_client.py")
        given = [how, url, file.name, str(count), str(_RATE)]
        found: Figures = json.loads(run_child([sys.executable, script, *given]).output)
    return found


def asked(query: str, people: list[str]) -> list[Figures]:
    """Return one request for each account."""
    return [{"query": query, "variables": {"who": one}} for one in people]


def lag_ms(url: str, chain: TokenChain, blocks: int) -> list[float]:
    """Return milliseconds from the answer that a block was mined until its row is found."""
    rpc = Rpc(chain.url, options=RpcOptions(timeout_s=60.0))
    accounts = rpc.call("eth_accounts")
    assert isinstance(accounts, list)
    times = []
    for place in range(blocks):
        data = f"0x{2**200 + place:064x}{1:064x}"
        call: dict[str, Any] = {"from": accounts[0], "to": chain.token, "data": data}
        digest = rpc.call("eth_sendTransaction", {**call, "gas": "0x30d40"})
        rpc.call("anvil_mine", "0x1")
        began = time.perf_counter()
        while not ask(url, _FIND, tx=digest)["transfers"]:
            time.sleep(_LOOK_S)
            if time.perf_counter() - began > 30:
                raise TimeoutError("a block did not become rows within 30 s")
        times.append((time.perf_counter() - began) * 1e3)
        time.sleep(0.05)
    return times


def million(rows: int) -> Figures:
    """Ask for states of many blocks among many versions."""
    with tempfile.TemporaryDirectory() as folder, child("rows", str(rows), folder) as url:
        bodies = [
            {"query": _TRAVEL, "variables": {"n": rows * part // 50, "who": f"0x{part:02x}"}}
            for part in range(1, 50)
        ]
        return measured("one-by-one", url, bodies, 200)


def served(*, quick: bool) -> tuple[Figures, list[float]]:
    """Ask an index that follows a chain; return times by way, and the lags."""
    with (
        token_chain(40 if quick else _TRANSACTIONS) as chain,
        tempfile.TemporaryDirectory() as folder,
        child("follow", chain.url, chain.token, folder) as url,
    ):
        found = ask(url, "{ accounts(first: 500) { id } }")["accounts"]
        people = [one["id"] for one in found]
        simple, nested = asked(_SIMPLE, people), asked(_NESTED, people)
        counts = 100 if quick else 1_000
        mixed = [body for at in range(0, 300, 3) for body in (*simple[at : at + 3], nested[at])]
        times = {
            "simple": measured("one-by-one", url, simple, counts),
            "nested": measured("one-by-one", url, nested, counts),
            "load": measured("open-loop", url, mixed, _RATE * (5 if quick else _SECONDS)),
        }
        return times, lag_ms(url, chain, 10 if quick else _BLOCKS)


def main() -> None:
    """Measure all."""
    options = arguments(__doc__)
    times, lags = served(quick=options.quick)
    times["travel"] = million(50_000 if options.quick else _MILLION)
    loaded = f"GraphQL, {_RATE} requests/s offered, 1 of 4 three levels, p99"
    bars = (
        ("simple", "p50_ms", "GraphQL, simple filter, p50", 3),
        ("nested", "p50_ms", "GraphQL, three levels, p50", 10),
        ("load", "p99_ms", loaded, 250),
        ("travel", "p50_ms", "time travel among 1,000,000 versions, p50", 50),
    )
    rows = [
        row(what, times[way][figure], "ms", at_most=most, more=times[way])
        for way, figure, what, most in bars
    ]
    errors = sum(one["errors"] for one in times.values())
    rows.append(row("errors of all", errors, "", at_most=0))
    lag = statistics.median(lags)
    more = {"longest_ms": max(lags)}
    rows.append(row("lag from block to queryable row, p50", lag, "ms", at_most=50, more=more))
    report("index-serve", rows, options)


if __name__ == "__main__":
    main()
