"""`may`: may this actor do this with this asset now? With the clause, and what holds the answer."""

from dataclasses import dataclass, replace

from diptych.app.verbs.licences import Held, Licences, open_licences
from diptych.app.verbs.licensee import PSEUDONYM, licensee_id
from diptych.app.verbs.records import Record, find_record
from diptych.app.verbs.signing import current_keyid
from diptych.app.workspace import Workspace
from diptych.core.clock import iso_utc
from diptych.core.errors import JsonValue
from diptych.provenance.keys.records import keys_of_holder
from diptych.provenance.licence import Decision, Request, may
from diptych.provenance.licence.evaluate import require_action
from diptych.provenance.log import LogReader

_LICENSOR = "licensor"
_ALL_ACTIONS_OF_THE_LICENSOR = "the licensor may do anything"


@dataclass(frozen=True)
class UseDecision:
    """An answer of `may` in a workspace.

    Attributes:
        allowed: the answer.
        clause: where it is decided: in the licence, `grant 17`, `licence` or `licensor`.
        reason: one sentence for people.
        duties: what must be done along with the use.
        asset: hex record id of what was asked about.
        name: its name.
        actor: key id or pseudonym that was asked about.
        action: what was asked.
        licence: hex digest of the licence that decided; empty if there is none.
        grant: hex record id of the grant that decided; empty if none did.
        log_size: nothing up to here revokes or replaces what decided, on the log's word.
        limited: the licence that decided limits how often.
    """

    allowed: bool
    clause: str
    reason: str
    duties: tuple[str, ...]
    asset: str
    name: str
    actor: str
    action: str
    licence: str
    grant: str
    log_size: int
    limited: bool = False

    @property
    def must_record(self) -> bool:
        """Whether each use has to be recorded: it is counted, or the licensor is told or paid."""
        return self.limited or bool({"inform", "compensate"} & set(self.duties))

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych model license check --json` shows."""
        return {**vars(self), "duties": list(self.duties)}


def may_use(
    workspace: Workspace,
    actor: str | None,
    action: str,
    asset: str,
    *,
    when_s: float | None = None,
    purpose: str = "",
    territory: str = "",
    count: int | None = None,
) -> UseDecision:
    """Say whether an actor may do something with an asset.

    Args:
        workspace: where the log stands.
        actor: key id, pseudonym or name of a licensee; None for our own key.
        action: one of the actions of licences, for example `execute` or `train`.
        asset: reference to a record.
        when_s: time of the act, by default now.
        purpose: what for, on the actor's word.
        territory: where, ISO 3166-1 alpha-2.
        count: how many uses this one makes; by default what the usage log has, and this one.

    Raises:
        NoSuchRecord: `asset` names nothing.
        UnknownAction: licences have no word for the action.
        ObjectMissing: a licence's document is not stored here.
    """
    require_action(action)
    with workspace.read_log() as log:
        record = find_record(workspace, log, asset)
        asked = Request(
            licensee_id(workspace, actor) if actor else current_keyid(workspace, log),
            action,
            workspace.clock() if when_s is None else when_s,
            purpose,
            territory,
            count,
        )
        return decide(workspace, log, record, asked)


def decide(workspace: Workspace, log: LogReader, record: Record, asked: Request) -> UseDecision:
    """Say whether a request about one record is allowed; see `may_use`."""
    keys = _keys_of(log, asked.actor)
    with open_licences(workspace, log) as licences:
        if asked.count is None and _limited(licences, record):
            asked = _counted(workspace, record, asked, keys)
        decision, held, grant = _decide(licences, record, asked, keys)
    return UseDecision(
        allowed=decision.allowed,
        clause=decision.clause,
        reason=decision.reason,
        duties=decision.duties,
        asset=record.record,
        name=record.name,
        actor=asked.actor,
        action=asked.action,
        licence=held.digest if held else "",
        grant=grant.record if grant else "",
        log_size=log.size,
        limited=decision.clause != _LICENSOR and held is not None and _counts(held),
    )


def _limited(licences: Licences, record: Record) -> bool:
    held = licences.held(record)
    return any(_counts(one.under) for one in licences.grants(record)) or (
        held is not None and _counts(held)
    )


def _counts(held: Held) -> bool:
    """Tell whether a licence limits how often something may be done."""
    return any(
        one.operand == "count"
        for rule in (*held.licence.permissions, *held.licence.prohibitions)
        for one in rule.constraints
    )


def _keys_of(log: LogReader, actor: str) -> frozenset[str]:
    """Return how records may call an actor: a rotated key is still the same owner's."""
    return frozenset({actor}) if actor.startswith(PSEUDONYM) else keys_of_holder(log, actor)


def _counted(workspace: Workspace, record: Record, asked: Request, keys: frozenset[str]) -> Request:
    """Fill in how many uses this one makes."""
    if not (workspace.place.usage.exists() or workspace.place.uses.exists()):
        return replace(asked, count=1)
    from diptych.app.verbs.metering import open_store

    with open_store(workspace) as store:
        so_far = sum(store.count(key, record.record)[0] for key in sorted(keys))
        return replace(asked, count=so_far + 1)


Found = tuple[Decision, Held | None, Record | None]


def _decide(licences: Licences, record: Record, asked: Request, keys: frozenset[str]) -> Found:
    held = licences.held(record)
    if _is_licensor(record, held, keys):
        return Decision(True, _LICENSOR, _ALL_ACTIONS_OF_THE_LICENSOR), held, None
    refused: Found | None = None
    for grant in reversed(licences.grants(record)):
        if grant.agreement.licensee not in keys:
            continue
        named = replace(asked, actor=grant.agreement.licensee)
        decision = may(grant.under.licence, named, grant.agreement)
        if decision.allowed:
            return decision, grant.under, grant.record
        refused = refused or (decision, grant.under, grant.record)
    if held is None:
        return refused or (
            Decision(False, "licence", f"'{record.name}' has no licence"),
            None,
            None,
        )
    if held.revoked_s is not None and asked.when_s >= held.revoked_s:
        reason = f"{held.licence.name} was revoked at {iso_utc(held.revoked_s)}"
        return refused or (Decision(False, "licence", reason), held, None)
    decision = may(held.licence, asked)
    return (decision, held, None) if decision.allowed or refused is None else refused


def _is_licensor(record: Record, held: Held | None, keys: frozenset[str]) -> bool:
    """Tell whether the actor owns the asset: gave its licence, or made it and nothing limits it."""
    if held is not None and not held.licensor:
        return False
    return bool(keys & set(record.signers if held is None else held.record.signers))
