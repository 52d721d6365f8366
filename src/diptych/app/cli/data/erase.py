"""`diptych data erase`: destroy keys, salts and payload of private data."""

from pathlib import Path

import click

from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import FILE, REFERENCE
from diptych.core.errors import UsageError
from diptych_verify.wording import counted

_MAX_BYTES = 64 << 20


class BadSubjects(UsageError):
    """A file of subjects is no UTF-8 text with one subject per line, or is empty."""

    code = "Erase.BadSubjects"


@click.command()
@click.argument("what", metavar="REF", type=REFERENCE)
@click.option(
    "--subject",
    "subjects",
    multiple=True,
    type=REFERENCE,
    help="Whose rows of a table; may be repeated.",
)
@click.option(
    "--subjects", "listed", type=FILE, help="File with one subject per line, for many at once."
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    type=REFERENCE,
    help="Only this field of their rows; may be repeated.",
)
@click.option(
    "--leaf",
    "leaves",
    multiple=True,
    type=click.IntRange(min=0),
    help="Only the row of this leaf; may be repeated.",
)
@click.option("--all", "everything", is_flag=True, help="Everything that REF seals.")
@click.option("--everywhere", is_flag=True, help="In all private tables, not only versions of REF.")
@click.option(
    "--remove-bundles", is_flag=True, help="Also delete bundles in this project that show it."
)
@framed
def erase(
    *,
    what: str,
    subjects: tuple[str, ...],
    listed: Path | None,
    columns: tuple[str, ...],
    leaves: tuple[int, ...],
    everything: bool,
    everywhere: bool,
    remove_bundles: bool,
) -> Output:
    """Destroy keys, salts and payload of subjects, or of everything under REF.

    This cannot be undone. An `erased` record says which leaves are gone; all other proofs still
    verify. Exit code 1 says that something beyond the stores still shows what was erased: it is
    listed.
    """
    from diptych.app.cli.opening import open_workspace

    named = subjects if listed is None else (*subjects, *_read_subjects(frame().folder / listed))
    done = open_workspace().data.erase(
        what,
        subjects=named,
        columns=columns,
        leaves=leaves,
        everything=everything,
        everywhere=everywhere,
        remove_bundles=remove_bundles,
    )
    where = ", ".join(f"record {one.record.index}" for one in done.erased)
    whose = "everything" if everything else counted(done.subjects, "subject")
    text = f"erased {whose} of {where}" if done.erased else "was erased before"
    if done.indexes:
        text += f"; {counted(len(done.indexes), 'record')} in the log from {done.indexes[0]}"
    lines = [f"still there: {one.kind} {one.path} {one.text}" for one in done.traces]
    return Output(done.to_json(), "\n".join([text, *lines]), exit_code=1 if lines else 0)


def _read_subjects(path: Path) -> list[str]:
    if not path.is_file() or path.stat().st_size > _MAX_BYTES:
        raise BadSubjects(f"there is no file {path} of at most {_MAX_BYTES:,} bytes")
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise BadSubjects(f"{path} is not UTF-8") from None
    named = [line for line in lines if line.strip()]
    if not named:
        raise BadSubjects(f"{path} names no subject", hint="one subject per line")
    return named
