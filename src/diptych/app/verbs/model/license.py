"""`license`: give something a licence, grant it to somebody, take it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from diptych.app.verbs.inheritance import came_from, require_publishable
from diptych.app.verbs.licences import LICENCE_LABEL, Held, Licences, open_licences
from diptych.app.verbs.licensee import remember_licensee
from diptych.app.verbs.records import Record, find_record, record_at
from diptych.app.verbs.requirements import require_stage
from diptych.app.verbs.signing import append_drafts
from diptych.app.workspace import Workspace
from diptych.core.clock import iso_utc
from diptych.core.errors import JsonValue, UsageError
from diptych.provenance.licence import dump_licence, preset
from diptych.provenance.licence.evaluate import require_action
from diptych.provenance.log import Log
from diptych.provenance.statement import Draft, Edge, Subject
from diptych_verify.jsonio import strict_json
from diptych_verify.licence import MAX_LICENCE_BYTES, Licence, read_licence

_MAX_REASON = 200


class NoLicence(UsageError):
    """The asset has no licence that a grant could be given under, or nothing to revoke."""

    code = "Licence.Missing"


class BadTime(UsageError):
    """A date is not of the form 2027-12-31 or 2027-12-31T00:00:00Z."""

    code = "Licence.BadTime"


@dataclass(frozen=True)
class LicenceSet:
    """What setting a licence did.

    Attributes:
        record: hex record id of the licence record.
        index: its place in the log.
        name: what was licensed.
        spdx: SPDX id.
        digest: hex SHA-256 of the document.
        licensor: we give it; else it is the one under which the asset was received.
        new: False if this licence holds already.
    """

    record: str
    index: int
    name: str
    spdx: str
    digest: str
    licensor: bool
    new: bool = True

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych model license set --json` shows."""
        return dict(vars(self))


