"""Reading quality reports again: plain ones by anybody, encrypted ones by whoever has the key."""

from diptych.app.verbs.data.report_keys import report_key
from diptych.app.verbs.records import Record, find_record, record_at
from diptych.app.workspace import Workspace
from diptych.core.errors import DiptychError
from diptych.data.quality.errors import BadReport
from diptych.data.quality.report import MAX_BYTES, QualityReport, parse_report
from diptych.provenance.objects import object_bytes
from diptych.provenance.private.framing import decrypt_object
from diptych.provenance.requirements import quality_claim
from diptych.provenance.requirements.claims import MAX_FAILED, MAX_ROWS, RuleFailure


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


def failures_of(workspace: Workspace, digest: str) -> tuple[RuleFailure, ...]:
    """Return the first rules that a report says were not met; none if it cannot be read here."""
    try:
        report = parse_report(_content(workspace, digest))
    except DiptychError:
        return ()
    return rule_failures(report)


def rule_failures(report: QualityReport) -> tuple[RuleFailure, ...]:
    """Return the first rules that are not met, as a record names them."""
    return tuple(
        RuleFailure(one.rule[:512], one.count, tuple(row for row in one.rows if row)[:MAX_ROWS])
        for one in report.failures[:MAX_FAILED]
    )


def _content(workspace: Workspace, digest: str) -> bytes:
    key = report_key(workspace, digest)
    if key is not None and key.key:
        raw = b"".join(decrypt_object(key.key, workspace.objects.read(digest)))
    else:
        raw = object_bytes(workspace.objects, digest, max_bytes=2 * MAX_BYTES)
    if not raw.startswith(b"{"):
        raise BadReport("the report is encrypted, and its key is not kept here any more")
    return raw
