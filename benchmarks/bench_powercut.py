"""Power cuts and SIGKILLs: how much of what was acknowledged is lost, store by store.

Every store runs its real code on a simulated disk that loses, tears and reorders what was not
synced, names in folders included. Each also runs on a disk that does not wait for syncs, where it
must be seen to lose: a simulation that cannot fail proves nothing.
"""

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness import Row, arguments, report, row

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.powercut.campaign import START_OVER, Story, run_cuts
from tests.powercut.chain import ChainStory
from tests.powercut.log import LogStory
from tests.powercut.objects import FileStory
from tests.powercut.outbox import OutboxStory
from tests.powercut.sensors import ReadingStory
from tests.powercut.tables import TableStory
from tests.powercut.usage import UsageStory
from tests.unit.log.signing import SeededSigner
from tests.unit.log.stress import run

from diptych.provenance.log import Log

_CONTROL_CUTS = 100


@dataclass(frozen=True)
class Area:
    """A store: its story on an honest disk, and on weaker ones by the name of the weakness."""

    name: str
    story: Story
    weaker: dict[str, Callable[[], Story]]
    start_over: float = START_OVER


AREAS = (
    Area(
        "log",
        LogStory(),
        {
            "synchronous=NORMAL": lambda: LogStory(synchronous="NORMAL"),
            "synchronous=OFF": lambda: LogStory(synchronous="OFF"),
        },
    ),
    Area(
        "embedded chain",
        ChainStory(),
        {
            "synchronous=NORMAL": lambda: ChainStory(synchronous="NORMAL"),
            "synchronous=OFF": lambda: ChainStory(synchronous="OFF"),
        },
    ),
    Area(
        "outbox",
        OutboxStory(),
        {"synchronous=OFF": lambda: OutboxStory(synchronous="OFF")},
        start_over=1,
    ),
    Area(
        "objects and other files",
        FileStory(),
        {
            "no fsync of files": lambda: FileStory(ignored=("file",)),
            "no fsync of folders": lambda: FileStory(ignored=("folder",)),
        },
    ),
    Area(
        "private tables and erasures",
        TableStory(),
        {
            "synchronous=OFF": lambda: TableStory(synchronous="OFF"),
            "no fsync of files": lambda: TableStory(ignored=("file",)),
        },
    ),
    Area(
        "usage",
        UsageStory(),
        {
            "synchronous=NORMAL": lambda: UsageStory(synchronous="NORMAL"),
            "synchronous=OFF": lambda: UsageStory(synchronous="OFF"),
        },
    ),
    Area(
        "readings and spool",
        ReadingStory(),
        {
            "synchronous=NORMAL": lambda: ReadingStory(synchronous="NORMAL"),
            "synchronous=OFF": lambda: ReadingStory(synchronous="OFF"),
        },
    ),
)


def cut_rows(area: Area, cuts: int) -> list[Row]:
    """Cut the power under one store, then under weaker variants of it."""
    result = run_cuts(area.story, cuts, seed=1, start_over=area.start_over)
    more: dict[str, object] = {**result.acknowledged, "first losses": result.losses[:3]}
    what = f"{area.name}, {cuts:,} power cuts: cuts that lost something acknowledged"
    return [
        row(what, len(result.losses), "cuts", at_most=0, more=more),
        *(_control(area, weakness) for weakness in area.weaker),
    ]


def _control(area: Area, weakness: str) -> Row:
    story = area.weaker[weakness]()
    result = run_cuts(story, _CONTROL_CUTS, seed=1, start_over=area.start_over)
    what = f"control: {area.name}, {weakness}, {_CONTROL_CUTS} power cuts: cuts seen to lose"
    return row(what, len(result.losses), "cuts", at_least=1)


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
    """Run all stores, then the kills."""
    asked = arguments(__doc__)
    cuts = 40 if asked.quick else 1_000
    rows = [one for area in AREAS for one in cut_rows(area, cuts)]
    return report("powercut", [*rows, kill_row(3 if asked.quick else 50)], asked)


if __name__ == "__main__":
    sys.exit(main())
