"""Which labels are probably wrong, by the probabilities that classifiers give them.

The rule is a threshold: a label to which the pool gives less than `THRESHOLD` is suspect. It was
chosen on other tables than those on which benchmarks report. With 5 % of the labels flipped, it
finds more, with fewer false alarms, than confident learning (Northcutt, Jiang, Chuang 2021), which
compares with each class's mean probability; see benchmarks/bench_quality.py.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from diptych.data.quality.labels.probabilities import Labels, Matrix, out_of_sample

THRESHOLD: Final = 0.17
_CHANCE_SIGMAS = 4.0


@dataclass(frozen=True)
class Suspects:
    """Labels that are probably wrong.

    Attributes:
        places: of suspect rows, most suspect first.
        likely: the class that each of them more probably has.
        accuracy: share of labels that are the most probable class, out of sample.
        learnable: whether classifiers give the labels more probability than the shares of the
            classes do; if not, nothing can be said about single labels and none is suspect.
    """

    places: Labels
    likely: Labels
    accuracy: float
    learnable: bool


def suspects(features: Matrix, labels: Labels, *, seed: int = 0) -> Suspects:
    """Return suspect labels.

    Args:
        features: shape (n, f).
        labels: class numbers 0 to k-1, shape (n,).
        seed: of folds and classifiers.
    """
    return chosen(out_of_sample(features, labels, seed=seed), labels)


def chosen(probabilities: Matrix, labels: Labels) -> Suspects:
    """Return the suspects by probabilities, shape (n, k)."""
    rows = np.arange(len(labels))
    given = probabilities[rows, labels]
    likely = probabilities.argmax(axis=1)
    accuracy = float((likely == labels).mean())
    gain = np.log(given) - np.log(np.bincount(labels) / len(labels))[labels]
    noise = float(gain.std() / np.sqrt(len(labels)))
    learnable = float(gain.mean()) > _CHANCE_SIGMAS * noise
    flagged: npt.NDArray[np.bool_] = (given < THRESHOLD) & (likely != labels)
    places = np.flatnonzero(flagged & learnable)
    places = places[np.argsort(given[places], kind="stable")]
    return Suspects(places, likely[places], accuracy, learnable)
