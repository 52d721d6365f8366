"""`diptych backup` and `diptych restore`: the workspace in one file and back."""

from pathlib import Path

import click

from diptych.app.cli.data.keys import NEWER_LOG, NO_NEWER_LOG, not_known
from diptych.app.cli.frame import Output, framed
from diptych.app.cli.given import ANY_PATH, FILE
from diptych_verify.wording import counted


@click.command()
@click.argument("destination", type=FILE)
@click.option(
    "--retain",
    default="30d",
    show_default=True,
    help="How long the keys of private data in FILE.keys may be kept.",
)
@framed
def backup(destination: Path, retain: str) -> Output:
    """Copy the workspace to one file.

    The copy is consistent even while others work. It holds the encrypted signing keys: guard it.
    Keys of private data go into FILE.keys, which `diptych data keys prune` deletes in time.
    """
    from diptych.app.cli.data.keys import span_s
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.backup import backup as back_up

    done = back_up(open_workspace(), destination, retain_s=span_s(retain))
    notes: tuple[str, ...] = ()
    if done.keys is not None:
        ends = done.keys.to_json()["ends"]
        notes = (f"the keys of private data are in {done.keys.path}; delete it by {ends}",)
    return Output(
        {
            "file": str(done.path),
            "origin": done.origin,
            "size": done.size,
            "keys": None if done.keys is None else done.keys.to_json(),
        },
        f"wrote {done.path}: {done.origin}, {counted(done.size, 'record')}",
        notes=notes,
    )


@click.command()
@click.argument("source", type=FILE)
@click.option("--keys", type=FILE, help="Keys of private data; by default SOURCE.keys.")
@click.option("--without-keys", is_flag=True, help="Leave private data closed.")
@click.option("--stale", is_flag=True, help="Take keys whose retention is over.")
@click.option("--newer-log", type=ANY_PATH, help=NEWER_LOG)
@click.option("--no-newer-log", is_flag=True, help=NO_NEWER_LOG)
@framed
def restore(
    *,
    source: Path,
    keys: Path | None,
    without_keys: bool,
    stale: bool,
    newer_log: Path | None,
    no_newer_log: bool,
) -> Output:
    """Bring a backup back, checked.

    The log is recomputed in full before it is put in place; an existing workspace is never touched.
    Keys of private data come back without those that the log, or a newer copy of it, says were
    erased; never without a word about what was erased after the backup.
    """
    from diptych.app.cli.opening import new_workspace
    from diptych.app.verbs.backup import Restoring
    from diptych.app.verbs.backup import restore as bring_back
    from diptych.app.verbs.data.later_erasures import Later

    later = Later(newer_log, no_newer_log)
    done = bring_back(new_workspace(), source, Restoring(keys, without_keys, stale, later))
    back = done.keys_back
    notes = ["diptych verify --online asks the chain whether anything is newer"]
    if back is not None:
        notes.append(
            f"keys of {counted(back.seals, 'private seal')} came back, "
            f"{counted(back.erased_again, 'row')} stayed erased; {not_known(back.log_size)}"
        )
    return Output(
        {
            "folder": str(done.path),
            "origin": done.origin,
            "size": done.size,
            "keys": None if back is None else back.to_json(),
        },
        f"restored {done.origin} with {counted(done.size, 'record')}",
        notes=tuple(notes),
    )
