"""What the log says was erased of a record, found by labels `erased/RECORD@n`, n from 1."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from diptych.app.verbs.records import Record, record_at
from diptych.core.errors import DiptychError
from diptych.provenance.log import Log, LogReader
from diptych_verify.bundle import DisclosedField, parse_bundle
from diptych_verify.dsse import parse_envelope
from diptych_verify.erased import ErasedClaim, erased_claim, facts, wording
from diptych_verify.evidence import Answer, Evidence
from diptych_verify.statement import Statement, statement_of

ERASED_LABEL = "erased/"
KIND = "erased"
_IN_BUNDLE = 64


def erased_label(record: str, number: int) -> str:
    """Return the label of the `number`-th erasure of a record."""
    return f"{ERASED_LABEL}{record}@{number}"


def erasures_of(log: LogReader, record: str) -> list[tuple[int, ErasedClaim]]:
    """Return (index, claim) of every `erased` record that the labels of this log name.

    Raises:
        MalformedError: one of them is malformed.
    """
    found: list[tuple[int, ErasedClaim]] = []
    while (index := log.label(erased_label(record, len(found) + 1))) is not None:
        found.append((index, erased_claim(record_at(log, index).statement)))
    return found


def all_erasures(entries: Iterable[bytes]) -> Iterator[tuple[str, ErasedClaim]]:
    """Yield (record id, claim) of every erasure, by reading the log itself, not labels."""
    for raw in entries:
        statement = statement_of(parse_envelope(raw))
        if statement.kind == KIND:
            claim = erased_claim(statement)
            for record in _erased_records(statement):
                yield record, claim


def for_bundle(log: LogReader, record: Record, fields: Sequence[DisclosedField]) -> tuple[int, ...]:
    """Return the indexes of erasures that a bundle should carry.

    With fields only those that cover one of them (which cannot be disclosed any more, but may have
    been), else the newest 64.
    """
    found = erasures_of(log, record.record)
    if fields:
        return tuple(at for at, one in found if any(one.covers(field.index) for field in fields))
    return tuple(at for at, _ in found[-_IN_BUNDLE:])


def with_local_erasures(
    evidence: Evidence, log: LogReader, fields: Sequence[DisclosedField]
) -> Evidence:
    """Add to the evidence of a bundle what this workspace's own log says was erased since.

    Args:
        evidence: of the bundle.
        log: a log of the same origin; another one says nothing.
        fields: that the bundle discloses.
    """
    before = evidence.answer("untampered")
    claims = dict(erasures_of(log, evidence.record_id.hex()))
    if log.origin != evidence.origin or not claims or "erased" in before.evidence:
        return evidence
    shown = sorted(f.index for f in fields if any(one.covers(f.index) for one in claims.values()))
    answer = Answer(
        before.question,
        before.status,
        f"{before.text}; {wording(claims, shown, size=log.size)}",
        {**before.evidence, **facts(claims, shown)},
    )
    others = tuple(one for one in evidence.answers if one.question != "untampered")
    return replace(evidence, answers=(answer, *others))


def known_here(path: Path, evidence: Evidence, bundle: bytes) -> Evidence:
    """Add what a log at hand says was erased of a bundle's subject since.

    Args:
        path: the log; one that cannot be read says nothing.
        evidence: of the bundle.
        bundle: the file, verified already.
    """
    with suppress(DiptychError), Log.open(path) as log:
        return with_local_erasures(evidence, log, parse_bundle(bundle).disclosed)
    return evidence


def _erased_records(statement: Statement) -> list[str]:
    return [
        edge.record.hex()
        for edge in statement.edges
        if edge.relation == KIND and edge.record is not None
    ]
