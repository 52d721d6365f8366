"""`model audit-pack`: what an auditor asks for, in one folder, with a signed record of it."""

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from diptych.app.verbs.bundle import bundle_of
from diptych.app.verbs.licences import open_licences
from diptych.app.verbs.model.audit_events import describe, model_records
from diptych.app.verbs.model.cyclonedx import bill_of
from diptych.app.verbs.model.load import read_card
from diptych.app.verbs.model.package import TargetExists
from diptych.app.verbs.model.resolve import registry_of, resolve
from diptych.app.verbs.policy import own_policy
from diptych.app.verbs.records import Record, record_at
from diptych.app.verbs.seal import build_options
from diptych.app.verbs.signing import append_drafts, current_signer
from diptych.app.workspace import Workspace
from diptych.core.clock import iso_utc
from diptych.core.errors import JsonValue, UsageError
from diptych.core.files import make_folder, write_durably
from diptych.models.card.markdown import render_card
from diptych.models.card.schema import Card, dump_card
from diptych.models.interop.audit import (
    NOT_RECORDED,
    Audited,
    AuditEvent,
    AuditSource,
    render_events,
    render_page,
    render_summary,
)
from diptych.models.registry.registry import Resolved
from diptych.provenance.log import Log
from diptych.provenance.manifest import build_manifest
from diptych.provenance.statement import Draft, Edge, Subject
from diptych.provenance.trust import dump_policy

KIND = "audit-pack"
FILES, PROOF = "files", "audit.diptych.json"
_MAX_YEARS = 100


class BadRetention(UsageError):
    """A pack is to be kept for a number of years that makes no sense."""

    code = "Audit.BadRetention"


@dataclass(frozen=True)
class Auditing:
    """Who reviews the pack (stays in the pack, never in the log), and for how long it is kept."""

    reviewer: str = ""
    retain_years: int = 10


