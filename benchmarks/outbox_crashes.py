"""Kill real processes at every state of the outbox, on a real node, and count what reached it.

A nursery with one thread forks a child per life, so that 500 crashes do not cost 500 interpreter
starts. The child dies by `os._exit` in the middle of its story; another child picks the file up.
Run on its own it prints a JSON report: `python benchmarks/outbox_crashes.py --count 500`.
"""

import argparse
import json
import os
import random
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from diptych.ledger.account import LocalAccount
from diptych.ledger.chain import Chain
from diptych.ledger.check_contract import INIT_CODE
from diptych.ledger.decoding import decode_transaction
from diptych.ledger.devchain.throwaway import DEV_KEYS, throwaway_node
from diptych.ledger.outbox import Outbox, OutboxStore, State
from diptych.ledger.quantity import read_list, read_object
from diptych.ledger.records import MinedTransaction
from diptych.ledger.rpc import Rpc
from outbox_stories import (
    CHAIN_ID,
    CRASHED,
    FIRST_VALUE_WEI,
    STORIES,
    Workplace,
    open_world,
    sender,
    tell,
)

_LONGEST_LIFE = 12


@dataclass
class Report:
    """What a campaign saw."""

    crashes: int = 0
    lives: int = 0
    failed_lives: int = 0
    double_sends: int = 0
    lost_intents: int = 0
    died_at: Counter[str] = field(default_factory=Counter)


def run(count: int, *, seed: int) -> Report:
    """Crash at least `count` times, then judge the chain."""
    dice, report = random.Random(seed), Report()
    with (
        throwaway_node(extra=["--no-mining", "--order", "fifo"]) as url,
        tempfile.TemporaryDirectory() as folder,
    ):
        place = Workplace(url, Path(folder), _deployed(url))
        while report.crashes < count:
            _live(place, report, dice)
            report.lives += 1
        _judge(place, report)
    return report


def _live(place: Workplace, report: Report, dice: random.Random) -> None:
    life, code = report.lives, CRASHED
    die_after = dice.randint(1, _LONGEST_LIFE)
    while code == CRASHED:
        code = _in_child(place, life, die_after)
        if code == CRASHED:
            report.crashes += 1
            report.died_at[(place.folder / "died-at").read_text()] += 1
        # Half of the successors are killed too.
        die_after = dice.randint(1, _LONGEST_LIFE) if dice.random() < 0.5 else 0
    report.failed_lives += code != 0


def _in_child(place: Workplace, life: int, die_after: int) -> int:
    """Tell a life's story in a forked child and return its exit code."""
    child = os.fork()
    if child == 0:
        try:
            world = open_world(place, die_after=die_after)
            tell(world, _story(life), life=life, contract=place.contract)
        except BaseException as error:  # the child must never return into the nursery
            print(f"life {life}: {type(error).__name__}: {error}", file=sys.stderr)
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _story(life: int) -> str:
    return STORIES[life % len(STORIES)]


def _deployed(url: str) -> str:
    chain, account = Chain(Rpc(url), CHAIN_ID), LocalAccount(bytes.fromhex(DEV_KEYS[1][2:]))
    with tempfile.TemporaryDirectory() as folder:
        outbox = Outbox.open(Path(folder) / "outbox.sqlite", chain, account)
        outbox.prepare("contract", to=None, data=INIT_CODE)
        outbox.advance()
        chain.rpc.call("evm_mine")
        address = outbox.wait("contract").contract_address
        outbox.close()
    return address or ""


def _judge(place: Workplace, report: Report) -> None:
    """Compare what the outbox says with what stands in the chain's blocks."""
    mined = Counter(
        t.to if t.to == place.contract else t.value_wei - FIRST_VALUE_WEI
        for t in _mined(Chain(Rpc(place.url), CHAIN_ID))
    )
    store = OutboxStore(place.folder / "outbox.sqlite")
    reverting = 0
    for life in range(report.lives):
        intent = store.intent(f"life-{life}")
        if intent is None or not intent.is_finished:
            report.lost_intents += 1
            continue
        if _story(life) == "reverted":
            reverting += 1
            report.lost_intents += intent.state is not State.REVERTED
            continue
        expected = int(intent.state is State.FINAL)
        report.double_sends += mined[life] > expected
        report.lost_intents += mined[life] < expected
        report.lost_intents += intent.state is State.CANCELLED and _story(life) != "cancelled"
    report.double_sends += max(mined[place.contract] - reverting, 0)
    report.lost_intents += max(reverting - mined[place.contract], 0)
    store.close()


def _mined(chain: Chain) -> list[MinedTransaction]:
    found: list[MinedTransaction] = []
    for height in range(1, chain.head_number() + 1):
        block = read_object(chain.request("eth_getBlockByNumber", hex(height), True), "block")
        found += map(decode_transaction, read_list(block["transactions"], "transactions"))
    return [t for t in found if t.sender == sender().address]


def main(count: int, seed: int) -> int:
    """Run a campaign and print its report."""
    report = run(count, seed=seed)
    print(json.dumps(vars(report), sort_keys=True))
    return 0 if report.double_sends == report.lost_intents == report.failed_lives == 0 else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    sys.exit(main(asked.count, asked.seed))
