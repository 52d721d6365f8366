"""A registry record as it stands in the log."""

from collections.abc import Mapping
from dataclasses import dataclass

from diptych_verify.dsse import parse_envelope
from diptych_verify.errors import MalformedError
from diptych_verify.statement import Statement, statement_of

KINDS = frozenset(
    {"key", "model", "alias", "approval", "revocation", "erased", "licence", "grant", "quality"}
)
"""Of what the registry's answers depend on; all others are left out of its index."""

_ABOUT = ("used", "revokes", "erased")


@dataclass(frozen=True)
class Logged:
    """A registry record: place, id (hex), bytes, and what it says; its signature is not judged."""

    index: int
    record: str
    envelope: bytes
    statement: Statement
    signers: tuple[str, ...]

    def targets(self, relation: str) -> list[str]:
        """Return the hex ids of the records that edges of one relation lead to."""
        return [
            edge.record.hex()
            for edge in self.statement.edges
            if edge.relation == relation and edge.record is not None
        ]

    def about(self) -> set[str]:
        """Return the hex ids of the records that this one uses, revokes or erases."""
        return {one for relation in _ABOUT for one in self.targets(relation)}

    def moved_alias(self) -> tuple[str, str] | None:
        """Return model and alias that an alias record moves, None if it says neither."""
        said = self.statement.predicate.get("alias")
        if self.statement.kind != "alias" or not isinstance(said, Mapping):
            return None
        model, name = said.get("model"), said.get("name")
        return (model, name) if isinstance(model, str) and isinstance(name, str) else None


def parse_logged(index: int, raw: bytes, leaf: bytes) -> Logged | None:
    """Return a logged entry as a registry record, None if it is none."""
    try:
        envelope = parse_envelope(raw)
        statement = statement_of(envelope)
    except MalformedError:  # an entry that is no statement of ours says nothing about models
        return None
    if statement.kind not in KINDS:
        return None
    signers = tuple(one.keyid for one in envelope.signatures)
    return Logged(index, leaf.hex(), raw, statement, signers)
