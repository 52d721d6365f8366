"""The chain's store under power cuts; `DIPTYCH_TEST_CUTS` sets their number."""

import os

import pytest
from tests.powercut.campaign import run_cuts
from tests.powercut.chain import ChainStory

CUTS = int(os.environ.get("DIPTYCH_TEST_CUTS", "40"))


def test_nothing_acknowledged_is_lost_in_power_cuts() -> None:
    report = run_cuts(ChainStory(), CUTS, seed=7)
    assert report.losses == []
    assert report.acknowledged["transactions"] > CUTS


@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
def test_a_disk_that_is_not_waited_for_is_seen_to_lose(synchronous: str) -> None:
    assert run_cuts(ChainStory(synchronous=synchronous), 80, seed=7).losses
