"""Power cuts and SIGKILLs: how many acknowledged records the log loses."""

import sys
import tempfile
from pathlib import Path

from harness import Row, arguments, report, row

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.powercut.log import Broken, run_cuts
from tests.unit.log.signing import SeededSigner
from tests.unit.log.stress import run

from diptych.provenance.log import Log


def cut_rows(cuts: int) -> list[Row]:
    """Cut the power on a simulated disk, and show that a weaker sync would be noticed."""
    lost, records, pins, error = 0, 0, 0, ""
    try:
        result = run_cuts(cuts, seed=1)
        records, pins = result.records, result.pins
    except Broken as broken:
        lost, error = 1, str(broken)
    more: dict[str, object] = {"acknowledged": records, "pins": pins, "error": error}
    what = (
        f"{cuts:,} power cuts (lost, torn and reordered unsynced writes): runs that lost a record"
    )
    return [
        row(what, lost, "runs", at_most=0, more=more),
        *(_control(synchronous) for synchronous in ("NORMAL", "OFF")),
    ]


def _control(synchronous: str) -> Row:
    seen = 0
    for seed in range(5):
        try:
            run_cuts(60, seed=seed, synchronous=synchronous)
        except Broken:
            seen += 1
    what = f"control: synchronous={synchronous}, 5 runs of at most 60 cuts: runs seen to lose"
    return row(what, seen, "runs", at_least=5)


def kill_row(kills: int) -> Row:
    """Kill one of three writers again and again."""
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(Path(folder), kills=kills)
        with Log.open(Path(folder) / "log.sqlite", signer=SeededSigner()) as log:
            log.check(full=True)
            size = log.size
            lost = sum(
                index >= size or log.entry(index) != envelope
                for index, envelope in outcome.acknowledged.items()
            )
    what = f"{kills:,} SIGKILLs of one of three writers: acknowledged records lost"
    more: dict[str, object] = {"acknowledged": len(outcome.acknowledged)}
    return row(what, lost, "records", at_most=0, more=more)


def main() -> int:
    """Run both."""
    asked = arguments(__doc__)
    rows = [*cut_rows(40 if asked.quick else 1_000), kill_row(3 if asked.quick else 50)]
    return report("powercut", rows, asked)


if __name__ == "__main__":
    sys.exit(main())
