"""What `data lineage` and `model lineage` share: options, and how the answer is printed."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from diptych.app.cli.frame import Output, frame
from diptych.app.cli.given import FILE, REFERENCE
from diptych.app.cli.printing import table

if TYPE_CHECKING:
    from diptych.provenance.graph.lineage import Lineage, LineageNode

FORMATS = ("table", "svg", "html", "prov")
_SHOWN_NAME = 48
_WAYS = {"up": "comes from", "down": "led to", "both": "comes from and led to"}


def lineage_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a lineage command."""
    options = [
        click.argument("what", type=REFERENCE),
        click.option("--as-of", help="A date (its end, UTC), a UTC time, or a log size."),
        click.option(
            "--direction",
            type=click.Choice(list(_WAYS)),
            default="up",
            show_default=True,
            help="To the sources, to what came of it, or both.",
        ),
        click.option("--depth", type=click.IntRange(min=0), help="Most hops; by default all."),
        click.option(
            "--limit",
            type=click.IntRange(1, 100_000),
            default=1_000,
            show_default=True,
            help="Most nodes.",
        ),
        click.option("--versions", is_flag=True, help="Also follow from version to version."),
        click.option(
            "--format",
            "form",
            type=click.Choice(FORMATS),
            default="table",
            show_default=True,
            help="Table, picture, page with picture and table, or W3C PROV-JSON.",
        ),
        click.option("-o", "--output", type=FILE, help="File to write instead of printing."),
        click.option("--policy", type=FILE, help="Trust policy to judge by, instead of our own."),
        click.option("--rebuild", is_flag=True, help="Read the whole log again first."),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def lineage_output(*, what: str, form: str, output: Path | None, **asked: Any) -> Output:
    """Ask for a lineage and return what the command prints or has written."""
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.lineage import lineage
    from diptych.core.files import write_output
    from diptych.provenance.graph.terms import Direction
    from diptych.provenance.graph.walking import WalkOptions
    from diptych_verify.__main__ import read_policy
    from diptych_verify.wording import counted

    options = WalkOptions(
        Direction(asked["direction"]), asked["depth"], asked["limit"], asked["versions"]
    )
    policy = asked["policy"]
    found = lineage(
        open_workspace(),
        what,
        as_of=asked["as_of"],
        options=options,
        policy=read_policy(None if policy is None else frame().folder / policy),
        rebuild=asked["rebuild"],
    )
    text = _rendered(found, form)
    if output is None:
        return Output(found.to_json(), text, notes=found.notes)
    write_output(frame().folder / output, f"{text}\n".encode())
    done = f"wrote {output} ({counted(len(found.nodes), 'node')})"
    return Output({"file": str(output), **found.to_json()}, done, notes=found.notes)


def _rendered(found: "Lineage", form: str) -> str:
    if form == "svg":
        from diptych.provenance.graph.svg import lineage_svg

        return lineage_svg(found)
    if form == "html":
        from diptych.provenance.graph.page import lineage_page

        return lineage_page(found)
    if form == "prov":
        from diptych.provenance.graph.prov import prov_json

        return prov_json(found)
    return table(_rows(found), header=("hop", "record", "kind", "name", "state", "why it is here"))


def _rows(found: "Lineage") -> Sequence[tuple[str, ...]]:
    why: dict[str, list[str]] = {}
    hops = {node.key: node.hops for node in found.nodes}
    for edge in found.edges:
        if hops[edge.target] >= 0 and hops[edge.source] >= 0:
            why.setdefault(edge.target, []).append(f"{edge.relation} of {edge.source}")
        else:
            why.setdefault(edge.source, []).append(f"{edge.relation} {edge.target[:16]}")
    return [
        (
            str(node.hops),
            "-" if node.index is None else str(node.index),
            node.kind,
            node.shown_name[:_SHOWN_NAME],
            _state(node),
            ", ".join(why.get(node.key, ["asked for"])[:3]),
        )
        for node in found.nodes
    ]


def _state(node: "LineageNode") -> str:
    if node.state is None:
        return "-"
    return f"{node.state.value}, erased in part" if node.erased_leaves else node.state.value
