"""Statements about models before they are signed: publish, alias, approval, revocation."""

from collections.abc import Sequence
from dataclasses import dataclass

from diptych.core.errors import JsonValue
from diptych.models.card.parts import Contributor
from diptych.provenance.statement import Draft, Edge, Subject

RECORD_DIGEST = "diptychRecord1"
VERDICTS = ("approved", "rejected")


@dataclass(frozen=True)
class ModelContent:
    """What a model's record says about its content.

    Attributes:
        name: of the model.
        version: from 1.
        format: of its files.
        card: hex digest of the card.
        manifest: `predicate.manifest`.
        digests: of the subject, by algorithm.
        tensors: `predicate.model.tensors`; None for a model without tensors.
        imported: where it came from, if it was imported.
    """

    name: str
    version: int
    format: str
    card: str
    manifest: dict[str, JsonValue]
    digests: dict[str, str]
    tensors: dict[str, JsonValue] | None = None
    imported: dict[str, JsonValue] | None = None


def model_draft(content: ModelContent, edges: Sequence[Edge], *, time_s: float) -> Draft:
    """Return the statement that publishes a version."""
    said: dict[str, JsonValue] = {
        "name": content.name,
        "version": content.version,
        "format": content.format,
        "card": content.card,
    }
    if content.tensors is not None:
        said["tensors"] = content.tensors
    if content.imported is not None:
        said["imported"] = content.imported
    return Draft(
        "model",
        (Subject(content.name, content.digests),),
        time_s,
        tuple(edges),
        {"manifest": content.manifest, "model": said},
    )


def contributor_edges(contributors: Sequence[Contributor]) -> list[Edge]:
    """Return `attributedTo` edges with agent, role and share."""
    return [
        Edge("attributedTo", extra={"agent": one.name, "role": one.role, "share": one.share})
        for one in contributors
    ]


def alias_draft(model: str, alias: str, *, target: str, before: str, time_s: float) -> Draft:
    """Return the statement that moves an alias.

    Args:
        model: name of the model.
        alias: for example `production`.
        target: hex id of the version's record; empty to end the alias.
        before: hex id of the alias record before; empty for the first.
        time_s: the signer's claim, seconds since the epoch.
    """
    edges = [Edge("used", target)] if target else []
    if before:
        edges.append(Edge("supersedes", before))
    subject = Subject(f"{model}:{alias}", {RECORD_DIGEST: target or before})
    said: dict[str, JsonValue] = {"model": model, "name": alias}
    return Draft("alias", (subject,), time_s, tuple(edges), {"alias": said})


def approval_draft(
    target: tuple[str, str], *, verdict: str, role: str, reason: str, time_s: float
) -> Draft:
    """Return the statement that approves or rejects a version; `target` is (name, record id)."""
    name, record = target
    said: dict[str, JsonValue] = {"verdict": verdict, "role": role}
    if reason:
        said["reason"] = reason
    subject = Subject(name, {RECORD_DIGEST: record})
    return Draft("approval", (subject,), time_s, (Edge("used", record),), {"approval": said})


def revocation_draft(target: tuple[str, str], *, reason: str, time_s: float) -> Draft:
    """Return the statement that a record no longer counts; `target` is (name, record id)."""
    name, record = target
    subject = Subject(name, {RECORD_DIGEST: record})
    said: dict[str, JsonValue] = {"reason": reason}
    return Draft("revocation", (subject,), time_s, (Edge("revokes", record),), {"revocation": said})
