"""What was erased after the end of the log at hand: newer copies of it, and the lack of one.

A restored log does not know what was erased after the backup, so keys from before could bring it
back. They wait until somebody shows a newer copy of the log, or says that there is none.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from diptych.app.place import Place
from diptych.app.verbs.data.key_backups import KeyBackup
from diptych.app.workspace import Workspace
from diptych.core.canonical import canonical_json
from diptych.core.clock import iso_utc
from diptych.core.digests import same_digest
from diptych.core.errors import ProvenanceError, UsageError
from diptych.core.files import write_durably
from diptych.core.progress import ProgressFactory
from diptych.provenance.log import Log, LogReader
from diptych.provenance.log.exported import ExportedLog, verify_export
from diptych.provenance.log.tiles import TILE_WIDTH
from diptych_verify.errors import BadSignature, Rollback, SplitView, UntrustedKey
from diptych_verify.note import Checkpoint

_RESTORED = "restored.json"


class ForeignKeys(ProvenanceError):
    """Keys or a newer log belong to another log than this one."""

    code = "KeyBackup.Foreign"


class UnknownErasures(UsageError):
    """Keys would come back although nobody can say what was erased since."""

    code = "KeyBackup.UnknownErasures"


@dataclass(frozen=True)
class Later:
    """What is said about erasures after the end of the log.

    Attributes:
        log: a longer copy of it: `log.sqlite`, or a folder of exported tiles.
        none_left: there is no such copy; what was erased since may come back.
    """

    log: Path | None = None
    none_left: bool = False


@dataclass(frozen=True)
class NewerLog:
    """A longer copy of a log, checked; `entries` reads its envelopes from the first one."""

    size: int
    entries: Callable[[], Iterator[bytes]]


@contextmanager
def newer_log(path: Path, log: LogReader, progress: ProgressFactory) -> Iterator[NewerLog]:
    """Open a longer copy of a log and recompute it.

    Args:
        path: `log.sqlite` of the same workspace, or what `diptych export tiles` wrote (also `log/`
            of a published catalogue).
        log: that it must continue.
        progress: shows the entries done.

    Raises:
        ForeignKeys: it is the copy of another log, or is shorter.
        Corrupt, MalformedError: it is damaged.
    """
    if not path.is_dir():
        with Log.open(path) as newer:
            newer.check(full=True, progress=progress)
            same = newer.origin == log.origin and newer.size >= log.size
            if not same or not same_digest(newer.root(log.size), log.root(log.size)):
                raise _foreign(path, log)
            yield NewerLog(newer.size, newer.entries)
        return
    here = Checkpoint(log.origin, log.size, log.root(log.size))
    try:
        head = verify_export(path, log.key, seen=here, progress=progress)
    except (BadSignature, Rollback, SplitView, UntrustedKey) as error:
        raise _foreign(path, log) from error
    export = ExportedLog(path, log.key)
    bundles = range(-(-head.size // TILE_WIDTH))
    yield NewerLog(head.size, lambda: (raw for one in bundles for raw in export.entries(one)))


def require_known(made: KeyBackup, later: Later) -> None:
    """Refuse keys of a time after which erasures are not known.

    Raises:
        UnknownErasures: there is neither a newer log nor the word that there is none.
    """
    if later.log is None and not later.none_left:
        raise UnknownErasures(
            f"{made.path.name} would bring back every key of {iso_utc(made.made_s)}; the restored "
            "log does not know what was erased since",
            hint="--newer-log with a later log.sqlite or exported tiles (log/ of a catalogue is "
            "one), or --no-newer-log if none is left",
        )


def mark_restored(workspace: Workspace, place: Place, size: int) -> None:
    """Note in an unpacked workspace that its log may lack the erasures after a size."""
    if place.private.is_dir():
        noted = canonical_json({"at_s": int(workspace.clock()), "size": size})
        write_durably(place.private / _RESTORED, noted + b"\n", mode=0o600)


def from_before_a_restore(workspace: Workspace, made: KeyBackup) -> bool:
    """Tell whether keys are older than the restore that this workspace comes from, if any."""
    path = workspace.place.private / _RESTORED
    if not path.exists():
        return False
    try:
        return made.made_s <= int(json.loads(path.read_bytes())["at_s"])
    except (OSError, ValueError, TypeError, KeyError):
        return True


def _foreign(path: Path, log: LogReader) -> ForeignKeys:
    return ForeignKeys(
        f"{path} does not continue this log, {log.origin} with {log.size} records",
        hint="a copy that was made later, of the same log",
    )
