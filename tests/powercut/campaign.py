"""Power cuts one after another: a story works on a simulated disk, and is held to its promises."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Protocol

from tests.powercut.disk import SimulatedDisk

from diptych.core.errors import DiptychError

START_OVER = 0.15


class Broken(AssertionError):
    """Something that was acknowledged before the cut is gone or wrong after it."""


class Story(Protocol):
    """What a store does before a cut, and what must hold after it."""

    def live(self, disk: SimulatedDisk, random: Random) -> None:
        """Work on the disk with real code, and acknowledge what that code acknowledges."""

    def hold(self, image: dict[str, bytes], promises: list[object]) -> None:
        """Raise `Broken` or a `DiptychError` if the files do not keep a promise."""

    def counted(self, promise: object) -> Mapping[str, int]:
        """Return what a promise covers, for the report."""


@dataclass
class Report:
    """How much was tried, and each cut after which something acknowledged was lost."""

    cuts: int = 0
    acknowledged: Counter[str] = field(default_factory=Counter)
    losses: list[str] = field(default_factory=list)


def run_cuts(story: Story, count: int, *, seed: int, start_over: float = START_OVER) -> Report:
    """Cut the power `count` times, each time in a session that starts from the last cut's disk.

    Args:
        story: what is done and promised.
        count: number of cuts.
        seed: makes the run repeatable.
        start_over: share of the sessions that start on an empty disk, so that creation is cut too.
            A session after a loss always does.
    """
    random = Random(seed)
    report = Report()
    image: dict[str, bytes] = {}
    promises: list[object] = []
    for number in range(count):
        if random.random() < start_over:
            image, promises = {}, []
        report.cuts += 1
        try:
            image, new = _one_cut(story, image, random)
            promises += new
            for promise in new:
                report.acknowledged.update(story.counted(promise))
            story.hold(image, promises)
        except (DiptychError, Broken) as error:
            report.losses.append(f"seed {seed}, cut {number}: {error}")
            image, promises = {}, []
    return report


def _one_cut(
    story: Story, image: dict[str, bytes], random: Random
) -> tuple[dict[str, bytes], list[object]]:
    """Work on a disk in state `image`, and cut the power at some moment of that work."""
    with TemporaryDirectory() as folder:
        disk = SimulatedDisk(Path(folder), image)
        story.live(disk, random)
        return disk.cut(random.randrange(disk.moments), random)
