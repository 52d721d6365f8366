"""`diptych data keys`: back up, restore and prune the keys of private data."""

import re
from pathlib import Path

import click

from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import ANY_PATH, FILE, FOLDER
from diptych.core.errors import UsageError
from diptych_verify.wording import counted

NEWER_LOG = "Longer copy of the log (log.sqlite or exported tiles), whose erasures count, too."
NO_NEWER_LOG = "There is none: take the keys, though data erased since may come back."
_UNITS = {"h": 3_600, "d": 86_400, "w": 604_800}
_SPAN = re.compile(r"([0-9]{1,5})([hdw])")


class BadSpan(UsageError):
    """A time span is not a number with h, d or w."""

    code = "KeyBackup.BadSpan"


@click.group()
def keys() -> None:
    """Back up, restore and prune the keys of private data."""


@keys.command()
@click.argument("destination", type=FILE)
@click.option("--retain", default="30d", show_default=True, help="How long it may be kept.")
@framed
def backup(*, destination: Path, retain: str) -> Output:
    """Write the keys of private data to a file of their own.

    Whoever has this file and the private key can read what was sealed privately, erased since or
    not: it must not outlive its retention.

    Example: diptych data keys backup /backup/keys.tar --retain 14d
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.data.key_backups import back_up_keys

    made = back_up_keys(open_workspace(), destination, retain_s=span_s(retain))
    ends = made.to_json()["ends"]
    return Output(
        made.to_json(), f"wrote {destination}; delete it by {ends}: diptych data keys prune"
    )


@keys.command()
@click.argument("source", type=FILE)
@click.option("--stale", is_flag=True, help="Take it although its retention is over.")
@click.option("--newer-log", type=ANY_PATH, help=NEWER_LOG)
@click.option("--no-newer-log", is_flag=True, help=NO_NEWER_LOG)
@framed
def restore(*, source: Path, stale: bool, newer_log: Path | None, no_newer_log: bool) -> Output:
    """Bring back keys that are missing here, but never erased ones.

    All erasures that the log knows are applied to the file's keys before any of them is kept. Where
    the log itself comes from a backup, it takes a newer copy of the log to know them.

    Example: diptych data keys restore /backup/keys.tar --newer-log log.sqlite
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.data.later_erasures import Later
    from diptych.app.verbs.data.restore_keys import restore_keys

    later = Later(newer_log, no_newer_log)
    done = restore_keys(open_workspace(), source, stale=stale, later=later)
    return Output(
        done.to_json(),
        f"brought back keys of {counted(done.seals, 'seal')} and "
        f"{counted(done.subjects, 'subject')}; {counted(done.erased_again, 'row')} stayed erased",
        notes=(not_known(done.log_size),) if no_newer_log else (),
    )


@keys.command()
@click.argument("place", metavar="[FOLDER]", required=False, type=FOLDER)
@click.option("--retain", help="Keep for this long instead of for what each file says, e.g. 30d.")
@framed
def prune(*, place: Path | None, retain: str | None) -> Output:
    """Overwrite and delete key backups whose retention is over.

    Looks where backups were written from here and, if given, in FOLDER.

    Example: diptych data keys prune /backup
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.data.key_backups import known_key_backups, prune_key_backups

    book = open_workspace()
    looked = None if place is None else frame().folder / place
    gone = prune_key_backups(
        book, folder=looked, retain_s=None if retain is None else span_s(retain)
    )
    left = known_key_backups(book)
    return Output(
        {"deleted": [str(one.path) for one in gone], "left": [str(path) for path in left]},
        f"deleted {counted(len(gone), 'key backup')}, {len(left)} left",
        notes=() if left else ("there is no key backup left: diptych data keys backup FILE",),
    )


def not_known(log_size: int) -> str:
    """Return what a restore cannot know."""
    return (
        f"erasures after record {log_size - 1} are not known here: if there were any, erase again"
    )


def span_s(text: str) -> int:
    """Return a time span such as `30d` in seconds.

    Raises:
        BadSpan: it has another form.

    >>> span_s("12h")
    43200
    """
    match = _SPAN.fullmatch(text)
    if match is None:
        raise BadSpan(f"got '{text[:40]}', expected a number with h, d or w, for example 30d")
    return int(match[1]) * _UNITS[match[2]]
