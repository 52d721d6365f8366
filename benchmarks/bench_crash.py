"""SIGKILL at random points: the embedded chain, and beside it anvil with `--state-interval 1`.

Ours runs `tests/integration/devchain/test_kills.py` with the full count: it kills supervisor, anvil
and both in turn and compares every acknowledged transaction and block hash after the restart.
The peer gets the same treatment on fewer kills, because each has to outlast its dump interval.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from eth_account import Account

from chain_load import Client, transfers
from diptych.core.errors import DiptychError
from diptych.ledger.devchain import DEV_KEYS, throwaway_node
from harness import HERE, Row, arguments, report, row

OURS = "tests/integration/devchain/test_kills.py"
CHAIN_ID = 31_337
ROUND = 25


@dataclass
class Losses:
    """What the peer's kills cost; `held` is what it should still know."""

    kills: int = 0
    acknowledged: int = 0
    lost: int = 0
    unreadable: int = 0
    held: list[str] = field(default_factory=list)


def ours(kills: int) -> dict[str, float]:
    """Run our kill test and return its figures; a lost or changed block makes it fail."""
    with tempfile.TemporaryDirectory() as scratch:
        figures = Path(scratch) / "figures.json"
        env = {**os.environ, "DIPTYCH_TEST_KILLS": str(kills), "DIPTYCH_TEST_REPORT": str(figures)}
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", OURS]
        subprocess.run(command, cwd=HERE.parent, env=env, check=True, stdout=sys.stderr)
        found: dict[str, float] = json.loads(figures.read_text())
        return found


@contextmanager
def peer(state: Path) -> Iterator[Client]:
    """Run anvil on its state file; leaving the block kills it with SIGKILL."""
    flags = ["--state", str(state), "--state-interval", "1"]
    with throwaway_node(chain_id=CHAIN_ID, extra=flags) as url:
        client = Client(url)
        try:
            yield client
        finally:
            client.close()


def kill_peer_once(state: Path, losses: Losses, dice: random.Random) -> None:
    """Check what the last kill left, send more, and kill at a random point."""
    accounts = [Account.from_key(key) for key in DEV_KEYS]
    try:
        with peer(state) as client:
            kept = [tx for tx in losses.held if client.call("eth_getTransactionReceipt", tx)]
            losses.lost += len(losses.held) - len(kept)
            losses.held = kept
            deadline = time.monotonic() + dice.uniform(0.3, 2.5)
            while time.monotonic() < deadline:
                nonce = int(
                    client.call("eth_getTransactionCount", accounts[0].address, "latest"), 16
                )
                for raw in transfers(accounts[:1], CHAIN_ID, first_nonce=nonce, rounds=ROUND):
                    receipt = client.call("eth_sendRawTransactionSync", raw)
                    losses.held.append(receipt["transactionHash"])
                    losses.acknowledged += 1
            losses.kills += 1
    except DiptychError:
        losses.unreadable += 1
        losses.lost += len(losses.held)
        losses.held = []
        state.unlink()


def peer_losses(kills: int) -> Losses:
    """Kill the peer `kills` times and count what it forgot."""
    losses, dice = Losses(), random.Random(20_261_123)
    with tempfile.TemporaryDirectory() as scratch:
        state = Path(scratch) / "state.json"
        while losses.kills < kills:
            kill_peer_once(state, losses, dice)
        kill_peer_once(state, losses, dice)  # to see what the last kill left
    return losses


def main() -> int:
    """Kill both and report."""
    asked = arguments(__doc__)
    figures = ours(6 if asked.quick else 200)
    losses = peer_losses(3 if asked.quick else 20)
    peer_name = "anvil --state-interval 1"
    rows: list[Row] = [
        row(
            f"acknowledged and lost in {figures['kills']} x SIGKILL of chain and supervisor",
            figures["lost"],
            "transactions",
            at_most=0,
            more={
                **figures,
                "peer": peer_name,
                "peer_kills": losses.kills,
                "peer_acknowledged": losses.acknowledged,
                "peer_lost": losses.lost,
                "peer_unreadable_state_files": losses.unreadable,
            },
        ),
        row("blocks with another hash afterwards", figures["changed"], "blocks", at_most=0),
        row("slowest start after a kill", figures["slowest_restart_s"], "s"),
        row(
            f"the peer: {peer_name}, {losses.kills} kills: lost of {losses.acknowledged}",
            losses.lost,
            "transactions",
        ),
    ]
    return report("crash", rows, asked)


if __name__ == "__main__":
    sys.exit(main())
