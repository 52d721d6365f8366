"""From a logged envelope to a node with its edges; pure, and never fails on what is in a log.

Nothing is verified here: the strict parser of the verifier decides what is a statement, and
`states` judges signatures of what is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from diptych.core.errors import JsonValue, MalformedError
from diptych.provenance.graph.terms import UNREADABLE
from diptych_verify.dsse import parse_envelope
from diptych_verify.merkle import leaf_hash
from diptych_verify.statement import Edge, Statement, statement_of

MAX_NAME_CHARACTERS = 256


@dataclass(frozen=True, slots=True)
class RecordNode:
    """One record as a node.

    Attributes:
        record: 32-byte record id.
        kind: of the statement; empty if the entry is none.
        name: what people call it, cut to 256 characters.
        time_s: claimed time, seconds since the epoch.
        signers: key ids.
        edges: as stated.
        manifest: 32-byte digest of the public manifest object, None without one.
    """

    record: bytes
    kind: str
    name: str
    time_s: int
    signers: tuple[str, ...]
    edges: tuple[Edge, ...]
    manifest: bytes | None = None


def node_of(envelope: bytes) -> RecordNode:
    """Return the node of a logged entry; what is no statement has the empty kind."""
    record = leaf_hash(envelope)
    try:
        parsed = parse_envelope(envelope)
        statement = statement_of(parsed)
    except MalformedError:
        return RecordNode(record, UNREADABLE, "", 0, (), ())
    return RecordNode(
        record,
        statement.kind,
        display_name(statement)[:MAX_NAME_CHARACTERS],
        claimed_s(statement.time),
        tuple([one.keyid for one in parsed.signatures]),
        statement.edges,
        None if statement.manifest is None else statement.manifest.object_digest,
    )


def display_name(statement: Statement) -> str:
    """Return `name@version` where a record says its own, else what fits its kind best."""
    claim = version_claim(statement)
    if claim is not None:
        return f"{claim[1]}@{claim[2]}"
    member = statement.predicate.get(statement.kind)
    if isinstance(member, dict):
        said = _said(statement.kind, member)
        if said:
            return said
    return statement.subjects[0].name


def version_claim(statement: Statement) -> tuple[str, str, int] | None:
    """Return (`data` or `model`, name, version) as a record itself says it, None if it does not."""
    for member, space in (("asset", "data"), ("model", "model")):
        claim = statement.predicate.get(member)
        if isinstance(claim, dict):
            name, version = claim.get("name"), claim.get("version")
            if isinstance(name, str) and isinstance(version, int):
                return space, name, version
    return None


def claimed_s(time: str) -> int:
    """Return the seconds since the epoch of a statement's time.

    >>> claimed_s("1970-01-01T00:01:00Z")
    60
    """
    return int(datetime.fromisoformat(time).timestamp())


_SAYS = {
    "run": ("activity", "status"),
    "alias": ("model", "name"),
    "approval": ("verdict", "role"),
    "licence": ("spdx",),
    "quality": ("verdict",),
    "audit": ("verdict",),
}


def _said(kind: str, member: Mapping[str, JsonValue]) -> str:
    parts = [member.get(name) for name in _SAYS.get(kind, ())]
    return (":" if kind == "alias" else " ").join(part for part in parts if isinstance(part, str))
