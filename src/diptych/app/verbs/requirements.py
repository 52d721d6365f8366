"""The gate: what `diptych-requirements.toml` asks of data before they are used.

Decided from signed log records. Without the file nothing is required, and nothing is read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from diptych.app.workspace import Workspace
from diptych.core.errors import MalformedError
from diptych.core.files import system_error
from diptych.provenance.requirements import (
    BadRequirements,
    Candidate,
    Requirement,
    parse_requirements,
    quality_claim,
    require_report,
)
from diptych.provenance.requirements.document import MAX_BYTES
from diptych.provenance.requirements.judge import applies
from diptych.provenance.statement import Edge

if TYPE_CHECKING:
    from diptych.app.verbs.records import Record
    from diptych.provenance.graph.graph import Graph
    from diptych.provenance.graph.states import Judged
    from diptych.provenance.log import LogReader
    from diptych_verify.statement import Statement

FILE = "diptych-requirements.toml"
_CHECKED = "checked"
_DATA = frozenset({"dataset", "private"})
_MAX_REPORTS = 1_000


def read_requirements(workspace: Workspace) -> dict[str, Requirement]:
    """Return the requirements by stage, empty if there is no file.

    Raises:
        BadRequirements: the file is malformed.
    """
    path = workspace.place.project / FILE
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise system_error(error) from error
    return parse_requirements(raw)


def require_stage(workspace: Workspace, stage: str, records: Iterable[str]) -> None:
    """Refuse data that the requirements of a stage do not let through.

    Args:
        workspace: where the log stands.
        stage: `train`, `publish`, `serve` or `sell`.
        records: hex ids; of a model, the data that it was trained on are held to it.

    Raises:
        RequirementUnmet: naming the rule and the rows, or the report that is missing.
        BadRequirements: the file is malformed.
    """
    requirement = read_requirements(workspace).get(stage)
    if requirement is None:
        return
    for record in _data(workspace, records):
        names = _names(record)
        if not names or any(applies(requirement, name) for name in names):
            found = reports_about(workspace, record.record)
            what = record.shown_name if names else f"record {record.index}"
            require_report(requirement, found, what=what, now_s=workspace.clock())


def checked_edges(workspace: Workspace, path: Path, *, private: bool = False) -> tuple[Edge, ...]:
    """Refuse to seal tables that were not checked; return edges to the reports that let them pass.

    Args:
        workspace: where the log stands.
        path: file or folder that is to be sealed.
        private: it is sealed privately, so that what links it to its reports is destroyed now.

    Raises:
        RequirementUnmet: naming the rule and the rows, or the report that is missing.
        BadRequirements: the file is malformed.
    """
    from diptych.app.verbs.data.content import file_digests

    requirement = read_requirements(workspace).get("seal")
    if requirement is None:
        return ()
    place = workspace.start / path
    files = sorted(one for one in place.rglob("*") if one.is_file()) if place.is_dir() else [place]
    edges = []
    for file in files:
        if applies(requirement, file.name) and file.is_file():
            content = (file.name, file_digests(file)["sha256"])
            edges.append(_checked(workspace, content, requirement, private=private))
    return tuple({one.record: one for one in edges}.values())


def checked_stream(workspace: Workspace, name: str, digests: Mapping[str, str]) -> tuple[Edge, ...]:
    """Refuse to seal a stream of a table's name whose content was not checked as a file before.

    Args:
        workspace: where the log stands.
        name: of the stream.
        digests: of its content; SHA-256 tells which report is about it.

    Raises:
        RequirementUnmet: naming the rule and the rows, or the report that is missing.
        BadRequirements: the file is malformed.
    """
    requirement = read_requirements(workspace).get("seal")
    if requirement is None or not applies(requirement, name):
        return ()
    digest = bytes.fromhex(digests.get("sha256", ""))
    return (_checked(workspace, (name, digest), requirement, private=False),)


def reports_about(workspace: Workspace, record: str) -> list[Candidate]:
    """Return the quality reports about a sealed record: those that name it, those that it names.

    The graph file finds them, and the registry, from which nobody can take a report that failed.
    """
    from diptych.app.verbs.lineage import judge_records, opened_graph
    from diptych.app.verbs.model.resolve import registry_of

    with opened_graph(workspace) as (log, graph):
        index = log.find(bytes.fromhex(record))
        if index is None:
            return []

        complete = [*registry_of(workspace, log).about("quality", record)]

        def ask(graph: "Graph") -> set[int]:
            used = graph.edges_to([index], ["used"], size=log.size, limit=_MAX_REPORTS)
            found = {one.source for one in used if one.extra.get("role") == _CHECKED}
            named = graph.edges_from([index], ["checkedBy"], size=log.size, limit=_MAX_REPORTS)
            found |= {one.target for one in named if one.target is not None}
            return found | {one.index for one in complete if _checks(one.statement, record)}

        judged = judge_records(workspace, (log, graph), graph.ask(log, ask))
        made = [_candidate(log, one) for one in judged.values()]
    return [_explained(workspace, one) for one in made if one is not None]


def _checks(statement: "Statement", record: str) -> bool:
    return any(
        edge.relation == "used"
        and edge.record == bytes.fromhex(record)
        and edge.extra.get("role") == _CHECKED
        for edge in statement.edges
    )


def _candidate(log: "LogReader", judged: "Judged") -> Candidate | None:
    """Return what a record says; one that is refused is read only to say why it does not count."""
    from diptych.app.verbs.records import record_at
    from diptych.provenance.graph.states import State

    try:
        statement = judged.statement or record_at(log, judged.index).statement
        claim = quality_claim(statement)
    except MalformedError:
        return None
    if claim is None:
        return None
    return Candidate(
        judged.index,
        judged.record.hex(),
        claim,
        statement.time,
        judged.signers,
        trusted=judged.state is State.VERIFIED,
        intact=judged.state in {State.VERIFIED, State.SELF_ASSERTED},
    )


def _checked(
    workspace: Workspace, content: tuple[str, bytes], requirement: Requirement, *, private: bool
) -> Edge:
    """Return the edge to the report about a file (name, SHA-256) that is not sealed yet."""
    from diptych.app.verbs.data.report_keys import forget_key, report_keys

    name, digest = content
    keys = {one.commitment(digest).hex(): one for one in report_keys(workspace) if one.salt}
    found = _committed(workspace, {name: one.report for name, one in keys.items()})
    met = require_report(requirement, found, what=name, now_s=workspace.clock())
    if private:
        for one in keys.values():
            if one.report in {each.claim.report for each in found}:
                forget_key(workspace, one)
    return Edge("checkedBy", met.record)


def _committed(workspace: Workspace, commitments: dict[str, str]) -> list[Candidate]:
    """Return the reports whose record carries the commitment that a file gives."""
    from diptych.app.verbs.data.report_keys import QUALITY_LABEL
    from diptych.app.verbs.lineage import judge_records, opened_graph

    with opened_graph(workspace) as (log, graph):
        places = {log.label(QUALITY_LABEL + report) for report in commitments.values()}
        indexes = [one for one in places if one is not None]
        judged = judge_records(workspace, (log, graph), indexes).values()
        listed = [(one, _candidate(log, one)) for one in judged]
    made = []
    for one, candidate in listed:
        subjects = one.statement.subjects if one.statement is not None else ()
        said = {each.digests.get("diptychCommitment1", "") for each in subjects}
        if candidate is not None and said & commitments.keys():
            made.append(_explained(workspace, candidate))
    return made


def _explained(workspace: Workspace, one: Candidate) -> Candidate:
    """Add the rules and rows of an encrypted report, which its key holder may read.

    They only explain a refusal; what decides is the verdict in the signed record.
    """
    from diptych.app.verbs.data.reports import failures_of

    if one.claim.verdict == "pass" or one.claim.failed:
        return one
    return replace(one, claim=replace(one.claim, failed=failures_of(workspace, one.claim.report)))


def _names(record: "Record") -> set[str]:
    """Return what data are called: as sealed, as a version, and here; a private seal hides it."""
    from diptych.provenance.graph.extract import version_claim

    claim = version_claim(record.statement)
    said = {record.name} if record.statement.kind != "private" else set()
    said |= {claim[1]} if claim is not None else set()
    return said | ({record.local_name.partition("@")[0]} - {""})


def _data(workspace: Workspace, records: Iterable[str]) -> "Sequence[Record]":
    from diptych.app.verbs.records import record_at, with_local_names

    found: dict[str, Record] = {}
    waiting = list(dict.fromkeys(records))
    with workspace.read_log() as log:
        while waiting:
            name = waiting.pop()
            index = log.find(bytes.fromhex(name)) if name not in found else None
            if index is None:
                continue
            record = record_at(log, index)
            if record.statement.kind in _DATA:
                found[name] = record
            elif record.statement.kind == "model":
                waiting += [
                    edge.record.hex()
                    for edge in record.statement.edges
                    if edge.relation == "trainedOn" and edge.record is not None
                ]
        return with_local_names(log, found.values())


__all__ = [
    "BadRequirements",
    "checked_edges",
    "checked_stream",
    "read_requirements",
    "reports_about",
    "require_stage",
]
