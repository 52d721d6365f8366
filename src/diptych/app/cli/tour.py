"""`diptych tour`: the whole loop on the embedded chain with real input."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.printing import say
from diptych.core.errors import UsageError

if TYPE_CHECKING:
    from diptych.app.tour import Chapter
    from diptych.app.tour.stage import StepResult


class UnknownChapter(UsageError):
    """The tour has no chapter of that name."""

    code = "Tour.UnknownChapter"


@click.command()
@click.option("--chapter", help="Play only this chapter.")
@framed
def tour(chapter: str | None) -> Output:
    """See the whole loop work, in seconds."""
    from diptych.app.tour import CHAPTERS

    chosen = [c for c in CHAPTERS if chapter in {None, c.name}]
    if not chosen:
        raise UnknownChapter(
            f"got chapter '{chapter}', expected one of {', '.join(c.name for c in CHAPTERS)}"
        )
    start_s = time.perf_counter()
    results = [result for part in chosen for result in _played(part, quiet=frame().as_json)]
    total_s = time.perf_counter() - start_s
    failed = [result for result in results if result.error is not None]
    return Output(
        {
            "ok": not failed,
            "seconds": round(total_s, 2),
            "steps": [result.to_json() for result in results],
        },
        f"{len(results) - len(failed)} of {len(results)} steps proved in {total_s:.1f} s",
        exit_code=1 if failed else 0,
    )


def _played(chapter: "Chapter", *, quiet: bool) -> "Iterator[StepResult]":
    from diptych.app.tour import play

    if not quiet:
        say(chapter.title)
    with tempfile.TemporaryDirectory(prefix="diptych-tour-") as scratch:
        folder = Path(scratch) / "project"
        folder.mkdir()
        for result in play(chapter, folder):
            if not quiet:
                mark = "ok  " if result.error is None else "FAIL"
                said = result.proved if result.error is None else result.error.message
                say(f"  {mark} {result.title:<17} {said}  ({result.seconds:.1f} s)")
            yield result
