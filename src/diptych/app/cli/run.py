"""`diptych run`: list what ran, and show one run."""

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.given import REFERENCE
from diptych.app.cli.printing import table


@click.group()
def run() -> None:
    """List and show recorded activities."""


@run.command("list")
@click.option(
    "-n", "--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many."
)
@framed
def list_(*, limit: int) -> Output:
    """List runs, newest first."""
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.runs import list_runs

    found = list_runs(open_workspace(), limit=limit)
    rows = [
        (
            str(one.record.index),
            one.document.activity,
            one.document.status,
            one.document.started,
            "" if one.document.duration_s is None else f"{one.document.duration_s:g} s",
            f"{len(one.document.inputs)} -> {len(one.document.outputs)}",
        )
        for one in found
    ]
    header = ("index", "activity", "status", "started", "took", "used -> made")
    return Output({"runs": [one.to_json() for one in found]}, table(rows, header=header))


@run.command()
@click.argument("reference", type=REFERENCE)
@framed
def show(*, reference: str) -> Output:
    """Show one run.

    REFERENCE is a run, or what a run made.
    """
    import json

    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.runs import find_run

    found = find_run(open_workspace(), reference)
    document = found.document
    rows = [
        ("run", f"{document.activity}, {document.status}, record {found.record.index}"),
        ("started", document.started),
        ("took", "" if document.duration_s is None else f"{document.duration_s:g} s"),
        ("seed", "" if document.seed is None else str(document.seed)),
        ("params", json.dumps(document.params, sort_keys=True)),
        ("notes", json.dumps(document.notes, sort_keys=True)),
        *(("used", f"{one.reference} ({one.record[:16]})") for one in document.inputs),
        *(("made", f"{one.name} ({one.kind}, root {one.root[:16]})") for one in document.outputs),
    ]
    if document.error is not None:
        rows.append(("error", ": ".join(document.error.values())))
    if document.capture is not None:
        capture = document.capture
        dirty = " with uncommitted changes" if capture.code.diff else ""
        rows += [
            ("code", f"commit {capture.code.commit[:12]}{dirty}" if capture.code.commit else ""),
            ("python", capture.environment.python),
            ("lock", capture.environment.lock_digest()[:16]),
            ("machine", f"{capture.hardware.cpu}, {capture.hardware.cores} cores"),
        ]
    return Output(found.to_json(), table([row for row in rows if row[1]], header=("what", "value")))