@dataclass(frozen=True)
class Grant:
    """A grant that was logged; `until` is empty for no end."""

    record: str
    index: int
    name: str
    licensee: str
    until: str
    actions: tuple[str, ...]

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych model license grant --json` shows."""
        return {**vars(self), "actions": list(self.actions)}


def load_licence(what: str | Path | Licence) -> Licence:
    """Return a licence: a preset's name, a JSON file (canonical or not), or the licence itself.

    Raises:
        UnknownPreset: no built-in licence has this name.
        MalformedError: the file is no licence document.
        NoSuchFile: there is no such file.
    """
    if isinstance(what, Licence):
        return what
    if isinstance(what, str):
        return preset(what)
    from diptych_verify.__main__ import read_file

    return read_licence(strict_json(read_file(what), max_bytes=MAX_LICENCE_BYTES, max_depth=8))


def set_licence(
    workspace: Workspace, asset: str, licence: Licence, *, own: bool | None = None
) -> LicenceSet:
    """Put an asset under a licence from now on; what was granted before stays granted.

    Args:
        workspace: where the log stands.
        asset: reference to a record.
        licence: the terms.
        own: we are the licensor. By default true for models, false for anything else, which is
            taken as received under this licence.

    Raises:
        NoSuchRecord: `asset` names nothing.
        LicenceConflict: it is ours, and the licence of an ancestor does not allow this one.
    """
    with workspace.write_log() as log, open_licences(workspace, log) as licences:
        record = find_record(workspace, log, asset)
        licensor = record.statement.kind == "model" if own is None else own
        held = licences.held(record)
        document = dump_licence(licence)
        if held and held.document == document and held.licensor == licensor and not held.revoked_s:
            return _set(held.record, record.name, held, new=False)
        if licensor:
            require_publishable(workspace, log, licence, came_from(record))
        edges = [Edge("used", record.record)]
        if held is not None:
            edges.append(Edge("supersedes", held.record.record))
        draft = licence_draft(workspace, licence, tuple(edges), own=licensor)
        (index,) = append_drafts(workspace, log, [draft], labels={LICENCE_LABEL: 0})
        made = record_at(log, index)
        return _set(made, record.name, licences.read(made), new=True)


def terms_record(workspace: Workspace, log: Log, licence: Licence, *, own: bool) -> str:
    """Return the record id of a licence without asset, for a `licensedUnder` edge; made once.

    Args:
        workspace: where the log stands.
        log: opened for writing.
        licence: the terms.
        own: we are the licensor.
    """
    draft = licence_draft(workspace, licence, (), own=own)
    digest = draft.subjects[0].digest["sha256"]
    label = f"terms/{digest}/{'own' if own else 'received'}"
    index = log.label(label)
    if index is None:
        (index,) = append_drafts(workspace, log, [draft], labels={label: 0, LICENCE_LABEL: 0})
    return record_at(log, index).record


def licence_draft(
    workspace: Workspace, licence: Licence, edges: tuple[Edge, ...], *, own: bool
) -> Draft:
    """Store a licence's document and return the statement about it."""
    digest = workspace.objects.put([dump_licence(licence)])
    workspace.objects.flush()
    claim: dict[str, JsonValue] = {"digest": digest, "spdx": licence.spdx, "licensor": own}
    subject = Subject(licence.spdx, {"sha256": digest})
    return Draft("licence", (subject,), workspace.clock(), edges, {"licence": claim})


def grant_licence(
    workspace: Workspace,
    asset: str,
    to: str,
    *,
    until: str = "",
    actions: Sequence[str] = (),
    later: bool = False,
) -> Grant:
    """Grant the asset's licence to a licensee, who appears by key id or pseudonym.

    Args:
        workspace: where the log stands.
        asset: reference to a record.
        to: key id, or a name, which stays private.
        until: date or RFC 3339 time at which it ends; empty for no end.
        actions: what it covers; by default all that the licence permits.
        later: it covers later versions too.

    Raises:
        NoLicence: the asset has no licence, or it was revoked.
        BadTime: `until` is no time, or has passed.
        RequirementUnmet: the requirements ask for a quality report that is not there.
        UnknownAction: licences have no word for an action.
    """
    for action in actions:
        require_action(action)
    end = read_time(until, workspace.clock()) if until else ""
    with workspace.write_log() as log:
        record = find_record(workspace, log, asset)
        # The gate reads the log on its own: it comes before what keeps this one.
        require_stage(workspace, "sell", [record.record])
        with open_licences(workspace, log) as licences:
            held = _valid(licences, record)
        licensee = remember_licensee(workspace, to)
        claim: dict[str, JsonValue] = {"licensee": licensee}
        claim |= {"until": end} if end else {}
        claim |= {"actions": list[JsonValue](sorted(set(actions)))} if actions else {}
        claim |= {"later": True} if later else {}
        draft = Draft(
            "grant",
            (Subject(record.name, dict(record.statement.subjects[0].digests)),),
            workspace.clock(),
            (Edge("used", record.record), Edge("licensedUnder", held.record.record)),
            {"grant": claim},
        )
        (index,) = append_drafts(workspace, log, [draft])
        made = record_at(log, index)
    return Grant(made.record, index, record.name, licensee, end, tuple(sorted(set(actions))))


def revoke_licence(
    workspace: Workspace, asset: str, *, to: str | None = None, reason: str = ""
) -> tuple[str, ...]:
    """Revoke the grants to a licensee, or the licence of an asset itself.

    Args:
        workspace: where the log stands.
        asset: reference to a record; to a licence or grant record for exactly that one.
        to: licensee whose grants end; None for the licence.
        reason: said publicly.

    Returns:
        Hex record ids of what was revoked.

    Raises:
        NoLicence: there is nothing to revoke.
    """
    with workspace.write_log() as log, open_licences(workspace, log) as licences:
        record = find_record(workspace, log, asset)
        targets = _revocable(workspace, licences, record, to)
        if not targets:
            raise NoLicence(
                f"'{record.name}' has nothing to revoke", hint=f"diptych model license show {asset}"
            )
        drafts = [
            Draft(
                "revocation",
                (Subject(one.name, dict(one.statement.subjects[0].digests)),),
                workspace.clock(),
                (Edge("revokes", one.record),),
                {"revocation": {"reason": reason[:_MAX_REASON]}},
            )
            for one in targets
        ]
        append_drafts(workspace, log, drafts)
    return tuple(one.record for one in targets)


def read_time(text: str, now_s: float) -> str:
    """Return a date or time as RFC 3339 in UTC, whole seconds.

    Raises:
        BadTime: it is neither, or lies before `now_s`.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadTime(f"got '{text[:40]}', expected a date like 2027-12-31") from None
    time_s = found.replace(tzinfo=found.tzinfo or UTC).timestamp()
    if time_s <= now_s:
        raise BadTime(f"got '{text[:40]}', expected a time after {iso_utc(now_s)}")
    return iso_utc(time_s)


def _valid(licences: Licences, record: Record) -> Held:
    held = licences.held(record)
    if held is None or held.revoked_s is not None:
        state = "no licence" if held is None else "a licence that was revoked"
        raise NoLicence(
            f"'{record.name}' has {state}", hint="diptych model license set REF LICENCE"
        )
    return held


def _revocable(
    workspace: Workspace, licences: Licences, record: Record, to: str | None
) -> list[Record]:
    if to is not None:
        licensee = remember_licensee(workspace, to)
        found = [one for one in licences.grants(record) if one.agreement.licensee == licensee]
        return [one.record for one in found if one.agreement.revoked_s is None]
    if record.statement.kind in ("licence", "grant"):
        return [record] if licences.revoked_s(record) is None else []
    held = licences.held(record)
    return [held.record] if held is not None and held.revoked_s is None else []


def _set(record: Record, name: str, held: Held, *, new: bool) -> LicenceSet:
    return LicenceSet(
        record.record, record.index, name, held.licence.spdx, held.digest, held.licensor, new
    )
