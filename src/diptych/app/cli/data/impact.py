"""`diptych data impact`: which models ever saw this?"""

import sys
from typing import TYPE_CHECKING

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.given import REFERENCE
from diptych.app.cli.printing import table
from diptych.core.errors import UsageError
from diptych_verify.wording import counted

if TYPE_CHECKING:
    from diptych.app.verbs.data.impact import Impact

_HEADER = ("model", "record", "state", "how", "way")
_MAX_INPUT_BYTES = 4 << 20


class BadSubject(UsageError):
    """A subject or row is empty, too long or not UTF-8."""

    code = "Impact.BadSubject"


@click.command()
@click.argument("what", type=REFERENCE)
@click.option("--in", "within", type=REFERENCE, help="Version in which WHAT is the path of a file.")
@click.option(
    "--subject",
    is_flag=True,
    help="WHAT names a person or thing in tables; '-' reads it from standard input.",
)
@click.option("--column", help="Column of public tables that names subjects.")
@click.option(
    "--row",
    is_flag=True,
    help="WHAT is a row: JSON cells by column, TABLE:7, or '-' for JSON on standard input.",
)
@framed
def impact(
    *, what: str, within: str | None, subject: bool, column: str | None, row: bool
) -> Output:
    """Name the models that ever saw WHAT, over all versions that hold it.

    WHAT is a file, the SHA-256 of one, a version, with --subject somebody in a table, or with
    --row a row of one. Private tables are asked by key. '-' instead of a subject or row reads it
    from standard input, which keeps it out of the shell's history.

    Example: diptych data impact P-1 --subject --column id
    """
    from diptych.app.cli.opening import open_workspace

    if (subject or row) and what == "-":
        what = _from_stdin()
    found = open_workspace().data.impact(
        what, within=within, subject=subject, column=column, row=row
    )
    return Output(found.to_json(), _text(found), notes=_notes(found))


def _from_stdin() -> str:
    raw = sys.stdin.buffer.read(_MAX_INPUT_BYTES + 1)
    try:
        text = raw.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        text = ""
    if not text or len(raw) > _MAX_INPUT_BYTES:
        raise BadSubject(f"expected 1 to {_MAX_INPUT_BYTES:,} bytes of UTF-8 on standard input")
    return text


def _text(found: "Impact") -> str:
    if not found.found:
        return f"no table that could be looked into holds it, as of log size {found.size}"
    places = ", ".join(f"{one.name} ({one.index})" for one in found.found[:10])
    more = f" and {len(found.found) - 10} more" if len(found.found) > 10 else ""
    lines = [f"in {counted(len(found.found), 'record')}: {places}{more}"]
    if found.models:
        rows = [
            (
                one.judged.name,
                str(one.judged.index),
                one.judged.state.value,
                "tested only" if one.tested_only else "saw it",
                " > ".join(map(str, one.via)),
            )
            for one in found.models
        ]
        lines.append(table(rows, header=_HEADER))
    else:
        lines.append(f"no model saw it, as of log size {found.size}")
    if found.others:
        others = ", ".join(f"{count} {kind}" for kind, count in found.others.items())
        lines.append(f"it also reached: {others}")
    return "\n".join(lines)


def _notes(found: "Impact") -> tuple[str, ...]:
    cut = ("cut off: more records than can be followed",) if found.truncated else ()
    return (*(f"not looked into: {one}" for one in found.skipped), *cut)
