"""The outbox on a disk that loses unsynced writes; `DIPTYCH_TEST_CUTS` sets the number of cuts."""

import os

from tests.powercut.campaign import run_cuts
from tests.powercut.outbox import OutboxStory

CUTS = int(os.environ.get("DIPTYCH_TEST_CUTS", "40"))


def test_nothing_is_lost_or_doubled() -> None:
    report = run_cuts(OutboxStory(), CUTS, seed=7, start_over=1)
    assert report.losses == []
    assert report.acknowledged["intents"] > CUTS / 2


def test_a_weaker_sync_is_seen_as_loss() -> None:
    assert run_cuts(OutboxStory(synchronous="OFF"), 60, seed=7, start_over=1).losses
