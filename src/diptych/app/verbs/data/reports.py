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

from diptych.app.verbs.records import Record, find_record, record_at
from diptych.app.workspace import Workspace
from diptych.core.errors import MalformedError
from diptych.core.files import make_folder, sync_folder, write_durably
from diptych.data.quality.errors import BadReport
from diptych.data.quality.report import MAX_BYTES, QualityReport, parse_report
from diptych.provenance.objects import object_bytes
from diptych.provenance.private.framing import KEY_BYTES, decrypt_object, encrypt_object
from diptych.provenance.requirements import quality_claim
from diptych_verify.jsonio import ObjectReader, strict_json

QUALITY_LABEL = "quality/"
"""`quality/DIGEST` points to the record of a report."""
_CONTEXT = b"diptych-quality/1\0"
_MAX_FILE_BYTES = 4_096


@dataclass(frozen=True)
class ReportKey:
    """What opens one report.

    Attributes:
        report: hex digest of the encrypted report.
        key: 32 bytes.
        salt: 32 bytes of a commitment to a table that was not sealed then; empty if it was.
        about: hex id of the sealed record; empty if there was none.
    """

    report: str
    key: bytes = field(repr=False)
    salt: bytes = field(default=b"", repr=False)
    about: str = ""

    def commitment(self, digest: bytes) -> bytes:
        """Return the 32-byte commitment to a table's SHA-256."""
        return hmac.digest(self.salt, _CONTEXT + digest, "sha256")


def keep_plain(workspace: Workspace, raw: bytes) -> str:
    """Keep a report about public data; return its digest."""
    digest = workspace.objects.put([raw])
    workspace.objects.flush()
    return digest


def keep_encrypted(workspace: Workspace, raw: bytes, *, about: str) -> ReportKey:
    """Keep a report about private data, or about data that are not sealed yet."""
    key = secrets.token_bytes(KEY_BYTES)
    digest = workspace.objects.put(encrypt_object(key, [raw]))
    workspace.objects.flush()
    made = ReportKey(digest, key, b"" if about else secrets.token_bytes(32), about)
    make_folder(_folder(workspace), mode=0o700)
    said = {"key": key.hex(), "salt": made.salt.hex(), "about": about}
    write_durably(_path(workspace, digest), json.dumps(said).encode(), mode=0o600)
    return made


def report_keys(workspace: Workspace) -> Iterator[ReportKey]:
    """Yield every key that is kept."""
    for path in sorted(_folder(workspace).glob("*.json")):
        found = _read(path)
        if found is not None:
            yield found


def read_report(workspace: Workspace, what: str) -> tuple[Record, QualityReport]:
    """Return a report by its record, or the newest one about sealed data.

    Raises:
        NoSuchRecord: `what` names nothing.
        BadReport: nothing was checked, or the report cannot be opened or is not the one named.
    """
    with workspace.read_log() as log:
        record = find_record(workspace, log, what)
        claim = quality_claim(record.statement)
    if claim is None:
        from diptych.app.verbs.requirements import reports_about

        found = reports_about(workspace, record.record)
        if not found:
            raise BadReport(
                f"nobody checked record {record.index}", hint=f"diptych data check {what}"
            )
        with workspace.read_log() as log:
            record = record_at(log, max(one.index for one in found))
        claim = quality_claim(record.statement)
        assert claim is not None
    report = parse_report(_content(workspace, claim.report))
    if report.verdict != claim.verdict or report.rules != claim.rules:
        raise BadReport(f"the report contradicts record {record.index}")
    return record, report


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
    if workspace.objects.has(one.report):
        workspace.objects.remove(one.report)


def _content(workspace: Workspace, digest: str) -> bytes:
    path = _path(workspace, digest)
    if not path.exists():
        raw = object_bytes(workspace.objects, digest)
        if not raw.startswith(b"{"):
            raise BadReport("the report is encrypted, and its key is not kept here any more")
        return raw
    key = _read(path)
    if key is None:
        raise BadReport(f"{path.name} is damaged", hint="diptych restore BACKUP")
    raw = b"".join(decrypt_object(key.key, workspace.objects.read(digest)))
    if len(raw) > MAX_BYTES:
        raise BadReport(f"the report is larger than {MAX_BYTES} bytes")
    return raw


def _folder(workspace: Workspace) -> Path:
    return workspace.place.private / "quality"


def _path(workspace: Workspace, digest: str) -> Path:
    return _folder(workspace) / f"{digest}.json"


def _read(path: Path) -> ReportKey | None:
    try:
        value = strict_json(path.read_bytes(), max_bytes=_MAX_FILE_BYTES, max_depth=2)
        reader = ObjectReader(value, "report key")
        salt = reader.text("salt", max_characters=64)
        return ReportKey(
            path.stem,
            reader.hex_bytes("key", size=KEY_BYTES),
            bytes.fromhex(salt),
            reader.text("about", max_characters=64),
        )
    except (OSError, ValueError, MalformedError):
        return None
