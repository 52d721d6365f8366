"""The model card, format `diptych-card/1`: canonical JSON, named by its SHA-256 in the record."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from diptych.core.canonical import canonical_json
from diptych.core.errors import JsonValue, MalformedError
from diptych.models.card.parts import (
    MAX_ROWS,
    MAX_TEXT,
    Code,
    Contributor,
    Metric,
    Port,
    Source,
    share_total,
)
from diptych.models.errors import BadCard, BadContributors
from diptych_verify.jsonio import ObjectReader, strict_json

FORMAT = "diptych-card/1"
MAX_CARD_BYTES = 4 << 20
NOT_STATED = "not stated"


@dataclass(frozen=True)
class Card:
    """Everything a user should know before using a model.

    Attributes:
        name: of the model.
        version: from 1.
        format: `onnx`, `safetensors` or `skops`.
        files: paths that hold the model, in the manifest's order.
        manifest: hex root of the manifest.
        tensors: hex root of the tensor tree, empty for a model without tensors.
        parameters: number of values in all tensors.
        summary: one sentence.
        task: for example `tabular classification`.
        intended_use: what it was made for.
        limits: what it cannot do, and where it was seen to fail.
        licence: SPDX id or expression, empty if none is stated.
        licence_record: hex id of the licence record, empty if none is logged.
        seed: of the training, None if there is none.
        code: what trained it.
        data: what it was trained and tested on.
        metrics: with their intervals.
        contributors: with roles and shares.
        inputs: what it takes.
        outputs: what it gives.
        trusted_types: class names that a skops file needs trusted.
    """

    name: str
    version: int
    format: str
    files: tuple[str, ...]
    manifest: str
    tensors: str = ""
    parameters: int = 0
    summary: str = ""
    task: str = NOT_STATED
    intended_use: str = NOT_STATED
    limits: tuple[str, ...] = ()
    licence: str = ""
    licence_record: str = ""
    seed: int | None = None
    code: Code = field(default_factory=Code)
    data: tuple[Source, ...] = ()
    metrics: tuple[Metric, ...] = ()
    contributors: tuple[Contributor, ...] = ()
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    trusted_types: tuple[str, ...] = ()

    def to_json(self) -> dict[str, JsonValue]:
        """Return the members in the card's own form."""
        members: dict[str, JsonValue] = {"card": FORMAT}
        for key, value in vars(self).items():
            if isinstance(value, tuple):
                members[key] = [one if isinstance(one, str) else one.to_json() for one in value]
            else:
                members[key] = value.to_json() if isinstance(value, Code) else value
        return members


_TEXTS = ("summary", "task", "intended_use", "licence")
_ROWS = {
    "data": Source,
    "metrics": Metric,
    "contributors": Contributor,
    "inputs": Port,
    "outputs": Port,
}


def dump_card(card: Card) -> bytes:
    """Return the canonical JSON of a card, which is what its digest is over."""
    return canonical_json(card.to_json())


def parse_card(raw: bytes) -> Card:
    """Read a card strictly; `parse_card(dump_card(x)) == x`.

    Raises:
        MalformedError: an unknown, missing or malformed member.
        BadContributors: shares add up to more than 1.
    """
    value = strict_json(raw, max_bytes=MAX_CARD_BYTES, max_depth=6)
    reader = ObjectReader(value, "card")
    if reader.text("card") != FORMAT:
        raise reader.wrong("card", FORMAT)
    card = Card(
        name=reader.text("name", max_characters=128),
        version=reader.integer("version", minimum=1),
        format=reader.text("format", max_characters=32),
        files=reader.texts("files", maximum=MAX_ROWS, max_characters=MAX_TEXT),
        manifest=reader.hex_bytes("manifest", size=32).hex(),
        tensors=_hex(reader, "tensors"),
        parameters=reader.integer("parameters"),
        **{key: reader.text(key, max_characters=MAX_TEXT) for key in _TEXTS},
        limits=reader.texts("limits", maximum=MAX_ROWS, max_characters=MAX_TEXT),
        licence_record=_hex(reader, "licence_record"),
        seed=None if reader.raw("seed") is None else reader.integer("seed", minimum=-(2**53) + 1),
        code=Code.read(reader.object("code")),
        data=tuple(map(Source.read, reader.objects("data", maximum=MAX_ROWS))),
        metrics=tuple(map(Metric.read, reader.objects("metrics", maximum=MAX_ROWS))),
        contributors=tuple(map(Contributor.read, reader.objects("contributors", maximum=MAX_ROWS))),
        inputs=tuple(map(Port.read, reader.objects("inputs", maximum=MAX_ROWS))),
        outputs=tuple(map(Port.read, reader.objects("outputs", maximum=MAX_ROWS))),
        trusted_types=reader.texts("trusted_types", maximum=MAX_ROWS),
    )
    reader.done()
    total = share_total(card.contributors)
    if total > 1:
        raise BadContributors(f"the shares add up to {total}, expected at most 1")
    return card


def _hex(reader: ObjectReader, key: str) -> str:
    return reader.hex_bytes(key, size=32).hex() if reader.text(key, max_characters=64) else ""


def complete_card(stated: Mapping[str, JsonValue], facts: Mapping[str, JsonValue]) -> Card:
    """Join what a person stated with what publishing found out.

    Args:
        stated: members of a card in its JSON form; what is left out is not stated.
        facts: members that follow from the files and the log; they win over nothing: a stated
            member that differs is refused.

    Raises:
        BadCard: a member is unknown, malformed, or contradicts the facts.
        BadContributors: shares add up to more than 1.
    """
    for key in sorted(stated.keys() & facts.keys()):
        if stated[key] != facts[key]:
            raise BadCard(
                f"the card says {key} is {str(stated[key])[:100]!a}, "
                f"but it is {str(facts[key])[:100]!a}",
                hint=f"leave '{key}' out of the card: publishing fills it in",
            )
    empty: dict[str, JsonValue] = Card("", 1, "", (), "").to_json()
    members = {**empty, **stated, **facts}
    for key in _ROWS:
        members[key] = members[key] or []
    try:
        return parse_card(canonical_json(members))
    except MalformedError as error:
        raise BadCard(error.message, hint="docs/packages/models.md shows a card") from None
