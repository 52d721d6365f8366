"""`backup` and `restore`: the whole workspace in one file, checked before it replaces anything.

Databases are copied by SQLite's own backup, so a backup may be taken while others work. The keys of
private data go into a second file, `FILE.keys`, which has a date by which it is to be deleted: what
is erased later lives on in it until then. The first file may be kept for ever.
"""

import os
import secrets
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from diptych.app.place import HOME, Place, WorkspaceExists
from diptych.app.verbs.data.key_backups import (
    DEFAULT_RETAIN_S,
    STORES,
    KeyBackup,
    back_up_keys,
    has_data_keys,
    read_key_backup,
)
from diptych.app.verbs.data.later_erasures import Later, mark_restored, require_known
from diptych.app.verbs.data.restore_keys import KeysBack, restore_keys, scrub
from diptych.app.verbs.metering import open_store
from diptych.app.workspace import Workspace
from diptych.core.errors import DiptychError, ProvenanceError, UsageError
from diptych.core.files import sync_folder, system_error, write_error
from diptych.provenance.log import Log
from diptych.provenance.log.errors import storage_error

_SCRATCH = "backup-"
"""Folders for copies, also those that a backup left behind when it was killed."""
_LEFT_OUT = frozenset(
    {"supervisor.lock", "start.lock", "state.json", "supervisor.log"}
    | {"graph.sqlite", "graph.sqlite.lock", "registry.index"}  # made again from the log
)
_SIDE_FILES = ("-wal", "-shm", "-journal", ".uses")
_MAX_MEMBERS = 10_000_000
_MAX_BYTES = 1 << 44
_MAX_PATH = 1_000
_MAX_DEPTH = 32
_REFUSED = (tarfile.TarError, NotADirectoryError, IsADirectoryError, FileExistsError)
"""What a damaged archive leads to, and a file and a folder of one name."""


class BackupExists(UsageError):
    """A backup would overwrite a file."""

    code = "Backup.Exists"


class BackupInside(UsageError):
    """A backup would be written into the workspace that it copies."""

    code = "Backup.Inside"


class BadBackup(ProvenanceError):
    """A file is no backup of a workspace, or it is damaged."""

    code = "Backup.Bad"


@dataclass(frozen=True)
class BackedUp:
    """A backup or a restored workspace.

    Attributes:
        path: the file, or the folder.
        origin: of the log in it.
        size: of that log.
        keys: the second file, with the keys of private data, None if there are none.
        keys_back: what came back of them.
    """

    path: Path
    origin: str
    size: int
    keys: KeyBackup | None = None
    keys_back: KeysBack | None = None


def backup(
    workspace: Workspace, destination: Path, *, retain_s: int = DEFAULT_RETAIN_S
) -> BackedUp:
    """Write the workspace into one `.tar` file of mode 0600, whole or not at all.

    Args:
        workspace: what to copy.
        destination: the file; `FILE.keys` beside it gets the keys of private data, if any.
        retain_s: how long that second file may be kept.

    Raises:
        BackupExists: the file is there already.
        BackupInside: it lies in the workspace.
        Corrupt: the log or another database cannot be read.
        EnvironmentFault: it cannot be written.
    """
    target = workspace.start / destination
    if target.resolve().is_relative_to(workspace.place.home.resolve()):
        raise BackupInside(
            f"{destination} lies in the workspace that is to be backed up",
            hint="choose a place outside, best on another disk",
        )
    if os.path.lexists(target):
        raise BackupExists(f"{destination} exists already", hint="choose another name")
    with workspace.read_log() as log:
        done = BackedUp(destination, log.origin, log.size)
    if workspace.place.uses.exists():
        open_store(workspace).close()  # The store is copied, what waits for it is not.
    keys = None
    if has_data_keys(workspace):
        keys = back_up_keys(workspace, keys_file(destination), retain_s=retain_s)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        with tempfile.TemporaryDirectory(dir=workspace.place.home, prefix=_SCRATCH) as scratch:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
                    for path, name in _content(workspace.place.home, Path(scratch)):
                        archive.add(path, arcname=name, recursive=False)
                stream.flush()
                os.fsync(stream.fileno())
        temporary.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise write_error(target, error) from error
    finally:
        temporary.unlink(missing_ok=True)
        if keys is not None and not target.exists():
            keys_file(target).unlink(missing_ok=True)
    return replace(done, keys=keys)


def keys_file(destination: Path) -> Path:
    """Return where the keys of private data go that belong to a backup."""
    return destination.with_name(f"{destination.name}.keys")


def _content(home: Path, scratch: Path) -> Iterator[tuple[Path, str]]:
    """Yield every file with its name in the archive, databases as a consistent copy."""
    for folder, folders, names in os.walk(home):
        inner = Path(folder) != home
        folders[:] = sorted(one for one in folders if inner or not one.startswith(_SCRATCH))
        for name in sorted([*folders, *names]):
            path = Path(folder, name)
            if name in _LEFT_OUT or name.endswith(_SIDE_FILES) or path.is_socket():
                continue
            if name in STORES and path.parent == home / "private":
                continue
            inside = f"{HOME}/{path.relative_to(home).as_posix()}"
            if name.endswith(".sqlite"):
                path = _copy_database(path, scratch / secrets.token_hex(8))
            yield path, inside


