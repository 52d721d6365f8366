"""`diptych data erase`: destroy keys, salts and payload of private data."""

from pathlib import Path

import click

from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import FILE, REFERENCE
from diptych_verify.wording import counted


@click.command()
@click.argument("what", metavar="REF", type=REFERENCE)
@click.option(
    "--subject",
    "subjects",
    multiple=True,
    type=REFERENCE,
    help="Whose rows of a table; may be repeated; '-' reads one from standard input.",
)
@click.option(
    "--subjects",
    "listed",
    type=FILE,
    help="File with one subject per line, '-' for standard input.",
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

    Example: diptych data erase vitals --subject P-1
    """
    from diptych.app.cli.data.subject_input import listed_subjects, one_subject
    from diptych.app.cli.opening import open_workspace

    named = [one_subject(name) for name in subjects]
    if listed is not None:
        named += listed_subjects(frame().folder / listed)
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
