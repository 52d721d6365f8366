"""The other method: confident learning by cleanlab as it comes (extra `quality`).

Northcutt, C., Jiang, L., Chuang, I. (2021). Confident Learning: Estimating Uncertainty in Dataset
Labels. Journal of Artificial Intelligence Research 70, 1373-1411.
"""

import warnings

import numpy as np

from diptych.core.missing import MissingExtra
from diptych.data.quality.labels.probabilities import Labels, Matrix
from diptych.data.quality.labels.suspects import Suspects


def peer_suspects(features: Matrix, labels: Labels, *, seed: int = 0) -> Suspects:
    """Return what cleanlab calls wrong, on scaled features; arguments as in `suspects`.

    Raises:
        MissingExtra: cleanlab is not installed.
    """
    try:
        from cleanlab.classification import CleanLearning
    except ImportError as error:
        raise MissingExtra("cleanlab", extra="quality") from error
    spread = features.std(axis=0)
    scaled = (features - features.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its logistic regression, which may not converge
        found = CleanLearning(seed=seed).find_label_issues(scaled, labels)
    places = np.flatnonzero(found["is_label_issue"].to_numpy(bool))
    order = np.argsort(found["label_quality"].to_numpy(float)[places], kind="stable")
    likely = found["predicted_label"].to_numpy(np.int64)
    accuracy = float((likely == labels).mean())
    return Suspects(places[order], likely[places[order]], accuracy, learnable=True)
