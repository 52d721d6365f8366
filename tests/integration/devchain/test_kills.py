"""SIGKILL of chain and supervisor at random points: every acknowledged block stays as it was.

`DIPTYCH_TEST_KILLS` sets the number (6 in the suite, 200 in `benchmarks/bench_crash.py`);
`DIPTYCH_TEST_REPORT` names a file for the figures.
"""

import contextlib
import http.client
import json
import os
import random
import signal
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.integration.devchain.actor import Rpc
from tests.integration.devchain.conftest import Chain

from diptych.core.errors import DiptychError
from diptych.ledger import devchain
from diptych.ledger.devchain.place import Place, lock_holder

pytestmark = pytest.mark.node

KILLS = int(os.environ.get("DIPTYCH_TEST_KILLS", "6"))
REPORT = os.environ.get("DIPTYCH_TEST_REPORT")
TARGETS = ("supervisor", "anvil", "both")


@dataclass
class Seen:
    """What was acknowledged, as it was shown at that time."""

    transactions: dict[str, tuple[str, str]] = field(default_factory=dict)
    blocks: dict[str, str] = field(default_factory=dict)
    unknown: int = 0
    restart_s: list[float] = field(default_factory=list)


def send_through(chain: Chain, rpc: Rpc, seen: Seen, killer: threading.Thread) -> None:
    """Send batches and note each acknowledgement with its block, until a little after the kill."""
    dice = random.Random(len(seen.transactions))
    for actor in chain.actors:
        actor.nonce = int(rpc.call("eth_getTransactionCount", actor.address, "pending"), 16)
    killed = False
    while not killed:
        killed = not killer.is_alive()
        raws = [chain.transfer(n) for n in dice.choices(range(4), k=dice.choice((1, 1, 3, 20)))]
        answers = rpc.batch([("eth_sendRawTransaction", [raw]) for raw in raws])
        acknowledged = [answer["result"] for answer in answers if "result" in answer]
        note(rpc, acknowledged, seen)
        if len(acknowledged) < len(raws):
            seen.unknown += len(raws) - len(acknowledged)
            return


def note(rpc: Rpc, sent: list[str], seen: Seen) -> None:
    seen.transactions.update(dict.fromkeys(sent, ("", "")))
    for answer in rpc.batch([("eth_getTransactionReceipt", [tx]) for tx in sent]) if sent else ():
        assert "result" in answer, answer
        receipt = answer["result"]
        seen.transactions[receipt["transactionHash"]] = receipt["blockNumber"], receipt["blockHash"]
        seen.blocks[receipt["blockNumber"]] = receipt["blockHash"]


def kill_later(chain: Chain, target: str, delay_s: float) -> threading.Thread:
    endpoint = chain.start()
    probe = Rpc(endpoint.url)
    pids = {"supervisor": endpoint.pid, "anvil": probe.call("diptych_status")["anvil_pid"]}
    probe.close()

    def kill() -> None:
        time.sleep(delay_s)
        for name, pid in pids.items():
            if target in (name, "both"):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    return thread


def kill_while_starting(chain: Chain, delay_s: float) -> None:
    """Begin a start, replay included, and kill whoever holds the folder in the midst of it."""

    def start() -> None:
        with contextlib.suppress(DiptychError):
            chain.start()

    starter = threading.Thread(target=start)
    starter.start()
    time.sleep(delay_s)
    pid = lock_holder(Place(chain.folder).lock)
    if pid:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    starter.join()


def check(rpc: Rpc, seen: Seen) -> None:
    """Every acknowledged transaction is in the block it was in, and every block is the same."""
    sent = list(seen.transactions)
    for at in range(0, len(sent), 500):
        part = sent[at : at + 500]
        answers = rpc.batch([("eth_getTransactionReceipt", [tx]) for tx in part])
        for tx, answer in zip(part, answers, strict=True):
            assert answer["result"] is not None, f"acknowledged {tx} is lost"
            place = answer["result"]["blockNumber"], answer["result"]["blockHash"]
            assert seen.transactions[tx] in (place, ("", ""))
    for number, block_hash in seen.blocks.items():
        assert rpc.call("eth_getBlockByNumber", number, False)["hash"] == block_hash


def test_acknowledged_blocks_survive_kills_at_random_points(chain: Chain) -> None:
    dice, seen = random.Random(20_261_123), Seen()
    for turn in range(KILLS):
        rpc = chain.rpc()
        killer = kill_later(chain, TARGETS[turn % 3], dice.uniform(0.0, 0.25))
        with contextlib.suppress(OSError, http.client.HTTPException):
            send_through(chain, rpc, seen, killer)
        killer.join()
        rpc.close()
        if turn % 4 == 3:
            kill_while_starting(chain, dice.uniform(0.0, 0.3))
        started_s = time.monotonic()
        chain.start()
        seen.restart_s.append(time.monotonic() - started_s)
        if turn % 10 == 9 or turn == KILLS - 1:
            check(chain.rpc(), seen)
    assert seen.blocks
    devchain.stop(chain.folder)
    check(chain.rpc(), seen)
    write_report(chain.folder, seen)


def write_report(folder: Path, seen: Seen) -> None:
    if REPORT:
        status = devchain.status(folder)
        figures = {
            "kills": KILLS,
            "acknowledged": len(seen.transactions),
            "blocks": status.number,
            "not_acknowledged": seen.unknown,
            "lost": 0,
            "changed": 0,
            "slowest_restart_s": max(seen.restart_s),
        }
        Path(REPORT).write_text(json.dumps(figures))
