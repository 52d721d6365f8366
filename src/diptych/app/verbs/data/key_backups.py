"""Key backups: the keys of private data in a small file of their own, with its own retention.

Erasure is only as good as the oldest backup of the keys. So `diptych backup` writes everything but
these keys, which may be kept for ever, and the keys into a second file that ends on its own date.
"""

import io
import json
import os
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from diptych.app.workspace import Workspace
from diptych.core.canonical import canonical_json
from diptych.core.clock import iso_utc
from diptych.core.errors import JsonValue, MalformedError, ProvenanceError, UsageError
from diptych.core.files import write_durably
from diptych.core.register import change_register
from diptych.provenance.log.errors import storage_error
from diptych_verify.jsonio import ObjectReader, strict_json

FORMAT = "diptych-datakeys/1"
STORES = ("private.sqlite", "datakeys.sqlite")
"""The private databases that hold keys and salts."""
DEFAULT_RETAIN_S = 30 * 86_400
MAX_RETAIN_S = 100 * 366 * 86_400
_HEADER = "header.json"
_REGISTER = "key-backups.json"
_MAX_BYTES = 1 << 34
_MAX_KNOWN = 1_000
_DAMAGE = (EOFError, ValueError, OverflowError, RecursionError, MemoryError)
"""What tarfile raises besides its own errors, for headers that lie or never end."""


class BadKeyBackup(ProvenanceError):
    """A file is no backup of data keys, or it is damaged."""

    code = "KeyBackup.Bad"


class KeyBackupExists(UsageError):
    """A backup of data keys would overwrite a file, or lie in the workspace."""

    code = "KeyBackup.Exists"


class NoDataKeys(UsageError):
    """There are no keys of private data to back up."""

    code = "KeyBackup.Nothing"


