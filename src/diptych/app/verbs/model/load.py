"""`models.load`: the one way to get a model. Everything is checked, then the checked bytes run."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from diptych.app.verbs.bundle import bundle_of, bundle_with_sources
from diptych.app.verbs.model.licensed import as_record, given_later, make_meter, require_licensed
from diptych.app.verbs.model.resolve import registry_of, resolve
from diptych.app.verbs.policy import own_policy
from diptych.app.verbs.requirements import require_stage
from diptych.app.workspace import Workspace
from diptych.models.card.agreement import sealed_card
from diptych.models.card.schema import Card
from diptych.models.errors import CardMismatch, ModelRejected, ModelRevoked, NotOurs
from diptych.models.folder import ModelFiles, read_folder, read_stored
from diptych.models.registry.registry import Registry, Resolved
from diptych.models.runtime.loaded import LoadedModel, LoadEvidence
from diptych.models.runtime.reading import make_runner
from diptych.provenance.log import Log
from diptych.provenance.objects import ObjectCorrupt, object_bytes
from diptych_verify.__main__ import NoSuchFile
from diptych_verify.content import ContentView, answer_untampered
from diptych_verify.errors import UntrustedKey
from diptych_verify.evidence import Evidence
from diptych_verify.policy import TrustPolicy
from diptych_verify.verify import verify_bundle
from diptych_verify.wording import counted


@dataclass(frozen=True)
class Loading:
    """Under which conditions a model is loaded.

    Attributes:
        path: folder or file to take the content from; by default the object store.
        policy: what to believe; by default the workspace's own keys and anchors.
        actor: who uses it, by default the keys of this workspace.
        action: what it is used for, one of the actions of licences.
        purpose: what for, on the actor's word.
        territory: where, ISO 3166-1 alpha-2.
        approvals: roles that must have approved it.
        trust: class names that a skops file may hold besides those in its card.
        threads: for one operator of an ONNX model; 0 lets the runtime choose.
        lineage: insist on all ancestor records.
        sources: also verify the records that the version itself names as sources, where they are
            in the log and the policy knows their signers, so that the evidence answers what it
            derives from.
        record: whether each use is recorded; None asks the setting `usage.record`.
    """

    path: Path | None = None
    policy: TrustPolicy | None = None
    actor: str = ""
    action: str = "execute"
    purpose: str = ""
    territory: str = ""
    approvals: Sequence[str] = ()
    trust: Sequence[str] = ()
    threads: int = 0
    lineage: bool = False
    sources: bool = False
    record: bool | None = None


def load(workspace: Workspace, what: str, how: Loading | None = None) -> LoadedModel:
    """Check a model in every way there is and return it ready to run.

    In this order: the log against its signed root and against what was seen of it; labels against
    signed records; the record's signature, by a key valid at its index, under the trust policy;
    revocations; approvals; the licence; the card; every byte of every file. What runs are the
    very bytes that were compared, so that nothing can be exchanged in between.

    Args:
        workspace: where the log stands.
        what: NAME, NAME@3, NAME:alias, an index or a record id.
        how: conditions.

    Raises:
        NoSuchModel: nothing of that name is in the log.
        HistoryEdited: an entry of the log was edited.
        LabelMoved: a label was moved behind the log's back.
        UntrustedKey: its key was not valid, or is not trusted.
        Rollback: the log is shorter than it was seen.
        ModelRevoked: it, or its licence, was revoked.
        ModelRejected: it was rejected, or an approval is missing.
        LicenceRefused: the licence does not allow this use.
        RequirementUnmet: the requirements ask for a quality report that is not there.
        CardMismatch: the card was changed or contradicts the record.
        DigestMismatch: a file was changed; `details` names it.
        UnsafeFormat: a file can run code when it is read.
    """
    how = how or Loading()
    with workspace.read_log() as log:
        found, evidence = check(workspace, log, what, how)
        meter = make_meter(workspace, log, (found, evidence), how)
        card = read_card(workspace, found)
        files = read_files(workspace, found, how.path)
    evidence = replace(evidence, verified=_with_files(evidence.verified, files))
    trusted = [*card.trusted_types, *how.trust]
    runner = make_runner(files.content, trusted=trusted, threads=how.threads)
    return LoadedModel(
        name=found.claim.name,
        version=found.claim.version,
        record=found.logged.record,
        card=card,
        evidence=evidence,
        files=files,
        _runner=runner,
        _meter=meter,
    )


def check(workspace: Workspace, log: Log, what: str, how: Loading) -> tuple[Resolved, LoadEvidence]:
    """Check everything about a model but its card and files; errors as `load`."""
    log.check()
    registry = registry_of(workspace, log)
    found = resolve(log, registry, what)
    registry.require(found.logged)
    verified = _verify_record(workspace, log, found, how)
    require_not_revoked(registry, found)
    approvals = _require_approved(registry, found, how.approvals)
    licence = require_licensed(workspace, log, found, how)
    require_stage(workspace, "serve", [found.logged.record])
    return found, LoadEvidence(
        verified=verified,
        alias=found.alias,
        moved_by=found.event.record if found.event else "",
        approvals=approvals,
        licence=licence.text,
        must_record=licence.duty,
        size=registry.size,
        limited=licence.limited,
    )


def read_card(workspace: Workspace, found: Resolved) -> Card:
    """Return the sealed card.

    Raises:
        CardMismatch: it was changed or contradicts the record.
        ObjectMissing: it is not kept here.
    """
    try:
        raw = object_bytes(workspace.objects, found.claim.card.hex())
    except ObjectCorrupt as error:
        raise CardMismatch(
            f"the stored card is not the one that was published: {error.message}",
            hint="diptych restore BACKUP",
        ) from error
    return sealed_card(raw, found.logged.statement, found.claim)


def read_files(workspace: Workspace, found: Resolved, path: Path | None) -> ModelFiles:
    """Return the verified bytes, from `path` or from the object store.

    Raises:
        DigestMismatch: a file was changed; `details` names it.
        ObjectMissing: the content is not kept here.
        NoSuchFile: there is nothing at `path`.
    """
    claim = found.logged.statement.manifest
    if claim is None:
        raise NotOurs(f"record {found.logged.index} names no files")
    manifest = object_bytes(workspace.objects, claim.object_digest.hex())
    if path is None:
        return read_stored(workspace.objects, manifest, claim)
    place = workspace.start / path
    if not place.exists():
        raise NoSuchFile(f"there is no {place}")
    return read_folder(place, manifest, claim)


def require_not_revoked(registry: Registry, found: Resolved) -> None:
    """Refuse a version that was revoked, or whose licence was.

    Raises:
        ModelRevoked: saying by which record and why.
    """
    targets = [("the version", found.logged.record)]
    licences = given_later(registry, found)[-1:] or found.logged.targets("licensedUnder")
    targets += [("the licence", one) for one in licences]
    for what, record in targets:
        revoked = registry.revocation(record)
        if revoked is None:
            continue
        said = revoked.statement.predicate.get("revocation")
        reason = said.get("reason") if isinstance(said, dict) else None
        raise ModelRevoked(
            f"{what} of {found.claim.name}@{found.claim.version} was revoked by record "
            f"{revoked.index} ({revoked.statement.time}): {reason or 'no reason given'}",
            hint="diptych model list shows other versions",
            record=revoked.record,
        )


def _verify_record(workspace: Workspace, log: Log, found: Resolved, how: Loading) -> Evidence:
    record = as_record(found)
    policy = how.policy or own_policy(workspace, log, covering=record.index)
    if how.sources and not how.lineage:
        # Whose key signed a source is no condition of loading: then it counts as not shown.
        with suppress(UntrustedKey):
            return verify_bundle(bundle_with_sources(workspace, log, record), policy=policy)
    bundle = bundle_of(workspace, log, record, lineage=how.lineage)
    return verify_bundle(bundle, policy=policy, lineage=how.lineage)


def _with_files(verified: Evidence, files: ModelFiles) -> Evidence:
    """Let `untampered` speak of the files that were compared."""
    claim, before = files.claim, verified.answer("untampered")
    size = f"{counted(claim.files, 'file')}, {counted(claim.total_bytes, 'byte')}"
    content = ContentView(True, f"{size}, all read once and unchanged")
    answer = answer_untampered(content, vouched=bool(before.evidence.get("vouched")))
    others = tuple(one for one in verified.answers if one.question != "untampered")
    return replace(verified, answers=(answer, *others))


def _require_approved(
    registry: Registry, found: Resolved, roles: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    verdicts = {}
    for role, logged in registry.approvals(found.logged.record).items():
        said = logged.statement.predicate["approval"]
        verdicts[role] = str(said.get("verdict")) if isinstance(said, dict) else ""
    for role, verdict in verdicts.items():
        if verdict != "approved":
            raise ModelRejected(
                f"{found.claim.name}@{found.claim.version} was rejected in the role '{role}'",
                hint="diptych model show NAME lists approvals",
            )
    missing = [role for role in roles if role not in verdicts]
    if missing:
        raise ModelRejected(
            f"{found.claim.name}@{found.claim.version} lacks the approval of: {', '.join(missing)}",
            hint=f"diptych model approve {found.claim.name} --role {missing[0]}",
        )
    return tuple(sorted(verdicts.items()))
