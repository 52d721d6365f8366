"""`diptych data show`: one version and what its evidence comes to."""

from typing import TYPE_CHECKING

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.given import REFERENCE
from diptych.app.cli.printing import one_line
from diptych_verify.wording import counted

if TYPE_CHECKING:
    from diptych.app.verbs.data.show import ShownVersion


@click.command()
@click.argument("what", type=REFERENCE)
@framed
def show(what: str) -> Output:
    """Show one version: what it seals, what it says, and its state.

    WHAT is NAME, NAME@3, an index, a record id or a sealed path.

    Example: diptych data show visits@1
    """
    from diptych.app.cli.opening import open_workspace

    shown = open_workspace().data.show(what)
    return Output(shown.to_json(), "\n".join(_lines(shown)))


def _lines(shown: "ShownVersion") -> list[str]:
    statement = shown.judged.statement
    kind = "record" if statement is None else statement.kind
    time = "" if statement is None else f", claimed {statement.time}"
    newest = f" (newest is @{shown.newest})" if shown.newest else ""
    lines = [
        f"{kind} {one_line(shown.name)}{newest}",
        f"  record    {shown.judged.index}, {shown.record}",
        f"  state     {shown.judged.state.value}: {one_line(shown.judged.reason)}",
        f"  signed    {' '.join(shown.signers)}{time}",
        f"  anchored  {'yes' if shown.anchored else 'not yet'}",
    ]
    if shown.facts:
        size = f"{counted(int(str(shown.facts['files'])), 'file')}, {shown.facts['bytes']:,} B"
        lines.append(f"  seals     {size}, root {shown.facts['root']}")
    lines += [f"  file      {one_line(path)} ({size:,} B)" for path, size in shown.files]
    if shown.why_no_files:
        lines.append(f"  files     not shown: {one_line(shown.why_no_files)}")
    for edge in shown.edges:
        place = "" if edge.index is None else f"record {edge.index}, "
        lines.append(f"  {edge.relation:<9} {place}{one_line(edge.name)}")
    used = ", ".join(f"{relation} {count:,}" for relation, count in shown.used.items())
    lines.append(f"  used      {used or 'by no record'}, as of log size {shown.size}")
    return lines
