"""From a rule's record and the network's word to a probability, by a table made in training."""

import json
import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from diptych.audit.learned.vocabulary import CATEGORIES

__all__ = ["FEATURES", "ProbabilityTable", "Voice", "features"]

FEATURES: Final = ("bias", "rule", "logit", "local", "known", "rule x logit")
_STRENGTH = 4.0
_LIMIT = 6.0


class Voice(NamedTuple):
    """What the network says of one candidate: of its function, and of its own ops."""

    logit: float
    local: float


def features(record: float, voice: Voice | None) -> list[float]:
    """Return the numbers that the regression weighs, in the order of `FEATURES`.

    Args:
        record: log-odds that the rule is right.
        voice: the network's word, None where it has none.
    """
    if voice is None:
        return [1.0, record, 0.0, 0.0, 0.0, 0.0]
    logit = max(-_LIMIT, min(_LIMIT, voice.logit))
    local = max(-_LIMIT, min(_LIMIT, voice.local))
    return [1.0, record, logit, local, 1.0, record * logit / _LIMIT]


class ProbabilityTable(NamedTuple):
    """What training found out.

    Attributes:
        priors: share of true findings by severity.
        records: (true, all) findings by `rule/severity`, out of fold.
        weights: of the regression, in the order of `FEATURES`.
        knots: isotonic regression on the outcome: probabilities before and after, ascending.
        hide: probability below which a finding is only for information.
        demote: probability below which a high or medium finding is low.
        propose: logit by category from which the network speaks alone; absent where it never does.
    """

    priors: Mapping[str, float]
    records: Mapping[str, tuple[float, float]]
    weights: Sequence[float]
    knots: Sequence[tuple[float, float]]
    hide: float
    demote: float
    propose: Mapping[str, float]

    @classmethod
    def parse(cls, text: str) -> "ProbabilityTable":
        """Read the table from JSON."""
        data: dict[str, Any] = json.loads(text)
        return cls(
            priors=data["priors"],
            records={key: (pair[0], pair[1]) for key, pair in data["records"].items()},
            weights=data["weights"],
            knots=[(low, high) for low, high in data["knots"]],
            hide=data["hide"],
            demote=data["demote"],
            propose=data["propose"],
        )

    def dump(self) -> str:
        """Write the table as JSON."""
        return json.dumps(self._asdict(), indent=1, sort_keys=True) + "\n"

    def share(self, rule: str, severity: str) -> float:
        """Return how often a rule is right at a severity, shrunk towards the severity's share."""
        prior = self.priors.get(severity, 0.5)
        true, total = self.records.get(f"{rule}/{severity}", (0.0, 0.0))
        share = (true + _STRENGTH * prior) / (total + _STRENGTH)
        return min(max(share, 0.005), 0.995)

    def record(self, rule: str, severity: str) -> float:
        """Return the same as log-odds."""
        share = self.share(rule, severity)
        return math.log(share / (1 - share))

    def probability(self, rule: str, severity: str, voice: Voice | None) -> float:
        """Return the calibrated probability that a finding is true."""
        row = features(self.record(rule, severity), voice)
        value = sum(weight * each for weight, each in zip(self.weights, row, strict=True))
        raw = 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))
        return self.calibrated(raw)

    def calibrated(self, raw: float) -> float:
        """Return the isotonic regression's value, linear between its knots."""
        if not self.knots:
            return raw
        at = bisect_right([low for low, _ in self.knots], raw)
        if at == 0:
            return self.knots[0][1]
        if at == len(self.knots):
            return self.knots[-1][1]
        (x0, y0), (x1, y1) = self.knots[at - 1], self.knots[at]
        return y0 + (y1 - y0) * (raw - x0) / (x1 - x0)


def category_at(category: str) -> int | None:
    """Return the number of a category among the network's outputs."""
    return CATEGORIES.index(category) if category in CATEGORIES else None
