"""Embedded chain beside bare anvil: cold start, durable batches, single sends, replay.

Both get the same signed transfers on the same genesis through the same HTTP client. Ours puts
every block on disk with fsync before it answers; bare anvil keeps nothing.
"""

import os
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chain_load import Client, bare_anvil, senders, transfers
from diptych.ledger import devchain
from diptych.ledger.devchain import ChainSpec
from harness import Row, arguments, report, row

ACCOUNTS = 100


@contextmanager
def ours(folder: Path) -> Iterator[Client]:
    """Run the embedded chain of `folder` and connect to it."""
    client = Client(devchain.ensure_running(folder).url)
    try:
        yield client
    finally:
        client.close()
        devchain.stop(folder)


def check(answers: Sequence[dict[str, object]]) -> None:
    """Stop the benchmark if a transaction was refused."""
    refused = [answer for answer in answers if "result" not in answer]
    if refused:
        raise RuntimeError(f"{len(refused)} refused, the first with {refused[0]}")


def batch_rate(client: Client, batches: Sequence[Sequence[str]], *, mine: bool) -> float:
    """Return transactions per second until the last one is in a block."""
    start_s = time.perf_counter()
    for raws in batches:
        check(client.send_batch(raws))
        if mine:
            client.call("evm_mine")
    if client.call("txpool_status") != {"pending": "0x0", "queued": "0x0"}:
        raise RuntimeError("transactions were left in the pool")
    return sum(map(len, batches)) / (time.perf_counter() - start_s)


def single_latency_ms(client: Client, raws: Sequence[str]) -> float:
    """Return the median milliseconds from sending one transaction to holding its receipt."""
    taken = []
    for raw in raws:
        start_s = time.perf_counter()
        client.call("eth_sendRawTransactionSync", raw)
        taken.append(time.perf_counter() - start_s)
    return statistics.median(taken) * 1000


def chunks(raws: Sequence[str], size: int) -> list[Sequence[str]]:
    """Cut into batches."""
    return [raws[at : at + size] for at in range(0, len(raws), size)]


def cold_start_s(folder: Path, runs: int) -> float:
    """Return the median seconds from no process to an answering door, at genesis."""
    taken = []
    for _ in range(runs):
        start_s = time.perf_counter()
        devchain.ensure_running(folder)
        taken.append(time.perf_counter() - start_s)
        devchain.stop(folder)
    return statistics.median(taken)


def bare_cold_start_s(spec: ChainSpec, runs: int) -> float:
    """Return the median seconds until bare anvil listens."""
    taken = []
    for _ in range(runs):
        start_s = time.perf_counter()
        with bare_anvil(spec):
            taken.append(time.perf_counter() - start_s)
    return statistics.median(taken)


def replay_s(folder: Path) -> float:
    """Kill the chain, drop the snapshots, and return the seconds until it serves again."""
    os.kill(devchain.ensure_running(folder).pid, signal.SIGKILL)
    shutil.rmtree(folder / "snapshots", ignore_errors=True)
    start_s = time.perf_counter()
    devchain.ensure_running(folder)
    return time.perf_counter() - start_s


@dataclass(frozen=True)
class Load:
    """One batch size: what is sent, in batches of `size` and then singly."""

    spec: ChainSpec
    size: int
    batches: Sequence[Sequence[str]]
    singles: Sequence[str]

    @property
    def total(self) -> int:
        """Transactions in batches."""
        return sum(map(len, self.batches))


def make_load(folder: Path, *, batches: int, size: int, singles: int) -> Load:
    """Create the chain and sign everything beforehand; one account sends only singles."""
    accounts = senders(ACCOUNTS + 1)
    spec = devchain.create(folder, [account.address for account in accounts])
    rounds = -(-batches * size // ACCOUNTS)
    raws = transfers(accounts[:-1], spec.chain_id, first_nonce=0, rounds=rounds)
    more = transfers(accounts[-1:], spec.chain_id, first_nonce=0, rounds=singles)
    return Load(spec, size, chunks(raws, size), more)


def ours_rows(folder: Path, load: Load, peer_rate: float, peer_latency_ms: float) -> list[Row]:
    """Measure our chain and hold it against the peer's figures."""
    start_s = cold_start_s(folder, 3)
    with ours(folder) as client:
        rate = batch_rate(client, load.batches, mine=False)
        latency_ms = single_latency_ms(client, load.singles)
        head = client.call("eth_getBlockByNumber", "latest", False)["hash"]
        again_s = replay_s(folder)
    with ours(folder) as client:
        same = client.call("eth_getBlockByNumber", "latest", False)["hash"] == head
    name, size = f"bare anvil, batches of {load.size}", load.size
    bare_s = bare_cold_start_s(load.spec, 3)
    replay: dict[str, object] = {"seconds": again_s, "transactions": load.total, "same_head": same}
    rated = partial(row, unit="tx/s", peer=peer_rate, peer_name=name, at_least=0.6)
    return [
        row("cold start", start_s, "s", at_most=1.5, more={"bare_anvil_s": bare_s}),
        rated(f"batch of {size}, durable", rate),
        rated(
            f"replay in batches of {size}, all hashes compared", load.total / again_s, more=replay
        ),
        row(
            "one transaction to receipt (p50)",
            latency_ms,
            "ms",
            peer=peer_latency_ms,
            peer_name="bare anvil, nothing on disk",
        ),
    ]


def measure(folder: Path, load: Load) -> list[Row]:
    """Measure the peer and us on one load."""
    with bare_anvil(load.spec, "--no-mining", "--order", "fifo") as client:
        peer_rate = batch_rate(client, load.batches, mine=True)
    with bare_anvil(load.spec) as client:  # automine: in batches it falls behind and hangs
        peer_latency_ms = single_latency_ms(client, load.singles)
    return ours_rows(folder, load, peer_rate, peer_latency_ms)


def main() -> int:
    """Measure two batch sizes and report."""
    asked = arguments(__doc__)
    scale = 1 if asked.quick else 10
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="diptych-bench-") as scratch:
        for size, batches in ((100, 10 * scale), (1_000, 2 * scale)):
            folder = Path(scratch) / str(size)
            load = make_load(folder, batches=batches, size=size, singles=20 * scale)
            rows += measure(folder, load)
    return report("chain", rows, asked)


if __name__ == "__main__":
    sys.exit(main())
