"""`diptych data diff`: what changed between two versions."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.given import ANY_PATH, REFERENCE
from diptych.app.cli.printing import one_line

if TYPE_CHECKING:
    from diptych.app.verbs.data.diff import VersionDiff

_LISTED = 20


@click.command()
@click.argument("old", type=REFERENCE)
@click.argument("new", type=REFERENCE)
@click.option("--old", "old_path", type=ANY_PATH, help="Where the content of OLD is.")
@click.option("--new", "new_path", type=ANY_PATH, help="Where the content of NEW is.")
@click.option(
    "--key", multiple=True, type=REFERENCE, help="Column that identifies a row; may be repeated."
)
@click.option("--files-only", is_flag=True, help="Do not look into tables and tensor files.")
@framed
def diff(
    *,
    old: str,
    new: str,
    old_path: Path | None,
    new_path: Path | None,
    key: tuple[str, ...],
    files_only: bool,
) -> Output:
    """Compare two versions: files, rows and columns of tables, tensors.

    OLD and NEW are NAME, NAME@3, an index, a record id or a sealed path. Tables are CSV, Parquet
    and CDISC Dataset-JSON; tensor files are safetensors and npz.

    Example: diptych data diff visits@1 visits@2 --key id
    """
    from diptych.app.cli.opening import open_workspace

    found = open_workspace().data.diff(
        old, new, old_path=old_path, new_path=new_path, key=key, inside=not files_only
    )
    return Output(found.to_json(), "\n".join(_lines(found)), notes=_notes(found))


def _notes(found: "VersionDiff") -> tuple[str, ...]:
    notes = [note for one in found.inside for note in getattr(one.changes, "notes", ())]
    return tuple(dict.fromkeys(notes))


def _lines(found: "VersionDiff") -> Iterator[str]:
    files = found.files
    yield f"record {found.old} -> {found.new}: {files.text()}, {files.unchanged:,} unchanged"
    marked = [
        *(f"+ {path}" for path in files.added),
        *(f"- {path}" for path in files.removed),
        *(f"~ {path}" for path in files.changed),
        *(f"> {old} -> {new}" for old, new in files.renamed),
    ]
    for line in marked[:_LISTED]:
        yield f"  {one_line(line)}"
    if len(marked) > _LISTED:
        yield f"  and {len(marked) - _LISTED:,} more; --json lists them"
    for change in found.inside:
        yield f"{one_line(change.path)}: {one_line(change.text())}"
