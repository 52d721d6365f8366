"""`diptych checkpoint`: print the newest checkpoint; let others vouch for it."""

from pathlib import Path

import click

from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import FILE
from diptych.app.workspace import Workspace
from diptych.core.clock import iso_utc
from diptych.core.errors import UsageError
from diptych_verify.wording import counted


class NeedsWitnessKey(UsageError):
    """A cosignature was given without the key of its witness."""

    code = "Checkpoint.NeedsWitnessKey"


@click.command()
@click.option("--cosigned", type=FILE, help="Add the witness line in this file.")
@click.option("--witness", help="Verifier key of the witness that made it.")
@click.option("--timestamp-request", is_flag=True, help="Write an RFC 3161 request for it.")
@click.option("--timestamp", type=FILE, help="Attach the RFC 3161 answer in this file.")
@framed
def checkpoint(
    *, cosigned: Path | None, witness: str | None, timestamp_request: bool, timestamp: Path | None
) -> Output:
    """Print, cosign or time-stamp the checkpoint.

    Without options it prints the newest signed note (C2SP tlog-checkpoint).
    """
    from diptych.app.cli.opening import open_workspace

    book = open_workspace()
    if cosigned is not None:
        return _add_cosignature(book, frame().folder / cosigned, witness)
    if timestamp_request:
        return _request(book)
    if timestamp is not None:
        return _attach(book, frame().folder / timestamp)
    with book.read_log() as log:
        note = log.checkpoint()
        return Output({"checkpoint": note, "size": log.size, "key": str(log.key)}, note.rstrip())


def _add_cosignature(book: Workspace, path: Path, witness: str | None) -> Output:
    from diptych_verify.__main__ import read_file
    from diptych_verify.note import VerifierKey

    if witness is None:
        raise NeedsWitnessKey("--cosigned needs the witness's key", hint="--witness NAME+HASH+KEY")
    with book.read_log() as log:
        note = read_file(path).decode("utf-8", "replace")
        seen = log.add_cosignature(note, VerifierKey.parse(witness))
    when = iso_utc(seen.time_s)
    return Output(
        {"witness": seen.name, "time": when}, f"witness {seen.name} saw this log at {when}"
    )


def _request(book: Workspace) -> Output:
    from diptych.provenance.timestamp import write_request

    with book.read_log() as log:
        path = write_request(log, book.place.timestamps)
    return Output(
        {"file": str(path)},
        f"wrote {path}: send it to a time-stamp authority, then attach the answer",
        notes=(
            "curl -H 'Content-Type: application/timestamp-query' --data-binary @FILE URL > ANSWER",
            "diptych checkpoint --timestamp ANSWER",
        ),
    )


def _attach(book: Workspace, path: Path) -> Output:
    from diptych.provenance.timestamp import attach_timestamp
    from diptych_verify.__main__ import read_file

    with book.read_log() as log:
        kept = attach_timestamp(log, book.place.timestamps, read_file(path))
    when = iso_utc(kept.timestamp.time_s)
    who = kept.timestamp.authority or "an authority that the token does not name"
    return Output(
        {"size": kept.size, "time": when, "authority": kept.timestamp.authority},
        f"{who} stamped the log of {counted(kept.size, 'record')} at {when}",
    )
