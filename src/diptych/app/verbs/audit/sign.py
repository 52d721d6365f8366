"""Signed statements about audit reports: making one, and holding a report against log and code."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from diptych.app.verbs.audit.scan import Audited
from diptych.app.verbs.records import Record, record_at
from diptych.app.verbs.signing import append_drafts
from diptych.app.verbs.verify import verify
from diptych.app.workspace import Workspace
from diptych.audit.claim import KIND, AuditClaim, audit_claim
from diptych.audit.errors import CodeChanged, ReportNotLogged
from diptych.audit.finding import SEVERITIES, FileState
from diptych.audit.source.files import read_source
from diptych.core.canonical import canonical_json
from diptych.core.errors import JsonValue
from diptych.core.files import system_error
from diptych.provenance.objects import object_bytes
from diptych.provenance.statement import Draft, Subject
from diptych_verify.evidence import Evidence
from diptych_verify.jsonio import ObjectReader, strict_json
from diptych_verify.policy import TrustPolicy
from diptych_verify.wording import counted

__all__ = ["Signed", "VerifiedReport", "sign_report", "verify_report"]

AUDIT_LABEL = "audit/"
"""`audit/DIGEST` points to the record of the report with that SHA-256."""
_MAX_REPORT_BYTES = 256 << 20
_MAX_LIST_BYTES = 64 << 20
_MAX_FILES = 60_000
_SHOWN = 5


@dataclass(frozen=True)
class Signed:
    """Where a report stands in the log."""

    index: int
    report: str


def sign_report(workspace: Workspace, done: Audited, raw: bytes, *, failed: bool) -> Signed:
    """Log a signed statement about a report.

    Args:
        workspace: where the log stands.
        done: the audit.
        raw: the report as it is written, in whatever form.
        failed: by the threshold that was given.

    Raises:
        KeyLocked: nothing unlocks the keys.
    """
    report = done.triaged.report
    listed = _file_list(report.files)
    code = workspace.objects.put([listed])
    workspace.objects.flush()
    counts = Counter(one.severity for one in done.triaged.shown.findings)
    claim = AuditClaim(
        verdict="fail" if failed else "pass",
        report=hashlib.sha256(raw).hexdigest(),
        code=code,
        files=len(report.files),
        partial=sum(bool(file.reasons) for file in report.files),
        counts=tuple(counts[each] for each in SEVERITIES),
        suppressed=len(done.triaged.suppressed),
        score=f"{max((risk.score for risk in done.triaged.risks), default=0.0):.1f}",
        engine=done.engine,
        tool=f"diptych {version('diptych')}",
    )
    subject = Subject("audited code", {"sha256": code})
    draft = Draft(KIND, (subject,), workspace.clock(), (), {KIND: claim.to_json()})
    with workspace.write_log() as log:
        labels = {AUDIT_LABEL + claim.report: 0}
        return Signed(append_drafts(workspace, log, [draft], labels=labels)[0], claim.report)


def _file_list(files: tuple[FileState, ...]) -> bytes:
    listed: list[JsonValue] = [{"path": one.path, "sha256": one.digest} for one in files]
    return canonical_json({"files": listed})


@dataclass(frozen=True)
class VerifiedReport:
    """What verifying a report came to."""

    record: Record
    claim: AuditClaim
    evidence: Evidence

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych audit verify --json` shows."""
        return {
            "record": self.record.record,
            "index": self.record.index,
            "claimed_time": self.record.statement.time,
            "signers": list(self.record.signers),
            "audit": self.claim.to_json(),
            **self.evidence.to_json(),
        }


def verify_report(
    workspace: Workspace, path: Path, *, policy: TrustPolicy | None = None
) -> VerifiedReport:
    """Hold a report against the log, and the code that it is about against what is here now.

    Args:
        workspace: where the log stands.
        path: the report as it was written.
        policy: what to believe; by default the workspace's own keys and anchors.

    Raises:
        ReportNotLogged: no record is about exactly this report.
        CodeChanged: a file is not there, or is not what was audited.
        VerificationError: the record does not verify.
    """
    digest = _digest(workspace.start / path)
    with workspace.read_log() as log:
        index = log.label(AUDIT_LABEL + digest)
        record = None if index is None else record_at(log, index)
    claim = None if record is None else audit_claim(record.statement)
    if record is None or claim is None or claim.report != digest:
        raise ReportNotLogged(
            f"no record of this log is about {path.name} with SHA-256 {digest}",
            hint="diptych audit scan … --sign -o FILE logs what it writes",
        )
    evidence = verify(workspace, str(record.index), policy=policy)
    _check_code(workspace, claim)
    return VerifiedReport(record, claim, evidence)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    left = _MAX_REPORT_BYTES
    try:
        with path.open("rb") as stream:
            while left > 0 and (chunk := stream.read(1 << 20)):
                digest.update(chunk)
                left -= len(chunk)
    except OSError as error:
        raise system_error(error) from error
    return digest.hexdigest()


def _check_code(workspace: Workspace, claim: AuditClaim) -> None:
    raw = object_bytes(workspace.objects, claim.code, max_bytes=_MAX_LIST_BYTES)
    value = strict_json(raw, max_bytes=_MAX_LIST_BYTES, max_depth=4)
    files = ObjectReader(value, "list of files").objects("files", maximum=_MAX_FILES)
    wrong: list[str] = []
    for one in files:
        name = one.text("path", max_characters=4_096)
        where = workspace.start / name
        if not where.is_file():
            wrong.append(f"{name} is not there")
        elif read_source(where)[0].digest != one.text("sha256"):
            wrong.append(f"{name} was changed")
    if wrong:
        more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise CodeChanged(
            f"{counted(len(wrong), 'file')} of {len(files)} differ from what was audited: "
            f"{', '.join(wrong[:_SHOWN])}{more}",
            hint="diptych audit scan … --sign audits what is there now",
        )
