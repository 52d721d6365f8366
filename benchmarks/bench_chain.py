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


def measure(folder: Path, *, batches: int, size: int, singles: int) -> list[Row]:
    """Run everything for one batch size."""
    accounts = senders(ACCOUNTS + 1)
    spec = devchain.create(folder, [account.address for account in accounts])
    rounds = -(-batches * size // ACCOUNTS)
    load = chunks(transfers(accounts[:-1], spec.chain_id, first_nonce=0, rounds=rounds), size)
    more = transfers(accounts[-1:], spec.chain_id, first_nonce=0, rounds=singles)
    start_s = cold_start_s(folder, 3)
    with ours(folder) as client:
        rate = batch_rate(client, load, mine=False)
        latency_ms = single_latency_ms(client, more)
        head = client.call("eth_getBlockByNumber", "latest", False)["hash"]
    with ours(folder):
        again_s = replay_s(folder)
        with ours(folder) as client:
            same = client.call("eth_getBlockByNumber", "latest", False)["hash"] == head
    with bare_anvil(spec, "--no-mining", "--order", "fifo") as client:
        peer_rate = batch_rate(client, load, mine=True)
    with bare_anvil(spec) as client:  # automine: in batches it loses its way and stops answering
        peer_latency_ms = single_latency_ms(client, more)
    total = batches * size
    name = f"bare anvil, batches of {size}"
    return [
        row(
            "cold start",
            start_s,
            "s",
            at_most=1.5,
            more={"bare_anvil_s": bare_cold_start_s(spec, 3)},
        ),
        row(
            f"batch of {size}, durable",
            rate,
            "tx/s",
            peer=peer_rate,
            peer_name=name,
            at_least=0.6,
        ),
        row(
            f"replay of batches of {size}, every hash compared",
            total / again_s,
            "tx/s",
            peer=peer_rate,
            peer_name=name,
            at_least=0.6,
            more={"seconds": again_s, "transactions": total, "same_head": same},
        ),
        row(
            "one transaction, sent to receipt (p50)",
            latency_ms,
            "ms",
            peer=peer_latency_ms,
            peer_name="bare anvil, nothing on disk",
        ),
    ]


def main() -> int:
    """Measure two batch sizes and report."""
    asked = arguments(__doc__)
    scale = 1 if asked.quick else 10
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="diptych-bench-") as scratch:
        for size, batches in ((100, 10 * scale), (1_000, 2 * scale)):
            rows += measure(
                Path(scratch) / str(size), batches=batches, size=size, singles=20 * scale
            )
    return report("chain", rows, asked)


if __name__ == "__main__":
    sys.exit(main())