@dataclass(frozen=True)
class AuditPack:
    """A pack that was made.

    Attributes:
        path: its folder.
        model: NAME@version.
        record: hex id of the record that says so.
        index: its place in the log.
        events: number of events, each with a bundle.
        retain_until: date.
    """

    path: str
    model: str
    record: str
    index: int
    events: int
    retain_until: str

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych model audit-pack --json` shows."""
        return {**vars(self)}


def audit_pack(
    workspace: Workspace, what: str, target: Path, how: Auditing | None = None
) -> AuditPack:
    """Write a pack about a model and log that it was made.

    The folder holds `files/` (index page, events with their bundles, training summary, card, bill
    of materials, policy) and `audit.diptych.json`, which proves `files/` as a whole. A version that
    was revoked or rejected gets a pack like any other.

    Args:
        workspace: where the log stands.
        what: reference to a model version.
        target: folder, which must not exist.
        how: reviewer and retention.

    Raises:
        TargetExists: `target` exists.
        BadRetention: less than one year, or more than a hundred.
        NoSuchModel: there is no such version.
    """
    how = how or Auditing()
    place = workspace.start / target
    if place.exists():
        raise TargetExists(f"{target} exists already", hint="give another folder with --to")
    until = _retain_until(workspace.clock(), how.retain_years)
    with workspace.write_log() as log:
        log.check()
        current_signer(workspace, log)
        found = resolve(log, registry_of(workspace, log), what)
        about, parts = _parts(workspace, log, found, (how, until))
    for name, raw in parts.items():
        make_folder((place / FILES / name).parent)
        write_durably(place / FILES / name, raw)
    with workspace.write_log() as log:
        record = _log(workspace, log, found, (place, until, len(about.events)))
        write_durably(place / PROOF, bundle_of(workspace, log, record, manifest=True))
    events = len(about.events)
    return AuditPack(str(place), about.model, record.record, record.index, events, until)


def _retain_until(now_s: float, years: int) -> str:
    if not 1 <= years <= _MAX_YEARS:
        raise BadRetention(f"got {years} years, expected 1 to {_MAX_YEARS}")
    today = datetime.fromtimestamp(now_s, tz=UTC).date()
    last = 28 if (today.month, today.day) == (2, 29) else today.day
    return date(today.year + years, today.month, last).isoformat()


def _parts(
    workspace: Workspace, log: Log, found: Resolved, how: tuple[Auditing, str]
) -> tuple[Audited, dict[str, bytes]]:
    card = read_card(workspace, found)
    registry = registry_of(workspace, log)
    records = model_records(log, registry, found.claim.name)
    parts = {f"bundles/{one.index}.diptych.json": bundle_of(workspace, log, one) for one in records}
    about = Audited(
        model=f"{found.claim.name}@{found.claim.version}",
        card=card,
        origin=log.origin,
        size=log.size,
        made=iso_utc(workspace.clock()),
        retain_until=how[1],
        reviewer=how[0].reviewer,
        published=found.logged.statement.time,
        events=tuple(map(_event, records)),
        sources=tuple(_sources(workspace, log, found, card)),
        processing=tuple(_processing(records, card)),
    )
    parts |= _pages(about, found.logged.record)
    parts |= {
        "card.json": dump_card(card),
        "card.md": render_card(card).encode(),
        "bom.cdx.json": bill_of(workspace, found, card, log.origin),
        "policy.toml": dump_policy(own_policy(workspace, log)),
    }
    return about, parts


def _pages(about: Audited, record: str) -> dict[str, bytes]:
    """Return what the pack says, salted where it names the reviewer.

    The digests of these files stand in the log: the salts keep the name from being guessed.
    """
    pack: dict[str, JsonValue] = {
        "format": "diptych-audit-pack/1",
        "model": about.model,
        "record": record,
        "log": about.origin,
        "size": about.size,
        "made": about.made,
        "retain_until": about.retain_until,
        "reviewer": about.reviewer or None,
        "salt": secrets.token_hex(32),
    }
    salt = f"<!-- {secrets.token_hex(32)} -->\n"
    return {
        "pack.json": json.dumps(pack, indent=1, ensure_ascii=False).encode() + b"\n",
        "index.html": (render_page(about) + salt).encode(),
        "events.json": render_events(about),
        "summary.md": render_summary(about).encode(),
    }


def _event(one: Record) -> AuditEvent:
    return AuditEvent(
        one.index,
        one.statement.time,
        one.statement.kind,
        describe(one.statement),
        one.record,
        one.signers,
        f"bundles/{one.index}.diptych.json",
    )


def _sources(workspace: Workspace, log: Log, found: Resolved, card: Card) -> list[AuditSource]:
    sources = []
    for one in card.data:
        index = log.find(bytes.fromhex(one.record)) if one.record else None
        if index is None:
            sources.append(AuditSource(one.name, one.role))
            continue
        sources.append(_recorded(workspace, log, record_at(log, index), one.role))
    return sources


def _recorded(workspace: Workspace, log: Log, record: Record, role: str) -> AuditSource:
    statement = record.statement
    claim = statement.manifest
    with open_licences(workspace, log) as licences:
        held = licences.held(record)
    people = [
        str(edge.extra.get("agent")) for edge in statement.edges if edge.relation == "attributedTo"
    ]
    imported = statement.predicate.get("imported")
    came = imported.get("format") if isinstance(imported, dict) else None
    return AuditSource(
        record.name,
        role,
        kind=statement.kind,
        files=str(claim.files) if claim else NOT_RECORDED,
        size_bytes=str(claim.total_bytes) if claim else NOT_RECORDED,
        licence=held.licence.spdx if held else NOT_RECORDED,
        collected_by=", ".join(people) or NOT_RECORDED,
        origin=f"imported as {came}" if came else NOT_RECORDED,
        record=record.record,
    )


def _processing(records: list[Record], card: Card) -> list[tuple[str, str]]:
    rows = [
        (f"Run, record {one.index}", describe(one.statement))
        for one in records
        if one.statement.kind == "run"
    ]
    rows += [
        (f"Quality report, record {one.index}", describe(one.statement))
        for one in records
        if one.statement.kind == "quality"
    ]
    if card.code.commit or card.code.sha256:
        rows.append(("Training code", card.code.commit or card.code.sha256))
    return rows


def _log(workspace: Workspace, log: Log, found: Resolved, what: tuple[Path, str, int]) -> Record:
    place, until, events = what
    options = build_options(workspace, store=False)
    built = build_manifest(place / FILES, workspace.objects, options)
    workspace.objects.flush()
    said: dict[str, JsonValue] = {
        "model": f"{found.claim.name}@{found.claim.version}",
        "retain_until": until,
        "events": events,
        "size": log.size,
    }
    draft = Draft(
        KIND,
        (Subject(f"{KIND}/{said['model']}", built.subject_digest()),),
        workspace.clock(),
        (Edge("used", found.logged.record),),
        {"manifest": built.predicate(), KIND: said},
    )
    return record_at(log, append_drafts(workspace, log, [draft])[0])
