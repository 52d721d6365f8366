"""Where quality reports are kept: as objects, those about private data encrypted under own keys.

The keys lie in `private/quality/`, one file each, and go when the data are erased: what a report
says about rows must not outlive them. A report about a table that is not sealed yet carries a
salted commitment to its content, so that the seal can be held against it later.
"""

import hmac
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from diptych.app.workspace import Workspace
from diptych.core.errors import MalformedError
from diptych.core.files import make_folder, sync_folder, write_durably
from diptych.provenance.private.framing import KEY_BYTES, encrypt_object
from diptych_verify.jsonio import ObjectReader, strict_json

QUALITY_LABEL = "quality/"
"""`quality/DIGEST` points to the record of a report."""
_CONTEXT = b"diptych-quality/1\0"
_MAX_FILE_BYTES = 4_096


@dataclass(frozen=True)
class ReportKey:
    """What opens one report.

    Attributes:
        report: hex digest of the report object.
        key: 32 bytes; empty if the report is plain.
        salt: 32 bytes of a commitment to a file that may be sealed later; empty for none.
        about: hex id of the sealed record; empty if there was none.
    """

    report: str
    key: bytes = field(repr=False)
    salt: bytes = field(default=b"", repr=False)
    about: str = ""

    def commitment(self, digest: bytes) -> bytes:
        """Return the 32-byte commitment to a table's SHA-256."""
        return hmac.digest(self.salt, _CONTEXT + digest, "sha256")


def keep_plain(workspace: Workspace, raw: bytes, *, salted: bool = False) -> ReportKey:
    """Keep a report about public data.

    Args:
        workspace: where it is kept.
        raw: the report.
        salted: also keep a salt, so that a later seal of the same file can be held against it.
    """
    digest = workspace.objects.put([raw])
    workspace.objects.flush()
    made = ReportKey(digest, b"", secrets.token_bytes(32) if salted else b"")
    if salted:
        _write(workspace, made)
    return made


def keep_encrypted(workspace: Workspace, raw: bytes, *, about: str) -> ReportKey:
    """Keep a report about private data, or about data that are not sealed yet."""
    key = secrets.token_bytes(KEY_BYTES)
    digest = workspace.objects.put(encrypt_object(key, [raw]))
    workspace.objects.flush()
    made = ReportKey(digest, key, b"" if about else secrets.token_bytes(32), about)
    _write(workspace, made)
    return made


def report_keys(workspace: Workspace) -> Iterator[ReportKey]:
    """Yield every key that is kept."""
    for path in sorted(_folder(workspace).glob("*.json")):
        found = _read(path)
        if found is not None:
            yield found


def forget_reports(workspace: Workspace, record: str) -> int:
    """Destroy the keys of all reports about an erased record; return how many there were.

    Args:
        workspace: where they are kept.
        record: hex id of what was erased.
    """
    count = 0
    for one in list(report_keys(workspace)):
        if one.about == record:
            forget_key(workspace, one)
            count += 1
    return count


def forget_key(workspace: Workspace, one: ReportKey) -> None:
    """Overwrite and delete one key, and the report that it opens."""
    path = _path(workspace, one.report)
    with suppress(FileNotFoundError):
        with path.open("r+b") as stream:
            stream.write(b"\0" * path.stat().st_size)
            stream.flush()
            os.fsync(stream.fileno())
        path.unlink()
        sync_folder(path.parent)
    if one.key and workspace.objects.has(one.report):
        workspace.objects.remove(one.report)


def _write(workspace: Workspace, one: ReportKey) -> None:
    make_folder(_folder(workspace), mode=0o700)
    said = {"key": one.key.hex(), "salt": one.salt.hex(), "about": one.about}
    write_durably(_path(workspace, one.report), json.dumps(said).encode(), mode=0o600)


def _folder(workspace: Workspace) -> Path:
    return workspace.place.private / "quality"


def _path(workspace: Workspace, digest: str) -> Path:
    return _folder(workspace) / f"{digest}.json"


def report_key(workspace: Workspace, report: str) -> ReportKey | None:
    """Return what is kept of one report, None if it is nothing, or damaged."""
    return _read(_path(workspace, report))


def _read(path: Path) -> ReportKey | None:
    try:
        value = strict_json(path.read_bytes(), max_bytes=_MAX_FILE_BYTES, max_depth=2)
        reader = ObjectReader(value, "report key")
        key, salt = (reader.text(name, max_characters=64) for name in ("key", "salt"))
        return ReportKey(
            path.stem,
            bytes.fromhex(key),
            bytes.fromhex(salt),
            reader.text("about", max_characters=64),
        )
    except (OSError, ValueError, MalformedError):
        return None
