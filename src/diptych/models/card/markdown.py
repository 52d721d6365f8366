"""A model card as Markdown for people; nothing in a card can break out of its place."""

import re
from collections.abc import Iterator, Mapping, Sequence

from diptych.models.card.parts import Metric, Port
from diptych.models.card.schema import NOT_STATED, Card
from diptych_verify.wording import counted

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~!&])")


def render_card(card: Card, names: Mapping[str, str] | None = None) -> str:
    """Return the card as Markdown.

    Args:
        card: the sealed card.
        names: what to call data by record id where the card does not say it.
    """
    return "\n".join(_lines(card, names or {})) + "\n"


def _lines(card: Card, names: Mapping[str, str]) -> Iterator[str]:
    yield f"# {_plain(card.name)}, version {card.version}\n"
    yield f"{_plain(card.summary)}\n" if card.summary else ""
    yield from _table(("what", "value"), _facts(card))
    yield "\n## Intended use\n"
    yield _plain(card.intended_use)
    yield "\n## Limits\n"
    yield from (f"- {_plain(one)}" for one in card.limits or (NOT_STATED,))
    yield "\n## Metrics\n"
    if card.metrics:
        rows = [
            (one.name, one.group or "all", _figure(one), one.data, one.method)
            for one in card.metrics
        ]
        yield from _table(("metric", "group", "value", "measured on", "interval by"), rows)
    else:
        yield NOT_STATED
    yield "\n## Data\n"
    yield from (
        f"- {one.role}: {_plain(names.get(one.record, one.name))}"
        + (f" (record `{one.record}`)" if one.record else "")
        for one in card.data
    )
    yield "" if card.data else NOT_STATED
    yield "\n## Inputs and outputs\n"
    ports = [("input", one) for one in card.inputs] + [("output", one) for one in card.outputs]
    yield from _table(
        ("kind", "name", "type", "shape", "meaning"),
        [(kind, one.name, one.dtype, _shape(one), one.description) for kind, one in ports],
    )
    if card.contributors:
        yield "\n## Contributors\n"
        people = [(one.name, one.role, one.share) for one in card.contributors]
        yield from _table(("name", "role", "share"), people)


def _facts(card: Card) -> list[tuple[str, str]]:
    code = " ".join(filter(None, (card.code.path, card.code.commit, card.code.sha256)))
    return [
        ("task", card.task),
        ("licence", card.licence or NOT_STATED),
        ("format", f"{card.format} ({counted(card.parameters, 'parameter')})"),
        ("files", ", ".join(card.files)),
        ("manifest root", card.manifest),
        ("tensor root", card.tensors or "none"),
        ("training code", code or NOT_STATED),
        ("seed", NOT_STATED if card.seed is None else str(card.seed)),
    ]


def _figure(metric: Metric) -> str:
    if metric.low is None or metric.high is None or metric.confidence is None:
        return f"{metric.value:.4g} (no interval)"
    bounds = f"{metric.low:.4g} to {metric.high:.4g}"
    return f"{metric.value:.4g} ({bounds}, {metric.confidence:.0%})"


def _shape(port: Port) -> str:
    return ", ".join("any" if axis is None else str(axis) for axis in port.shape) or "scalar"


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield f"|{'---|' * len(header)}"
    for row in rows:
        yield f"| {' | '.join(_plain(cell) for cell in row)} |"


def _plain(text: str) -> str:
    shown = "".join(char if char.isprintable() else " " for char in text)
    return _SPECIAL.sub(r"\\\1", shown)
