"""Several processes seal at once and are killed at any moment: no fork, no loss."""

import os
from pathlib import Path

from tests.unit.log.signing import SeededSigner
from tests.unit.log.stress import run

from diptych.provenance.log import LeaseTerms, Log

KILLS = int(os.environ.get("DIPTYCH_TEST_KILLS", "6"))


def test_killed_writers_lose_nothing_and_never_fork(tmp_path: Path) -> None:
    outcome = run(tmp_path, kills=KILLS)
    assert outcome.kills == KILLS
    assert outcome.acknowledged
    with Log.open(tmp_path / "log.sqlite", signer=SeededSigner()) as log:
        log.check(full=True)
        lost = {
            index: envelope
            for index, envelope in outcome.acknowledged.items()
            if index >= log.size or log.entry(index) != envelope
        }
        assert lost == {}
        with log.writer(LeaseTerms(wait_s=0)) as writer:  # the dead hold nothing
            writer.append([b"after"])
