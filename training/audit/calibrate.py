"""Probabilities of findings, fitted and answered out of fold, with folds of whole clusters."""

import math
import zlib
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from findings import Row
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from diptych.audit.learned.table import FEATURES, ProbabilityTable, Voice, features

__all__ = ["Fitted", "error", "fit", "records", "table"]

FOLDS = 5
BINS = 10
Floats = NDArray[np.float64]


class Fitted:
    """Out-of-fold probabilities of findings whose truth is known, by three judges."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = [row for row in rows if row.truth is not None and row.by_rule]
        self.truth = np.array([row.truth for row in self.rows], dtype=float)
        self.fold = np.array([fold_of(row.group) for row in self.rows])
        self.groups = [row.group for row in self.rows]
        self.rule = self._answers(_rule_only)
        self.network = self._answers(_network_only)
        self.both = self._answers(_all)

    def _answers(self, columns: NDArray[np.bool_]) -> Floats:
        found = np.full(len(self.rows), math.nan)
        matrix = _matrix(self.rows, self.fold) * columns
        for held in range(FOLDS):
            inside, outside = self.fold != held, self.fold == held
            if outside.any():
                weights, knots = _regression(matrix[inside], self.truth[inside], self.fold[inside])
                judge = ProbabilityTable({}, {}, weights, knots, 0, 0, {})
                raw = 1 / (1 + np.exp(-matrix[outside] @ np.array(weights)))
                found[outside] = [judge.calibrated(float(each)) for each in raw]
        return found


_rule_only = np.array([name in ("bias", "rule") for name in FEATURES])
_network_only = np.array([name in ("bias", "logit", "local", "known") for name in FEATURES])
_all = np.ones(len(FEATURES), dtype=bool)


def fold_of(group: str) -> int:
    """Return the fold of a cluster."""
    return zlib.crc32(f"judge:{group}".encode()) % FOLDS


def records(rows: Sequence[Row]) -> tuple[dict[str, float], dict[str, tuple[float, float]]]:
    """Return the share of true findings by severity, and (true, all) by rule and severity.

    Findings of one cluster count as one at most, so that a library's habit is not many findings.
    """
    by_key: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        by_key[row.key][row.group].append(int(row.truth or 0))
    counted = {
        key: (sum(sum(v) / len(v) for v in groups.values()), float(len(groups)))
        for key, groups in by_key.items()
    }
    priors: dict[str, float] = {}
    for severity in ("high", "medium", "low", "info"):
        some = [pair for key, pair in counted.items() if key.endswith(f"/{severity}")]
        true, total = sum(pair[0] for pair in some), sum(pair[1] for pair in some)
        priors[severity] = round((true + 1) / (total + 2), 4)
    return priors, {key: (round(a, 3), b) for key, (a, b) in sorted(counted.items())}


def _matrix(rows: Sequence[Row], fold: NDArray[Any]) -> Floats:
    """Return the features of rows, each with the rule's record from the other folds."""
    found = np.zeros((len(rows), len(FEATURES)))
    for held in range(FOLDS):
        others = [row for row, at in zip(rows, fold, strict=True) if at != held]
        judge = ProbabilityTable(*records(others), [], [], 0, 0, {})
        for at in np.flatnonzero(fold == held):
            row = rows[at]
            voice = None if row.voice is None else Voice(*row.voice)
            record = judge.record(row.finding["rule"], row.finding["severity"])
            found[at] = features(record, voice)
    return found


def _regression(
    matrix: Floats, truth: Floats, fold: NDArray[Any]
) -> tuple[list[float], list[tuple[float, float]]]:
    """Return the weights, and the knots of an isotonic regression on answers out of fold."""
    raw = np.zeros(len(truth))
    for held in sorted(set(fold.tolist())):
        inside, outside = fold != held, fold == held
        raw[outside] = _sigmoid(matrix[outside] @ _weights(matrix[inside], truth[inside]))
    isotonic = IsotonicRegression(out_of_bounds="clip", y_min=0.01, y_max=0.99).fit(raw, truth)
    knots = _thinned(raw, np.asarray(isotonic.predict(raw)))
    return [round(float(each), 5) for each in _weights(matrix, truth)], knots


def _weights(matrix: Floats, truth: Floats) -> Floats:
    model = LogisticRegression(C=1.0, fit_intercept=False, max_iter=500)
    return np.asarray(model.fit(matrix, truth).coef_[0])


def _sigmoid(value: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-value)))


def _thinned(raw: Floats, fitted: Floats) -> list[tuple[float, float]]:
    """Return about twenty points of the curve, at quantiles, so that single rows weigh little."""
    order = np.argsort(raw)
    raw, fitted = raw[order], fitted[order]
    parts = np.array_split(np.arange(len(raw)), min(20, max(len(raw) // 15, 2)))
    knots = [(float(raw[part].mean()), float(fitted[part].mean())) for part in parts if len(part)]
    return [(round(x, 4), round(y, 4)) for x, y in knots]


def error(truth: Floats, said: Floats) -> float:
    """Return the expected calibration error over ten bins of as many findings each.

    Naeini, Cooper, Hauskrecht, "Obtaining Well Calibrated Probabilities Using Bayesian Binning"
    (2015).
    """
    order = np.argsort(said, kind="stable")
    parts = np.array_split(order, BINS)
    gaps = (len(part) * abs(said[part].mean() - truth[part].mean()) for part in parts if len(part))
    return float(sum(gaps) / len(truth))


def fit(rows: Sequence[Row]) -> Fitted:
    """Return out-of-fold probabilities of all findings whose truth is known."""
    return Fitted(rows)


def table(fitted: Fitted, *, network: bool) -> ProbabilityTable:
    """Return the table that ships: the same regression on everything.

    Args:
        fitted: all findings.
        network: whether the network's word counts.
    """
    columns = _all if network else _rule_only
    matrix = _matrix(fitted.rows, fitted.fold) * columns
    weights, knots = _regression(matrix, fitted.truth, fitted.fold)
    return ProbabilityTable(*records(fitted.rows), weights, knots, 0.0, 0.0, {})