@dataclass(frozen=True)
class KeyBackup:
    """A backup of data keys, as its header says.

    Attributes:
        path: the file.
        origin: the log to which the keys belong.
        size: records of the log when it was made.
        made_s: when, seconds since the epoch.
        retain_s: how long it may be kept.
    """

    path: Path
    origin: str
    size: int
    made_s: int
    retain_s: int

    @property
    def ends_s(self) -> int:
        """When it is to be deleted, seconds since the epoch."""
        return self.made_s + self.retain_s

    def header(self) -> dict[str, JsonValue]:
        """Return the header of the file."""
        return {
            "format": FORMAT,
            "origin": self.origin,
            "size": self.size,
            "made_s": self.made_s,
            "retain_s": self.retain_s,
        }

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych data keys backup --json` shows."""
        return {
            "file": str(self.path),
            "origin": self.origin,
            "size": self.size,
            "made": iso_utc(self.made_s),
            "ends": iso_utc(self.ends_s),
        }


def has_data_keys(workspace: Workspace) -> bool:
    """Tell whether anything was sealed privately here."""
    return any((workspace.place.private / name).exists() for name in STORES)


def back_up_keys(
    workspace: Workspace, destination: Path, *, retain_s: int = DEFAULT_RETAIN_S
) -> KeyBackup:
    """Write the keys of private data into one file of mode 0600, whole or not at all.

    The copies of the databases pass through memory only.

    Args:
        workspace: whose keys.
        destination: a file that does not exist, outside the workspace's `.diptych`.
        retain_s: how long it may be kept; `restore` refuses it afterwards.

    Raises:
        NoDataKeys: nothing was sealed privately.
        KeyBackupExists: the file is there already, or lies in the workspace.
        EnvironmentFault: it cannot be written.
    """
    target = workspace.start / destination
    if os.path.lexists(target) or target.resolve().is_relative_to(workspace.place.home.resolve()):
        raise KeyBackupExists(
            f"{destination} exists already or lies in the workspace",
            hint="choose another place, or delete what a backup that was killed left there",
        )
    if not has_data_keys(workspace):
        raise NoDataKeys("nothing was sealed privately here, so there are no data keys")
    with workspace.read_log() as log:
        made = KeyBackup(destination, log.origin, log.size, int(workspace.clock()), retain_s)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        _add(archive, _HEADER, canonical_json(made.header()))
        for name in STORES:
            if (workspace.place.private / name).exists():
                _add(archive, name, database_bytes(workspace.place.private / name))
    write_durably(target, buffer.getvalue(), mode=0o600)
    _remember(workspace, target)
    return made


def read_key_backup(path: Path) -> tuple[KeyBackup, dict[str, bytes]]:
    """Return the header of a key backup and the databases in it, by name.

    Raises:
        BadKeyBackup: it is none, or damaged.
    """
    found: dict[str, bytes] = {}
    try:
        with path.open("rb") as stream, tarfile.open(fileobj=stream, mode="r:") as archive:
            for member in archive:
                plain = member.isfile() and not member.issparse() and member.size <= _MAX_BYTES
                if not plain or member.name not in {_HEADER, *STORES} or member.name in found:
                    raise BadKeyBackup(f"{path}: unexpected member '{member.name[:80]}'")
                content = archive.extractfile(member)
                found[member.name] = b"" if content is None else content.read()
        return _header(path, found.pop(_HEADER, b"")), found
    except (tarfile.TarError, MalformedError, *_DAMAGE) as error:
        raise BadKeyBackup(f"{path} is no backup of data keys or is damaged: {error}") from error
    except OSError as error:
        raise BadKeyBackup(f"cannot read {path}: {error.strerror}") from error


def database_bytes(path: Path) -> bytes:
    """Return a consistent copy of a database, without touching the disk.

    Raises:
        Corrupt: it cannot be read.
    """
    try:
        with closing(sqlite3.connect(path)) as live, closing(sqlite3.connect(":memory:")) as copy:
            live.backup(copy)
            return copy.serialize()
    except sqlite3.Error as error:
        raise storage_error(path, error) from error


def known_key_backups(workspace: Workspace) -> list[Path]:
    """Return the key backups made here that still lie where they were written."""
    return [path for path in _known(workspace) if path.exists()]


def prune_key_backups(
    workspace: Workspace, *, folder: Path | None = None, retain_s: int | None = None
) -> list[KeyBackup]:
    """Overwrite and delete key backups of this log whose time is over.

    Args:
        workspace: whose backups; others are left alone.
        folder: also look through this folder, not only where backups were written.
        retain_s: keep for this long instead of for what each file says.

    Returns:
        The deleted ones.

    Raises:
        CannotWrite: one of them cannot be deleted.
    """
    from diptych.app.verbs.data.traces import overwrite_and_unlink

    candidates = known_key_backups(workspace)
    if folder is not None:
        candidates += [path for path in sorted(folder.iterdir()) if path.is_file()]
    with workspace.read_log() as log:
        origin = log.origin
    gone = []
    for path in dict.fromkeys(one.resolve() for one in candidates):
        try:
            backup, _ = read_key_backup(path)
        except BadKeyBackup:
            continue
        ends_s = backup.ends_s if retain_s is None else backup.made_s + retain_s
        if backup.origin == origin and ends_s <= workspace.clock():
            overwrite_and_unlink(path)
            gone.append(backup)
    if (workspace.place.private / _REGISTER).exists():
        _change_known(workspace, lambda known: [path for path in known if path.exists()])
    return gone


def _header(path: Path, raw: bytes) -> KeyBackup:
    reader = ObjectReader(strict_json(raw, max_bytes=4_096, max_depth=2), "header")
    if reader.text("format") != FORMAT:
        raise reader.wrong("format", FORMAT)
    backup = KeyBackup(
        path,
        reader.text("origin"),
        reader.integer("size"),
        reader.integer("made_s"),
        reader.integer("retain_s", maximum=MAX_RETAIN_S),
    )
    reader.done()
    return backup


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    archive.addfile(member, io.BytesIO(content))


def _known(workspace: Workspace) -> list[Path]:
    path = workspace.place.private / _REGISTER
    try:
        listed = json.loads(path.read_bytes()) if path.is_file() else []
    except (OSError, ValueError):
        return []
    return _paths(listed)


def _paths(listed: JsonValue) -> list[Path]:
    texts = listed if isinstance(listed, list) else []
    return [Path(one) for one in texts[:_MAX_KNOWN] if isinstance(one, str) and "\0" not in one]


def _remember(workspace: Workspace, target: Path) -> None:
    made = target.resolve()

    def remembered(known: list[Path]) -> list[Path]:
        return [*(one for one in known if one != made and one.exists()), made]

    _change_known(workspace, remembered)


def _change_known(workspace: Workspace, change: Callable[[list[Path]], list[Path]]) -> None:
    def changed(listed: JsonValue) -> JsonValue:
        return [str(one) for one in change(_paths(listed))[-_MAX_KNOWN:]]

    change_register(workspace.place.private / _REGISTER, changed)
