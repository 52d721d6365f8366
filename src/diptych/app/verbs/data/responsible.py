"""What records know of the responsible-AI fields of a data set: reports, licence, lineage."""

from collections.abc import Iterable
from pathlib import Path

from diptych.app.verbs.licences import Held
from diptych.app.verbs.records import Record, record_at
from diptych.app.verbs.requirements import reports_about
from diptych.app.workspace import Workspace
from diptych.core.errors import DiptychError
from diptych.data.interop.croissant import Description
from diptych.data.interop.croissant_read import MAX_CROISSANT_BYTES, read_croissant
from diptych.data.interop.responsible import (
    MAX_BYTES,
    Fields,
    merged,
    parse_responsible,
    said_in,
)
from diptych.data.quality.findings import RULES
from diptych.provenance.graph.extract import display_name
from diptych.provenance.log import LogReader
from diptych.provenance.objects import object_stream
from diptych.provenance.requirements import QualityClaim, quality_claim
from diptych_verify.__main__ import NoSuchFile

_BIASES = ("balance", "parity", "representation", "missing-gap", "label-flips")
_MISSING = ("missing", "missing-drift")


def read_stated(workspace: Workspace, path: Path | None) -> Fields:
    """Read a user's file of fields.

    Raises:
        NoSuchFile: it is not there.
        BadResponsible: it is malformed.
    """
    if path is None:
        return {}
    try:
        with (workspace.start / path).open("rb") as stream:
            return parse_responsible(stream.read(MAX_BYTES + 1))
    except OSError:
        raise NoSuchFile(f"there is no readable file {path}") from None


def responsible_fields(
    workspace: Workspace, log: LogReader, record: Record, *, held: Held | None, stated: Fields
) -> Fields:
    """Return the fields of a public data set, what people state before what records know.

    Only what signed public records say is used: nothing of an encrypted report.

    Args:
        workspace: where the reports stand.
        log: opened for reading.
        record: the data set.
        held: its licence.
        stated: from a user's file; what an imported description said comes after it.
    """
    known: dict[str, tuple[str, ...]] = {**_lineage(log, record), **_licence(held)}
    for name, values in _reports(workspace, log, record).items():
        known[name] = (*known.get(name, ()), *values)
    return merged(merged(stated, _imported(workspace, record)), known)


def _imported(workspace: Workspace, record: Record) -> Fields:
    said = record.statement.predicate.get("imported")
    name = said.get("object") if isinstance(said, dict) else None
    if not isinstance(name, str) or said.get("format") != "croissant":  # type: ignore[union-attr]
        return {}
    try:
        with object_stream(workspace.objects, name) as stream:
            description: Description = read_croissant(stream.read(MAX_CROISSANT_BYTES + 1))
        return said_in(description.responsible)[0]
    except DiptychError:
        return {}  # What was imported is not kept here any more.


def _reports(workspace: Workspace, log: LogReader, record: Record) -> Fields:
    newest: dict[str, tuple[int, QualityClaim]] = {}
    for one in sorted(reports_about(workspace, record.record), key=lambda one: one.index):
        # What the record itself says, not what the key holder may read in an encrypted report.
        claim = quality_claim(record_at(log, one.index).statement)
        if one.trusted and one.intact and claim is not None:
            newest[claim.file] = (one.index, claim)
    found: dict[str, list[str]] = {}
    for index, claim in newest.values():
        for failure in claim.failed:
            kind = failure.rule.partition(":")[0]
            name = "dataBiases" if kind in _BIASES else "dataLimitations"
            name = "dataCollectionMissingData" if kind in _MISSING else name
            said = RULES.get(kind, "a rule is not met")
            text = f"{said} ({failure.rule}: {failure.count:,}; quality report, record {index})"
            found.setdefault(name, []).append(text)
    if "dataCollectionMissingData" in found:
        found["dataCollectionMissingData"] = ["; ".join(found["dataCollectionMissingData"])]
    return {name: tuple(texts) for name, texts in found.items()}


def _licence(held: Held | None) -> Fields:
    if held is None or held.revoked_s is not None:
        return {}
    terms = held.licence
    texts = []
    for rule in terms.permissions:
        limits = [
            f"{one.operand} {one.operator} {', '.join(one.values)}"
            for one in rule.constraints
            if one.operand != "assignee"
        ]
        only = f", where {' and '.join(limits)}" if limits else ""
        texts.append(f"{terms.name} permits {', '.join(rule.actions)}{only}")
    texts += [f"{terms.name} prohibits {', '.join(rule.actions)}" for rule in terms.prohibitions]
    return {"dataUseCases": tuple(texts)} if texts else {}


def _lineage(log: LogReader, record: Record) -> Fields:
    found: dict[str, tuple[str, ...]] = {}
    sources = list(_ends(record, "derivedFrom"))
    if sources:
        named = ", ".join(f"urn:diptych:record:{one}" for one in sources[:20])
        found["dataCollectionRawData"] = (f"Derived from {named}",)
    steps = [(one, log.find(bytes.fromhex(one))) for one in _ends(record, "generated")]
    made = tuple(
        f"Made by '{display_name(record_at(log, place).statement)}' (urn:diptych:record:{one})"
        for one, place in steps
        if place is not None
    )
    if made:
        found["dataPreprocessingProtocol"] = made
    before = list(_ends(record, "supersedes"))
    if before:
        text = f"Supersedes urn:diptych:record:{before[0]}; all versions stand in {log.origin}"
        found["dataReleaseMaintenancePlan"] = (text,)
    return found


def _ends(record: Record, relation: str) -> Iterable[str]:
    return (
        edge.record.hex()
        for edge in record.statement.edges
        if edge.relation == relation and edge.record is not None
    )
