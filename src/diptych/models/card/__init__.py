"""Model cards: what a model is for, how good it is, and what it must not be used for."""

from diptych.models.card.parts import Code, Contributor, Metric, Port, Source
from diptych.models.card.schema import Card, complete_card, dump_card, parse_card

__all__ = [
    "Card",
    "Code",
    "Contributor",
    "Metric",
    "Port",
    "Source",
    "complete_card",
    "dump_card",
    "parse_card",
]
