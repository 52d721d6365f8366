"""Crashes at any point, on a chain that reorganises, forgets and is used by somebody else too."""

import os
from pathlib import Path
from random import Random

import pytest
from tests.unit.ledger.conftest import Bench
from tests.unit.ledger.outbox_life import TO, Crash, Tally, live_once

from diptych.ledger.outbox import State

LIVES = int(os.environ.get("DIPTYCH_TEST_OUTBOX_LIVES", "100"))


def test_no_intent_is_lost_or_doubled(tmp_path: Path) -> None:
    tally = Tally()
    for number in range(LIVES):
        folder = tmp_path / str(number)
        folder.mkdir()
        try:
            live_once(folder, Random(number), tally)
        except AssertionError as error:
            raise AssertionError(f"life {number}: {error}") from error
    assert tally.crashes > LIVES / 2
    assert {"PREPARED", "RESERVED", "SIGNED", "BROADCAST", "SENT", "MINED"} <= set(tally.at)


POINTS = ("PREPARED", "RESERVED", "SIGNED", "BROADCAST", "SENT", "MINED", "FINAL")


@pytest.mark.parametrize("point", POINTS)
def test_crash_at_each_point_of_the_usual_way(bench: Bench, point: str) -> None:
    def hook(name: str) -> None:
        if name == point:
            raise Crash

    bench.hook = hook
    with pytest.raises(Crash):
        bench.open().send("a", to=TO, value_wei=5)
    bench.hook = lambda _: None
    before = list(bench.node.sent)
    assert bench.open().send("a", to=TO, value_wei=5).succeeded
    assert len(bench.node.mined()) == 1
    assert len(set(bench.node.sent)) == 1
    if before:
        assert set(bench.node.sent) == set(before)


def test_intents_go_on_without_their_caller(bench: Bench) -> None:
    outbox = bench.open()
    outbox.prepare("a", to=TO)
    bench.close()
    later = bench.open()
    later.advance()
    assert later.intent("a").state is State.FINAL


def test_two_processes_drive_one_outbox(bench: Bench) -> None:
    first, second = bench.open(), bench.open()
    bench.node.auto_mine = False
    first.prepare("a", to=TO)
    first.prepare("b", to=TO, value_wei=1)

    def interleave(name: str) -> None:
        bench.hook = lambda _: None
        second.advance()

    bench.hook = interleave
    first.advance()
    bench.node.mine()
    second.advance()
    first.advance()
    assert [t.value_wei for t in bench.node.mined()] == [0, 1]
    assert len(first.attempts("a")) == len(first.attempts("b")) == 1
