"""Licence of a model at load: whether somebody may use a version, and what records the uses."""

from dataclasses import replace
from typing import TYPE_CHECKING

from diptych.app.verbs.licensee import licensee_id, own_key
from diptych.app.verbs.metering import Meter, Metered, Permission, named, recording
from diptych.app.verbs.model.resolve import registry_of
from diptych.app.verbs.records import Record
from diptych.app.workspace import Workspace
from diptych.models.errors import LicenceRefused
from diptych.models.registry.registry import Registry, Resolved
from diptych.models.runtime.loaded import LoadEvidence
from diptych.provenance.licence import Request
from diptych.provenance.log import Log

if TYPE_CHECKING:
    from diptych.app.verbs.model.load import Loading


def require_licensed(workspace: Workspace, log: Log, found: Resolved, how: "Loading") -> Permission:
    """Ask the licence, then hold what decided against the registry, which read the log itself."""
    from diptych.app.verbs.may import decide

    registry = workspace.models.registry
    stated = [*found.logged.targets("licensedUnder"), *given_later(registry, found)]
    if not how.actor and not stated:
        return Permission()
    actor = _actor(workspace, log, found, how)
    asked = Request(actor, how.action, workspace.clock(), how.purpose, how.territory)
    decision = decide(workspace, log, as_record(found), asked)
    reason = decision.reason
    revoked = registry.revocation(decision.grant) if decision.grant else None
    if revoked is not None:
        reason = f"the grant was revoked by record {revoked.index}"
    if not decision.allowed or revoked is not None:
        raise LicenceRefused(
            f"{found.claim.name}@{found.claim.version}: {how.action} by {actor} is not allowed, "
            f"clause {decision.clause}: {reason}",
            hint="diptych model license --help",
            clause=decision.clause,
        )
    return Permission(f"{decision.clause}: {reason}", decision.must_record, decision.limited)


def make_meter(
    workspace: Workspace, log: Log, checked: tuple[Resolved, LoadEvidence], how: "Loading"
) -> Meter:
    """Return what records the uses of a checked version and asks the licence for other licensees.

    Raises:
        BadUsage: the action is no word for one.
        LicenceRefused: the licence asks for records, and recording is off.
    """
    found, evidence = checked
    who = _actor(workspace, log, found, how)
    if how.actor:
        named(workspace, how.actor, keep=recording(workspace, how.record))

    def ask(licensee: str) -> Permission:
        with workspace.read_log() as now:
            registry_of(workspace, now)
            return require_licensed(workspace, now, found, replace(how, actor=licensee))

    return Meter(
        workspace,
        Metered(found.logged.record, how.action, who, how.record),
        permission_of(evidence),
        ask,
    )


def permission_of(evidence: LoadEvidence) -> Permission:
    """Return what the licence said when a version was checked."""
    return Permission(evidence.licence, evidence.must_record, evidence.limited)


def _actor(workspace: Workspace, log: Log, found: Resolved, how: "Loading") -> str:
    if how.actor:
        return licensee_id(workspace, how.actor)
    return own_key(workspace, log, found.logged.signers)


def given_later(registry: Registry, found: Resolved) -> list[str]:
    """Return the ids of licence records that point to the version, newest last."""
    return [one.record for one in registry.about("licence", found.logged.record)]


def as_record(found: Resolved) -> Record:
    """Return the record as other verbs take it."""
    one = found.logged
    return Record(one.index, one.record, one.envelope, one.statement, one.signers)
