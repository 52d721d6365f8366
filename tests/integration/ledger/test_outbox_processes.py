"""The outbox in real processes: killed at its states, and several at once on one file."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from diptych.ledger.account import LocalAccount
from diptych.ledger.chain import Chain
from diptych.ledger.devchain.throwaway import DEV_KEYS, throwaway_node
from diptych.ledger.outbox import Outbox
from diptych.ledger.rpc import Rpc

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
CRASHES = int(os.environ.get("DIPTYCH_TEST_CRASHES", "40"))
WORKER = """
import sys
from pathlib import Path
from diptych.ledger.account import LocalAccount
from diptych.ledger.chain import Chain
from diptych.ledger.outbox import Outbox
from diptych.ledger.rpc import Rpc
url, path, key = sys.argv[1:]
account = LocalAccount(bytes.fromhex(key[2:]))
outbox = Outbox.open(Path(path), Chain(Rpc(url), 31337), account)
for number in range(12):
    outbox.send(f"shared-{number}", to=account.address, value_wei=1000 + number)
"""

pytestmark = pytest.mark.node


def test_killed_at_random_states_nothing_is_lost_or_doubled() -> None:
    command = [sys.executable, "outbox_crashes.py", "--count", str(CRASHES), "--seed", "3"]
    done = subprocess.run(command, cwd=BENCHMARKS, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["crashes"] >= CRASHES
    assert (report["double_sends"], report["lost_intents"], report["failed_lives"]) == (0, 0, 0)
    assert len(report["died_at"]) >= 6


def test_three_processes_share_one_file(tmp_path: Path) -> None:
    path, key = tmp_path / "outbox.sqlite", DEV_KEYS[0]
    with throwaway_node() as url:
        command = [sys.executable, "-c", WORKER, url, str(path), key]
        workers = [subprocess.Popen(command) for _ in range(3)]
        assert [worker.wait(60) for worker in workers] == [0, 0, 0]
        account, chain = LocalAccount(bytes.fromhex(key[2:])), Chain(Rpc(url), 31_337)
        assert chain.nonce(account.address) == 12
        outbox = Outbox.open(path, chain, account)
        assert outbox.pending() == []
        assert {len(outbox.attempts(f"shared-{n}")) for n in range(12)} == {1}
        outbox.close()
