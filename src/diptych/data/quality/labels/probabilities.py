"""How probable each label is, by classifiers that did not see its row.

Five classifiers that err in different ways are pooled log-linearly; the weights are fitted to the
out-of-sample probabilities, which also calibrates them (Genest and Zidek 1986; stacking: Wolpert
1992). A wrong label is one that none of them would have expected.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
FOLDS = 5
_FLOOR = 5e-3
_PENALTY = 1e-2
_KERNEL_POINTS = 300
_MAX_CLASSES_BOOSTED = 5


def out_of_sample(features: Matrix, labels: Labels, *, seed: int = 0) -> Matrix:
    """Return the probability of each class for each row, by models fitted without the row.

    Args:
        features: shape (n, f), finite.
        labels: class numbers 0 to k-1, shape (n,); each class has at least `FOLDS` rows.
        seed: of folds and classifiers.

    Returns:
        shape (n, k); rows add up to 1.
    """
    from sklearn.base import clone
    from sklearn.model_selection import StratifiedKFold
    from threadpoolctl import threadpool_limits

    classes = int(labels.max()) + 1
    models = _classifiers(features.shape, classes, seed)
    found = [np.zeros((len(labels), classes)) for _ in models]
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    # One thread: on small tables and busy machines more of them only wait for each other.
    with threadpool_limits(1):
        for inside, outside in folds.split(features, labels):
            for place, model in enumerate(models):
                fitted = clone(model).fit(features[inside], labels[inside])
                found[place][outside] = fitted.predict_proba(features[outside])
    return pooled(found, labels)


def pooled(probabilities: list[Matrix], labels: Labels) -> Matrix:
    """Return the log-linear pool whose weights, none negative, make the labels most probable.

    Args:
        probabilities: of each classifier, shape (n, k).
        labels: shape (n,).
    """
    from scipy.optimize import minimize

    logs = np.stack([np.log(np.clip(one, _FLOOR, 1.0)) for one in probabilities])
    rows = np.arange(len(labels))
    given = logs[:, rows, labels]

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        mixed = _softmax(np.tensordot(weights, logs, 1))
        expected = np.einsum("nk,mnk->mn", mixed, logs)
        value = -float(np.log(mixed[rows, labels]).mean()) + _PENALTY * float(weights @ weights)
        slope: Matrix = (expected - given).mean(axis=1) + 2 * _PENALTY * weights
        return value, slope

    start = np.full(len(logs), 1.0 / len(logs))
    bounds = [(0.0, 5.0)] * len(logs)
    best = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B")
    return _softmax(np.tensordot(best.x, logs, 1))


def _softmax(scores: Matrix) -> Matrix:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    found: Matrix = powers / powers.sum(axis=1, keepdims=True)
    return found


def _classifiers(shape: tuple[int, ...], classes: int, seed: int) -> list[Any]:
    from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
    from sklearn.kernel_approximation import Nystroem
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rows, width = shape
    points = min(_KERNEL_POINTS, int(0.7 * rows))
    kernel = Nystroem(gamma=1.0 / max(1, width), n_components=points, random_state=seed)
    smooth = LogisticRegression(C=10.0, max_iter=500)
    models = [
        make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
        ExtraTreesClassifier(200, min_samples_leaf=2, random_state=seed),
        make_pipeline(StandardScaler(), KNeighborsClassifier(11, weights="distance")),
        make_pipeline(StandardScaler(), kernel, StandardScaler(with_std=False), smooth),
    ]
    if classes <= _MAX_CLASSES_BOOSTED:  # it grows one tree for each class in each round
        models.append(
            HistGradientBoostingClassifier(
                max_iter=60, max_leaf_nodes=15, early_stopping=False, random_state=seed
            )
        )
    return models
