"""`diptych tour`: the whole loop on the embedded chain with real input."""

import tempfile
import time
from pathlib import Path

import click

from diptych.app.cli.frame import Output, frame, framed
from diptych.core.errors import UsageError


class UnknownChapter(UsageError):
    """The tour has no chapter of that name."""

    code = "Tour.UnknownChapter"


@click.command()
@click.option("--chapter", help="Play only this chapter.")
@framed
def tour(chapter: str | None) -> Output:
    """See the whole loop work, in seconds."""
    from diptych.app.tour import CHAPTERS, play

    chosen = [c for c in CHAPTERS if chapter in {None, c.name}]
    if not chosen:
        raise UnknownChapter(
            f"got chapter '{chapter}', expected one of {', '.join(c.name for c in CHAPTERS)}"
        )
    quiet = frame().as_json
    results = []
    start_s = time.perf_counter()
    for part in chosen:
        if not quiet:
            click.echo(part.title)
        with tempfile.TemporaryDirectory(prefix="diptych-tour-") as scratch:
            folder = Path(scratch) / "project"
            folder.mkdir()
            for result in play(part, folder):
                results.append(result)
                if not quiet:
                    mark = "ok  " if result.error is None else "FAIL"
                    said = result.proved if result.error is None else result.error.message
                    click.echo(f"  {mark} {result.title:<17} {said}  ({result.seconds:.1f} s)")
    failed = [result for result in results if result.error is not None]
    total_s = time.perf_counter() - start_s
    return Output(
        {
            "ok": not failed,
            "seconds": round(total_s, 2),
            "steps": [
                {
                    "chapter": r.chapter,
                    "title": r.title,
                    "proved": r.proved,
                    "seconds": round(r.seconds, 2),
                    "error": r.error.to_json() if r.error else None,
                }
                for r in results
            ],
        },
        f"{len(results) - len(failed)} of {len(results)} steps proved in {total_s:.1f} s",
        exit_code=1 if failed else 0,
    )
