"""A frame of numbers and texts as a matrix for classifiers: no empty cells, no texts."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from diptych.data.quality.sample import names_of

Matrix = npt.NDArray[np.float64]
MAX_CATEGORIES = 20


def feature_matrix(frame: pd.DataFrame) -> Matrix:
    """Return features, shape (n, f).

    Numbers stay, empty ones become the median with a column that says so. Of a text column each of
    at most `MAX_CATEGORIES` values becomes a column; one with more values, such as a name, is left
    out, because it would only be learned by heart.
    """
    columns: list[Matrix] = []
    for name in frame.columns:
        series = frame[name]
        if series.dtype == np.float64:
            columns += _numbers(series.to_numpy(float))
        else:
            columns += _categories(names_of(series))
    if not columns:
        return np.zeros((len(frame), 0))
    return np.column_stack(columns)


def _numbers(values: Matrix) -> list[Matrix]:
    empty = np.isnan(values)
    if empty.all():
        return []
    filled = np.where(empty, np.median(values[~empty]), values)
    if filled.min() == filled.max() and not empty.any():
        return []
    return [filled, empty.astype(float)] if empty.any() else [filled]


def _categories(names: pd.Series) -> list[Matrix]:
    values = sorted(str(one) for one in names.dropna().unique())
    if not 2 <= len(values) + bool(names.isna().any()) <= MAX_CATEGORIES:
        return []
    return [(names == one).to_numpy(float) for one in values]
