"""Texts that may stay by the table, but hold a value that identifies somebody elsewhere."""

from collections import Counter
from collections.abc import Collection
from typing import Any

from diptych.data.imaging.dummies import ANONYMIZED
from diptych.data.imaging.tokens import occurs

_TEXTS = {"AE", "CS", "LO", "LT", "SH", "ST", "UC", "UR", "UT"}


def scrub(
    dataset: Any, tokens: Collection[tuple[str, str]], done: Counter[tuple[str, str]]
) -> None:
    """Replace texts that hold one of the tokens by a dummy, in place.

    Args:
        dataset: cleaned by the table.
        tokens: pairs of keyword and value of the original.
        done: is told of each replaced attribute, as action D.
    """
    values = [value for _, value in tokens]
    if not values:
        return
    for element in dataset.iterall():
        if element.VR in _TEXTS and holds(element, values):
            element.value = ANONYMIZED
            done[(element.keyword or "UnknownAttribute", "D")] += 1


def holds(element: Any, values: Collection[str]) -> bool:
    """Tell whether the text of an element holds one of the values as a word."""
    text = str(element.value if element.value is not None else "")
    return any(occurs(one, text) for one in values)
