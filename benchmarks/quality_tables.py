"""Tables with labels, and labels that are flipped: the input of bench_quality.py.

`TUNED` were looked at while the method was made, `HELD_OUT` only to report. The clinical tables lie
in the shared data folder; without it they are left out.
"""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Features = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
Table = tuple[Features, Labels]
KINDS = ("uniform", "class", "instance")
RATE = 0.05
_CLINICAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "trust" / "clinical"


def _sklearn(name: str) -> Callable[[], Table]:
    def load() -> Table:
        from sklearn import datasets

        features, labels = getattr(datasets, f"load_{name}")(return_X_y=True)
        return features.astype(float), labels.astype(np.int64)

    return load


def _made(seed: int, **given: Any) -> Callable[[], Table]:
    def load() -> Table:
        from sklearn.datasets import make_classification

        features, labels = make_classification(random_state=seed, flip_y=0, **given)
        return features, labels.astype(np.int64)

    return load


def _rings() -> Table:
    from sklearn.datasets import make_circles

    features, labels = make_circles(800, noise=0.1, factor=0.6, random_state=6)
    return features, labels.astype(np.int64)


def _actg175() -> Table:
    """Death or AIDS (`cens`) of 2,139 trial patients; ids, arm and a later count left out."""
    left_out = {"", "pidnum", "cd496", "arms", "cens"}
    with (_CLINICAL / "ACTG175.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    names = [name for name in rows[0] if name not in left_out]
    features = np.array([[float(row[name]) for name in names] for row in rows])
    return features, np.array([int(row["cens"]) for row in rows])


HELD_OUT: dict[str, Callable[[], Table]] = {
    "breast_cancer": _sklearn("breast_cancer"),
    "iris": _sklearn("iris"),
    "ACTG175": _actg175,
    "circles": _rings,
    "made-a": _made(
        201, n_samples=1000, n_features=15, n_informative=8, n_classes=3, class_sep=1.2
    ),
    "made-b": _made(202, n_samples=900, n_features=10, n_informative=5, weights=[0.7]),
}
TUNED: dict[str, Callable[[], Table]] = {"wine": _sklearn("wine"), "digits": _sklearn("digits")}
REAL = frozenset({"breast_cancer", "iris", "ACTG175"})
_NEEDS_DATA = frozenset({"ACTG175"})


def held_out() -> dict[str, Callable[[], Table]]:
    """Return the tables to report on that are here."""
    there = _CLINICAL.is_dir()
    return {name: load for name, load in HELD_OUT.items() if there or name not in _NEEDS_DATA}


def flipped(table: Table, kind: str, seed: int) -> tuple[Labels, npt.NDArray[np.bool_]]:
    """Return labels of which `RATE` were flipped, and which.

    Args:
        table: features, shape (n, f), and labels, shape (n,).
        kind: `uniform`: any row, any other class; `class`: one class four times as often, always
            to the next class; `instance`: rows on one side of a random direction more often.
        seed: of the choice.
    """
    features, labels = table
    chance = np.random.default_rng(seed)
    classes, count = int(labels.max()) + 1, len(labels)
    number = max(1, round(RATE * count))
    weights = np.ones(count)
    if kind == "class":
        weights = np.where(labels == chance.integers(classes), 4.0, 1.0)
    elif kind == "instance":
        scaled = (features - features.mean(axis=0)) / np.maximum(features.std(axis=0), 1e-12)
        side = scaled @ chance.normal(size=features.shape[1])
        weights = 1 / (1 + np.exp(-1.5 * side / side.std()))
    chosen = chance.choice(count, number, replace=False, p=weights / weights.sum())
    shift = np.ones(number, int) if kind == "class" else chance.integers(1, classes, number)
    made, is_flipped = labels.copy(), np.zeros(count, dtype=bool)
    made[chosen] = (labels[chosen] + shift) % classes
    is_flipped[chosen] = True
    return made, is_flipped
