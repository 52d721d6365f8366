"""Does a card say the same as the record that names it?"""

from collections.abc import Iterator

from diptych.core.digests import digest, same_digest
from diptych.models.card.schema import Card, parse_card
from diptych.models.errors import CardMismatch
from diptych_verify.statement import ModelClaim, Statement

_EDGES = {"train": "trainedOn", "test": "testedOn", "base": "fineTunedFrom"}


def sealed_card(raw: bytes, statement: Statement, claim: ModelClaim) -> Card:
    """Return the card after comparing it with its record, member by member.

    Raises:
        CardMismatch: it is another card, or contradicts the record.
        MalformedError: it is no card.
    """
    actual = digest(raw)
    if not same_digest(actual, claim.card):
        raise CardMismatch(
            f"the card has sha256 {actual.hex()}, the record says {claim.card.hex()}",
            hint="the card was changed after publishing: take the one that was published",
        )
    card = parse_card(raw)
    for what, stated, recorded in _pairs(card, statement, claim):
        if stated != recorded:
            raise CardMismatch(
                f"the card says {what} is {stated}, the record says {recorded}",
                hint="publish the model again with a card that agrees",
                member=what,
            )
    return card


def _pairs(card: Card, statement: Statement, claim: ModelClaim) -> Iterator[tuple[str, str, str]]:
    root = statement.manifest.root.hex() if statement.manifest else ""
    yield "the name", card.name, claim.name
    yield "the version", str(card.version), str(claim.version)
    yield "the format", card.format, claim.format
    yield "the manifest", card.manifest, root
    yield "the tensor root", card.tensors, claim.tensors.root.hex() if claim.tensors else ""
    yield "the licence record", card.licence_record, _only(statement, "licensedUnder")
    for role, relation in _EDGES.items():
        listed = sorted(one.record for one in card.data if one.role == role and one.record)
        yield f"the {role} data", " ".join(listed), " ".join(sorted(_records(statement, relation)))
    people = sorted((one.name, one.role, one.share) for one in card.contributors)
    yield "the contributors", str(people), str(sorted(_contributors(statement)))


def _only(statement: Statement, relation: str) -> str:
    return " ".join(_records(statement, relation))


def _records(statement: Statement, relation: str) -> list[str]:
    return [
        edge.record.hex()
        for edge in statement.edges
        if edge.relation == relation and edge.record is not None
    ]


def _contributors(statement: Statement) -> list[tuple[str, str, str]]:
    return [
        (
            str(edge.extra.get("agent", "")),
            str(edge.extra.get("role", "")),
            str(edge.extra.get("share", "")),
        )
        for edge in statement.edges
        if edge.relation == "attributedTo"
    ]
