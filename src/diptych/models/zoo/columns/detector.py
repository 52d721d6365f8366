"""From the model's probabilities to a warning about each column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from diptych.core.errors import JsonValue
from diptych.models.zoo.columns.features import column_features, sample
from diptych.models.zoo.columns.pseudonyms import PSEUDONYM, is_pseudonym
from diptych.models.zoo.columns.rules import (
    CLASSES,
    DATE,
    NAME,
    OTHER,
    PERSONAL,
    PHONE,
    guess,
)

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

THRESHOLD = 0.6
"""Probability of any personal class from which a column is flagged; see the card for its cost."""
_BIRTH = ("birth", "born", "dob", "geburt", "naissance", "nacimiento")


class Predicts(Protocol):
    """A loaded model."""

    def predict(self, inputs: "Any", /) -> "dict[str, NDArray[Any]]":
        """Return outputs by name."""
        ...


@dataclass(frozen=True)
class Finding:
    """The verdict on one column.

    Attributes:
        column: its header.
        kind: most probable class, or `pseudonym`, or `date of birth`.
        probability: of any personal class, 0 to 1.
        personal: whether to warn.
        by: `model`, `rule` where only the rule flags it, or `both`.
        values: distinct values looked at.
    """

    column: str
    kind: str
    probability: float
    personal: bool
    by: str
    values: int

    def to_json(self) -> dict[str, JsonValue]:
        """Return the finding as `--json` prints it."""
        return {**vars(self), "probability": round(self.probability, 4)}


def judge_table(
    model: Predicts, columns: Mapping[str, Sequence[object]], *, threshold: float = THRESHOLD
) -> list[Finding]:
    """Judge every column of a table.

    Args:
        model: from `book.models.load("diptych/columns")`.
        columns: cells by header.
        threshold: probability from which to warn.
    """
    if not columns:
        return []
    import numpy as np

    rows = [column_features(header, cells) for header, cells in columns.items()]
    answers = model.predict({"X": np.asarray(rows, dtype=np.float32)})["probabilities"]
    return [
        judge_column(header, cells, [float(one) for one in answer], threshold=threshold)
        for (header, cells), answer in zip(columns.items(), answers, strict=True)
    ]


def judge_column(
    header: str,
    cells: Sequence[object],
    probabilities: Sequence[float],
    *,
    threshold: float = THRESHOLD,
) -> Finding:
    """Join what the model and the rule say about one column.

    The rule adds what it knows for certain, patterns with check digits and headers that tell; a
    date counts as personal if its header speaks of birth, a code if its header speaks of people.
    """
    texts, _ = sample(cells)
    if not texts:
        return Finding(header, OTHER, 0.0, personal=False, by="model", values=0)
    by_class = dict(zip(CLASSES, probabilities, strict=True))
    personal = sum(share for kind, share in by_class.items() if kind in PERSONAL)
    kind = max(by_class, key=lambda one: by_class[one])
    ruled = guess(header, cells)
    if ruled in {OTHER, NAME, PHONE} and is_pseudonym(header, cells):
        by = "both" if personal >= threshold else "rule"
        return Finding(header, PSEUDONYM, personal, True, by, len(texts))
    by_rule = ruled in PERSONAL
    by_model = personal >= threshold
    if by_rule and not by_model:
        kind = ruled
    if kind == DATE and any(word in header.lower() for word in _BIRTH):
        return Finding(header, "date of birth", personal, True, "rule", len(texts))
    by = "both" if by_rule and by_model else "rule" if by_rule else "model"
    return Finding(header, kind, personal, by_rule or by_model, by, len(texts))
