"""`model alias`, `approve`, `revoke`: signed records that change what a name or version means."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from diptych.app.verbs.model.resolve import registry_of, resolve
from diptych.app.verbs.names import AssetReference
from diptych.app.verbs.records import find_record
from diptych.app.verbs.signing import current_signer
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue
from diptych.models.errors import BadVerdict, NoSuchModel
from diptych.models.registry.drafts import (
    alias_draft,
    approval_draft,
    revocation_draft,
)
from diptych.models.registry.registry import ALIAS_LABEL, Registry
from diptych.provenance.log import Log, Writer
from diptych.provenance.statement import Draft, sign_statements
from diptych_verify.merkle import leaf_hash

_MAX_ROLE = 64
_MAX_REASON = 1_000


@dataclass(frozen=True)
class Noted:
    """A record about a model: what it says, its hex id and its place in the log.

    Attributes:
        kind: `alias`, `approval` or `revocation`.
        target: what it is about, for example `tumour@3`.
        says: alias, verdict or reason.
        record: hex record id.
        index: its place in the log.
        new: False if the newest record says the same.
    """

    kind: str
    target: str
    says: str
    record: str
    index: int
    new: bool = True

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `--json` shows."""
        return {**vars(self)}


def set_alias(workspace: Workspace, what: str, alias: str) -> Noted:
    """Let an alias point to a version from now on.

    Args:
        workspace: where the log stands.
        what: NAME, NAME@3, NAME:other, index or record id of a model.
        alias: for example `production`.

    Raises:
        NoSuchModel: there is no such version, or `alias` is no name for one.
        ModelRevoked: the version was revoked.
    """
    from diptych.app.verbs.model.load import require_not_revoked

    with _writing(workspace) as (log, writer, registry):
        found = resolve(log, registry, what)
        name = found.claim.name
        _require_alias(name, alias)
        require_not_revoked(registry, found)
        last = registry.last_move(name, alias)
        target = f"{name}@{found.claim.version}"
        if last is not None and last.targets("used") == [found.logged.record]:
            return Noted("alias", target, alias, last.record, last.index, new=False)
        draft = alias_draft(
            name,
            alias,
            target=found.logged.record,
            before="" if last is None else last.record,
            time_s=workspace.clock(),
        )
        envelope = _signed(workspace, log, draft)
        label = f"{ALIAS_LABEL}{name}:{alias}"
        index = writer.append([envelope], labels={label: 0})[0]
        return Noted("alias", target, alias, leaf_hash(envelope).hex(), index)


def end_alias(workspace: Workspace, name: str, alias: str) -> Noted:
    """Let an alias point nowhere from now on.

    Raises:
        NoSuchModel: there is no such alias.
    """
    with _writing(workspace) as (log, writer, registry):
        event = registry.alias(name, alias).event
        before = "" if event is None else event.record
        draft = alias_draft(name, alias, target="", before=before, time_s=workspace.clock())
        envelope = _signed(workspace, log, draft)
        index = writer.append([envelope], labels={f"{ALIAS_LABEL}{name}:{alias}": 0})[0]
        return Noted("alias", name, alias, leaf_hash(envelope).hex(), index)


def approve(
    workspace: Workspace, what: str, *, role: str, verdict: str = "approved", reason: str = ""
) -> Noted:
    """Approve or reject a version; the newest verdict of a role counts.

    Args:
        workspace: where the log stands.
        what: reference to a model version.
        role: in which the signer speaks, for example `medical`.
        verdict: `approved` or `rejected`.
        reason: in words; public.

    Raises:
        BadVerdict: it is another verdict, `role` is empty, too long or not printable, or `reason`
            is too long.
    """
    _require_short(reason)
    if verdict not in ("approved", "rejected"):
        raise BadVerdict(f"got the verdict '{verdict[:80]}', expected approved or rejected")
    if not role.strip() or not role.isprintable() or len(role) > _MAX_ROLE:
        raise BadVerdict(
            f"got the role {role[:80]!a}, expected 1 to {_MAX_ROLE} printable characters",
            hint=f"diptych model approve {what} --role medical",
        )

    def draft(registry: Registry, log: Log) -> tuple[str, Draft]:
        found = resolve(log, registry, what)
        name = f"{found.claim.name}@{found.claim.version}"
        return name, approval_draft(
            (found.claim.name, found.logged.record),
            verdict=verdict,
            role=role,
            reason=reason,
            time_s=workspace.clock(),
        )

    return _append(workspace, "approval", f"{verdict} ({role})", draft)


def revoke(workspace: Workspace, what: str, *, reason: str) -> Noted:
    """Say that a model version, licence or other record no longer counts.

    Args:
        workspace: where the log stands.
        what: reference to any record.
        reason: in words; public.

    Raises:
        BadVerdict: `reason` is too long.
    """
    _require_short(reason)

    def draft(registry: Registry, log: Log) -> tuple[str, Draft]:
        shown, name, record = _any_record(workspace, log, registry, what)
        drafted = revocation_draft((name, record), reason=reason, time_s=workspace.clock())
        return shown, drafted

    return _append(workspace, "revocation", reason, draft)


def _require_short(reason: str) -> None:
    if len(reason) > _MAX_REASON:
        raise BadVerdict(
            f"got a reason of {len(reason):,} characters, expected at most {_MAX_REASON:,}",
            hint="seal a document and name it",
        )


def _any_record(
    workspace: Workspace, log: Log, registry: Registry, what: str
) -> tuple[str, str, str]:
    """Return how to call a record, its subject's name and its id."""
    try:
        found = resolve(log, registry, what)
    except NoSuchModel:
        other = find_record(workspace, log, what)
        return other.name, other.name, other.record
    claim = found.claim
    return f"{claim.name}@{claim.version}", claim.name, found.logged.record


def _append(
    workspace: Workspace, kind: str, says: str, make: Callable[[Registry, Log], tuple[str, Draft]]
) -> Noted:
    with _writing(workspace) as (log, writer, registry):
        target, draft = make(registry, log)
        envelope = _signed(workspace, log, draft)
        index = writer.append([envelope])[0]
    return Noted(kind, target, says, leaf_hash(envelope).hex(), index)


@contextmanager
def _writing(workspace: Workspace) -> Iterator[tuple[Log, Writer, Registry]]:
    """Become the writer, the registry caught up; a first reading can last longer than a lease."""
    with workspace.write_log() as log:
        registry_of(workspace, log)
        with log.writer(workspace.lease_terms()) as writer:
            yield log, writer, registry_of(workspace, log)


def _signed(workspace: Workspace, log: Log, draft: Draft) -> bytes:
    (envelope,) = sign_statements([draft], current_signer(workspace, log))
    return envelope


def _require_alias(name: str, alias: str) -> None:
    reference = AssetReference.parse(f"{name}:{alias}")
    if reference is None or reference.alias != alias:
        raise NoSuchModel(
            f"got the alias '{alias[:200]}', expected letters, digits and '._+-'",
            hint=f"diptych model alias {name} production",
        )
