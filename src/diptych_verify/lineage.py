"""Derived from what: edges from the subject to the records that the bundle carries."""

from collections import deque
from collections.abc import Mapping
from typing import Final

from diptych_verify.errors import JsonValue, MalformedError, RequirementUnmet
from diptych_verify.evidence import NOT_SHOWN, PROVEN, SELF_ASSERTED, Answer
from diptych_verify.log_view import LoggedRecord, LogView
from diptych_verify.wording import counted

ANCESTRY: Final = frozenset(
    {"used", "generated", "derivedFrom", "trainedOn", "testedOn", "fineTunedFrom"}
)
LICENCE: Final = "licence"
ERASED: Final = "erased"
IDENTITY: Final = "identity"
REVOCATION: Final = "revocation"
_NAMED = 3


def require_purpose(log: LogView) -> None:
    """Insist that each record is the subject, reached from it, about it, or a key record.

    About it are licences that were given to it, `erased` records that name it, and identities of
    its signers with their revocations.

    Raises:
        MalformedError: a record serves nothing, so swapping it would go unnoticed.
    """
    reached = {record.record_id for record in reach(log)}
    for record in log.records:
        serves = (
            record.statement.key is not None
            or licenses(record, log.subject)
            or erases(record, log.subject)
            or _identifies(record, log)
        )
        if record.record_id not in reached and not serves:
            raise MalformedError(
                f"bundle.records: the record at index {record.index} is not related to the subject"
            )


def licenses(record: LoggedRecord, subject: LoggedRecord) -> bool:
    """Tell whether a record is a licence that was given to the subject after it was logged."""
    return record.statement.kind == LICENCE and any(
        edge.relation == "used" and edge.record == subject.record_id
        for edge in record.statement.edges
    )


def erases(record: LoggedRecord, subject: LoggedRecord) -> bool:
    """Tell whether a record says that something of the subject was erased."""
    return record.statement.kind == ERASED and any(
        edge.relation == ERASED and edge.record == subject.record_id
        for edge in record.statement.edges
    )


def revokes(record: LoggedRecord, other: LoggedRecord) -> bool:
    """Tell whether a record is a revocation of another."""
    return record.statement.kind == REVOCATION and any(
        edge.relation == "revokes" and edge.record == other.record_id
        for edge in record.statement.edges
    )


def _identifies(record: LoggedRecord, log: LogView) -> bool:
    """Tell whether a record is an identity that a signer of the subject claims, or revokes one."""
    if record.statement.kind == REVOCATION:
        own = [one for one in log.records if one.statement.kind == IDENTITY]
        return any(revokes(record, one) and _identifies(one, log) for one in own)
    signed = set(record.signers).intersection(log.subject.signers)
    return record.statement.kind == IDENTITY and bool(signed)


def reach(log: LogView) -> list[LoggedRecord]:
    """Return the records that edges lead to from the subject, breadth first, subject first."""
    present = {record.record_id: record for record in log.records}
    seen = {log.subject.record_id}
    order = [log.subject]
    queue = deque(order)
    while queue:
        for edge in queue.popleft().statement.edges:
            found = present.get(edge.record) if edge.record is not None else None
            if found is not None and found.record_id not in seen:
                seen.add(found.record_id)
                order.append(found)
                queue.append(found)
    return order


def verify_lineage(log: LogView) -> tuple[Mapping[str, JsonValue], ...]:
    """Insist that every ancestor record is in the bundle; return the graph as a flat list.

    Raises:
        RequirementUnmet: ancestors are missing; `details` names them.
    """
    present = {record.record_id for record in log.records}
    order = reach(log)
    missing = sorted(
        {
            ancestor.hex()
            for record in order
            for ancestor in ancestors(record)
            if ancestor not in present
        }
    )
    if missing:
        listed: list[JsonValue] = list(missing)
        raise RequirementUnmet(
            f"the bundle lacks {len(missing)} ancestor records, first {missing[0]}",
            hint="ask for a bundle with lineage",
            missing=listed,
        )
    return tuple(_node(record) for record in order)


def ancestors(record: LoggedRecord) -> list[bytes]:
    """Return the record ids that a record says it comes from; a licence comes from nothing."""
    if record.statement.kind == LICENCE:
        return []
    return [
        edge.record
        for edge in record.statement.edges
        if edge.record is not None and edge.relation in ANCESTRY
    ]


def _node(record: LoggedRecord) -> Mapping[str, JsonValue]:
    edges: list[JsonValue] = [
        {**edge.extra, "rel": edge.relation, "record": edge.record.hex() if edge.record else None}
        for edge in record.statement.edges
    ]
    signers: list[JsonValue] = list(record.signers)
    return {
        "record": record.record_id.hex(),
        "index": record.index,
        "kind": record.statement.kind,
        "name": record.statement.subjects[0].name,
        "signers": signers,
        "edges": edges,
    }


def answer_derived_from(log: LogView, *, vouched: bool) -> Answer:
    """Return the answer to `derived_from`.

    Args:
        log: the verified log view.
        vouched: True if the policy covers the log, the signer or the anchor.
    """
    present = {record.record_id: record for record in log.records}
    wanted = ancestors(log.subject)
    shown = [present[record_id] for record_id in wanted if record_id in present]
    missing: list[JsonValue] = [r.hex() for r in wanted if r not in present]
    sources: list[JsonValue] = [
        {"record": r.record_id.hex(), "index": r.index, "name": r.statement.subjects[0].name}
        for r in shown
    ]
    evidence: dict[str, JsonValue] = {"sources": sources, "missing": missing}
    if not wanted:
        return Answer("derived_from", NOT_SHOWN, "the record names no sources", evidence)
    if missing:
        text = (
            f"the record names {counted(len(wanted), 'source')}, {len(missing)} of them not shown"
        )
        return Answer("derived_from", NOT_SHOWN, text, evidence)
    names = [f"{r.statement.subjects[0].name!a} (index {r.index})" for r in shown[:_NAMED]]
    more = f" and {len(shown) - _NAMED} more" if len(shown) > _NAMED else ""
    text = f"says it derives from {', '.join(names)}{more}, all logged and intact"
    return Answer("derived_from", PROVEN if vouched else SELF_ASSERTED, text, evidence)