def _copy_database(source: Path, copy: Path) -> Path:
    try:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(copy)) as new:
            old.backup(new)
    except sqlite3.Error as error:
        raise storage_error(source, error) from error
    copy.chmod(source.stat().st_mode & 0o777)
    return copy


@dataclass(frozen=True)
class Restoring:
    """How to restore.

    Attributes:
        keys: file with the keys of private data; by default `FILE.keys` if it is there.
        without_keys: leave them out, so that private seals stay closed.
        stale: take keys whose retention is over.
        later: what is known of erasures after the backup; keys do not come back without it.
    """

    keys: Path | None = None
    without_keys: bool = False
    stale: bool = False
    later: Later = field(default_factory=Later)


def restore(workspace: Workspace, source: Path, how: Restoring | None = None) -> BackedUp:
    """Unpack a backup beside the project, check its log in full, then move it into place.

    Keys of private data come back only as far as the log, or a newer copy of it, does not say that
    they were erased, and before the workspace gets its place. Without a newer copy they do not come
    back, unless somebody says that there is none.

    What the chain has seen since is compared as soon as the chain is asked: `diptych anchor` and
    `diptych verify --online` refuse a log that the chain knows to be longer.

    Args:
        workspace: one whose place does not exist.
        source: file that `backup` wrote.
        how: what to do about the keys of private data.

    Raises:
        UnknownErasures: there are keys, and nothing is said about later erasures.
        StaleKeys: the retention of the keys is over.
        ForeignKeys: keys or newer log belong to another log.
        WorkspaceExists: there is a workspace already.
        BadBackup: the file is damaged, no backup, or holds unsafe names.
        VerificationError: the log in it does not verify.
    """
    home = workspace.place.home
    if os.path.lexists(home):
        raise WorkspaceExists(f"{home} exists already", hint=f"move it away first: mv {home} ...")
    how = how or Restoring()
    if how.later.log is not None:
        how = replace(how, later=Later(workspace.start / how.later.log))
    keys = _wanted_keys(workspace, source, how)
    building = Place(home.with_name(f"{HOME}-restore-{secrets.token_hex(4)}"))
    try:
        building.home.mkdir(mode=0o700)
        _unpack(workspace.start / source, building.home)
        restored = _checked(workspace.at(building), building.home / HOME)
        unpacked = Place(building.home / HOME)
        mark_restored(workspace, unpacked, restored.size)
        back = _bring_keys(workspace.at(unpacked), keys, how)
        os.sync()  # everything that was unpacked, before it gets its name
        (building.home / HOME).rename(home)
        sync_folder(home.parent)
    except PermissionError as error:
        raise system_error(error) from error
    except OSError as error:
        raise write_error(home, error) from error
    finally:
        shutil.rmtree(building.home, ignore_errors=True)
    return BackedUp(home, restored.origin, restored.size, keys_back=back)


def _wanted_keys(workspace: Workspace, source: Path, how: Restoring) -> Path | None:
    """Return the file with the keys that are to come back, None if there is none."""
    beside = keys_file(workspace.start / source)
    if how.without_keys or (how.keys is None and not beside.exists()):
        return None
    file = beside if how.keys is None else workspace.start / how.keys
    require_known(read_key_backup(file)[0], how.later)
    return file


def _bring_keys(unpacked: Workspace, keys: Path | None, how: Restoring) -> KeysBack | None:
    """Put the keys of private data into the unpacked workspace, erasures applied."""
    if keys is None and not has_data_keys(unpacked):
        return None
    scrub(unpacked, how.later)
    return None if keys is None else restore_keys(unpacked, keys, stale=how.stale, later=how.later)


def _unpack(source: Path, folder: Path) -> None:
    if not source.exists():
        raise BadBackup(f"there is no {source}", hint="diptych backup FILE makes one")
    try:
        with source.open("rb") as stream, tarfile.open(fileobj=stream, mode="r:") as archive:
            total = 0
            for count, member in enumerate(archive):
                total += member.size
                if count > _MAX_MEMBERS or total > _MAX_BYTES or not _is_ours(member):
                    raise BadBackup(f"{source}: unexpected member '{member.name[:80]}'")
                archive.extract(member, folder, filter="data")
            # tarfile takes an archive that was cut between two members for a whole one.
            stream.seek(archive.offset)
            if stream.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
                raise BadBackup(f"{source} ends before its end: it was cut short")
    except Exception as error:
        ours = isinstance(error, DiptychError)
        if ours or (isinstance(error, OSError) and not isinstance(error, _REFUSED)):
            raise
        # Hostile headers end in many exceptions: overflows, recursion, no memory for a false size.
        raise BadBackup(f"{source} is no backup or is damaged: {error}") from error


def _is_ours(member: tarfile.TarInfo) -> bool:
    """Say whether `backup` could have written this: a file or folder, at a sane place in HOME."""
    parts = member.name.split("/")
    sane = len(member.name) <= _MAX_PATH and len(parts) <= _MAX_DEPTH and ".." not in parts
    plain = member.isdir() or (member.isfile() and not member.issparse())
    return sane and parts[0] == HOME and plain


def _checked(workspace: Workspace, home: Path) -> BackedUp:
    place = Place(home)
    for private in (place.private, place.keys, place.chain):
        if private.is_dir():
            private.chmod(0o700)
    if not place.log.is_file():
        raise BadBackup("the backup holds no log")
    with Log.open(place.log) as log:
        log.check(full=True, progress=workspace.progress)
        return BackedUp(home, log.origin, log.size)
