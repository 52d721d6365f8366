"""`diptych index run`, `replay`."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import FILE
from diptych.app.cli.index.origin import from_origin
from diptych.app.cli.index.serving import until_signalled, with_server
from diptych_verify.wording import counted

if TYPE_CHECKING:
    from diptych.app.verbs.index.origin import Origin
    from diptych.app.verbs.index.run import RunReport
    from diptych.app.verbs.index.serving import Serving

_WINDOW = 256


@click.command()
@click.argument("manifest", type=FILE)
@click.option("--until", type=click.IntRange(min=0), metavar="BLOCK", help="Last block.")
@click.option("--follow", is_flag=True, help="Go on with each new block, until Ctrl-C.")
@click.option("--verify", is_flag=True, help="Recompute every root and bloom; needs receipts.")
@click.option(
    "--window",
    type=click.IntRange(1, 100_000),
    default=_WINDOW,
    show_default=True,
    help="Blocks that a reorganisation may take back.",
)
@click.option("--serve", is_flag=True, help="Follow, and answer queries meanwhile.")
@framed
@with_server
@from_origin
def run(
    *,
    manifest: Path,
    origin: "Origin",
    until: int | None,
    follow: bool,
    verify: bool,
    window: int,
    serve: bool,
    serving: "Serving",
) -> Output:
    """Index what MANIFEST asks for, up to the head of the chain.

    Run it again to continue. A changed manifest is replayed from the cache first.

    Example: diptych index run tokens.py --rpc http://127.0.0.1:8545
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.index.run import Running, run_index
    from diptych.index.engine.indexer import IndexOptions

    if serve and until is not None:
        raise click.UsageError("--serve goes on with each new block: leave out --until")
    path, options = frame().folder / manifest, IndexOptions(window=window, verified=verify)
    how = Running(options, until=until, follow=follow)
    if not serve:
        return _shown(run_index(open_workspace(), path, origin, how))
    with until_signalled() as stop:
        how = replace(how, stop=stop, serving=serving)
        return _shown(run_index(open_workspace(), path, origin, how))


@click.command()
@click.argument("manifest", type=FILE)
@framed
def replay(*, manifest: Path) -> Output:
    """Make the rows of MANIFEST anew from the cache, without asking anybody.

    Example: diptych index replay tokens.py
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.index.origin import Origin
    from diptych.app.verbs.index.run import Running, run_index

    report = run_index(open_workspace(), frame().folder / manifest, Origin(), Running(offline=True))
    return _shown(report)


def _shown(report: "RunReport") -> Output:
    rate = report.events / report.seconds if report.seconds else 0
    text = (
        f"{report.name}: {counted(report.blocks, 'block')} and {counted(report.events, 'event')}"
        f" from {report.source} in {report.seconds:.1f} s ({rate:,.0f} events/s);"
        f" at block {report.block} of {report.head}"
    )
    notes = list(report.notices)
    if report.unread:
        notes.append(f"{counted(report.unread, 'event')} could not be decoded: table _unread")
    if report.reorganisations:
        notes.append(f"followed {counted(report.reorganisations, 'reorganisation')}")
    return Output(report.to_json(), text, notes=tuple(notes))
