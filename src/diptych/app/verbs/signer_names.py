"""Whose the signing keys of a lineage are: names that the policy vouches for, and what they say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from diptych.app.verbs.identity import identity_records, stored_evidence
from diptych.app.verbs.keys import said_names
from diptych.app.workspace import Workspace
from diptych.core.errors import VerificationError
from diptych.provenance.graph.lineage import Lineage, LineageNode
from diptych.provenance.graph.states import EndedBy, Judge, State
from diptych.provenance.identity import check_evidence
from diptych.provenance.log import LogReader
from diptych_verify.identity.bind import Binding
from diptych_verify.identity.document import identity_claim
from diptych_verify.policy import TrustPolicy
from diptych_verify.wording import quoted

_NAMED_KEYS = 8


@dataclass(frozen=True)
class Naming:
    """What signers are named by.

    Attributes:
        policy: whose word counts.
        judge: of the records of the log.
        ended_by: what may revoke a record.
    """

    policy: TrustPolicy
    judge: Judge
    ended_by: EndedBy


def with_signer_names(
    workspace: Workspace, log: LogReader, found: Lineage, naming: Naming
) -> Lineage:
    """Add to each node who signed it, where evidence that the policy believes says so.

    What keys merely say of themselves goes into the notes.
    """
    said = said_names(workspace, log)
    keyids = sorted({keyid for node in found.nodes for keyid in node.signers} & said.keys())
    if not keyids:
        return found
    known = {
        keyid: list(_bindings(workspace, log, (keyid, found.size), naming)) for keyid in keyids
    }
    nodes = tuple(_named(node, known) for node in found.nodes)
    proven = {
        k for node in nodes for k, n in zip(node.signers, node.signer_names, strict=False) if n
    }
    unproven = [f"{keyid} says it is {said[keyid]}" for keyid in keyids if keyid not in proven]
    return replace(found, nodes=nodes, notes=(*found.notes, *unproven[:_NAMED_KEYS]))


def _bindings(
    workspace: Workspace, log: LogReader, of: tuple[str, int], naming: Naming
) -> Iterator[Binding]:
    """Yield what the policy believes of a key below a size of the log, by its newest identities."""
    keyid, size = of
    records = [one for one in identity_records(log, keyid) if one.index < size]
    newest = {identity_claim(one.statement.predicate).method: one for one in records}
    indexes = sorted((one.index for one in newest.values()), reverse=True)
    judged = naming.judge.judge_all(indexes, (), ended_by=naming.ended_by)
    for one in sorted(newest.values(), key=lambda one: -one.index):
        good = judged[one.index].state in (State.VERIFIED, State.SELF_ASSERTED)
        raw = stored_evidence(workspace, one) if good and one.signers == (keyid,) else None
        if raw is None:
            continue
        try:
            binding = check_evidence(raw, naming.policy)
        except VerificationError:
            continue
        if binding.trusted:
            yield binding


def _named(node: LineageNode, known: dict[str, list[Binding]]) -> LineageNode:
    names = tuple(_name(known.get(keyid, ()), node.time_s or 0) for keyid in node.signers)
    return replace(node, signer_names=names) if any(names) else node


def _name(bindings: Sequence[Binding], signed_s: int) -> str:
    """Return the name that held when a record claims to be signed, and what it rests on."""
    for one in bindings:
        start, end = one.valid_from_s, one.valid_until_s
        if (start is not None and signed_s < start) or (end is not None and signed_s > end):
            continue
        try:
            standing = one.standing.at(one.about, signed_s=signed_s, proven_s=None)
        except VerificationError:  # revoked, perhaps before this was signed
            continue
        words = [one.basis]
        words += [] if start is end is None else ["valid at the claimed time"]
        words += [standing or f"{one.about} revocation not checked"] if one.about else []
        return f"{quoted(one.name)} ({', '.join(words)})"
    return ""
