"""`diptych seal`: hash, sign and log a file or folder."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.given import ANY_PATH, REFERENCE
from diptych.core.errors import UsageError
from diptych_verify.wording import counted

if TYPE_CHECKING:
    from diptych.app.verbs.seal import Sealed


class BadStream(UsageError):
    """Standard input is sealed with `-` and `--name` together, and never privately."""

    code = "Seal.BadStream"


@click.command()
@click.argument("path", type=ANY_PATH)
@click.option("--name", type=REFERENCE, help="Name of what standard input holds.")
@click.option("--private", is_flag=True, help="Publish only salted commitments.")
@click.option("--store", is_flag=True, help="Also keep the content as objects.")
@click.option(
    "--from",
    "derived_from",
    multiple=True,
    help="Record or sealed path that this comes from; may be repeated.",
)
@framed
def seal(
    *, path: Path, name: str | None, private: bool, store: bool, derived_from: tuple[str, ...]
) -> Output:
    """Seal a file or folder into the log.

    PATH `-` reads standard input, which --name then names.
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.data.first_look import first_look_note, personal_columns

    if (str(path) == "-") != (name is not None) or (name is not None and private):
        raise BadStream(
            "--name goes with PATH '-' (standard input), and neither goes with --private",
            hint="diptych seal - --name NAME",
        )
    book = open_workspace()
    if name is None:
        sealed = book.seal(path, private=private, store=store, derived_from=derived_from)
    else:
        from diptych.app.verbs.stream import seal_stream

        source = sys.stdin.buffer
        sealed = seal_stream(book, source, name, store=store, derived_from=derived_from)
    personal = () if private else personal_columns(book, path)
    return Output(
        {**sealed.to_json(), "personal_columns": [*personal]},
        f"{_what(sealed, path)} as record {sealed.index}: {sealed.record}",
        notes=(*_ignored(sealed), *first_look_note(personal)),
    )


def _ignored(sealed: "Sealed") -> tuple[str, ...]:
    if not sealed.ignored:
        return ()
    return (f"the ignore file left out {counted(sealed.ignored, 'path')}",)


def _what(sealed: "Sealed", path: Path) -> str:
    if sealed.files is None:
        return f"sealed {path} privately"
    verb = "sealed" if sealed.new else "unchanged since it was sealed:"
    return f"{verb} {sealed.name} ({counted(sealed.files, 'file')}, {sealed.size_bytes:,} B)"
