"""An even sample of a table of any length, and counts by column, in bounded memory."""

from collections import Counter

import numpy as np
import pandas as pd

SAMPLE_ROWS = 50_000


class Sample:
    """Keeps `size` rows, each with the same chance (the rows with the smallest random numbers).

    Args:
        size: most rows.
        seed: the same rows are kept for the same seed.
    """

    def __init__(self, size: int = SAMPLE_ROWS, *, seed: int = 0) -> None:
        self._size = size
        self._chance = np.random.default_rng(seed)
        self._frames: list[pd.DataFrame] = []
        self._numbers: list[np.ndarray] = []

    def add(self, frame: pd.DataFrame) -> None:
        """Offer the rows of one part."""
        self._frames.append(frame)
        self._numbers.append(self._chance.random(len(frame)))
        if sum(map(len, self._frames)) > 2 * self._size:
            self._shrink()

    def frame(self) -> pd.DataFrame:
        """Return the rows in their order; the index is the row number."""
        self._shrink()
        return self._frames[0].sort_index() if self._frames else pd.DataFrame()

    def _shrink(self) -> None:
        if not self._frames:
            return
        frame, numbers = pd.concat(self._frames), np.concatenate(self._numbers)
        if len(frame) > self._size:
            chosen = np.argpartition(numbers, self._size)[: self._size]
            frame, numbers = frame.iloc[chosen], numbers[chosen]
        self._frames, self._numbers = [frame], [numbers]


class GroupCounts:
    """Counts rows, labels and empty cells by the values of one column.

    Args:
        column: whose values are the groups.
        label: column of labels; empty for none.
    """

    MAX_GROUPS = 50

    def __init__(self, column: str, label: str = "") -> None:
        self.column = column
        self.rows: Counter[str] = Counter()
        self.labels: Counter[tuple[str, str]] = Counter()
        self.empty: Counter[tuple[str, str]] = Counter()
        self.too_many = False
        self._label = label

    def add(self, frame: pd.DataFrame) -> None:
        """Count the rows of one part; a row without group belongs to none."""
        if self.too_many:
            return
        groups = names_of(frame[self.column])
        self.rows.update(groups.value_counts().to_dict())
        if len(self.rows) > self.MAX_GROUPS:
            self.too_many = True
            return
        if self._label:
            both = pd.DataFrame({"group": groups, "label": names_of(frame[self._label])})
            self.labels.update(both.value_counts().to_dict())
        for group, part in frame.groupby(groups, sort=False):
            for name, count in part.isna().sum().items():
                if count and name != self.column:
                    self.empty[str(group), str(name)] += int(count)


def names_of(series: pd.Series) -> pd.Series:
    """Return values as texts that stand for classes or groups, empty cells as None.

    >>> names_of(pd.Series([1.0, None])).tolist()
    ['1', None]
    """
    if series.dtype != np.float64:
        return series.astype(object)
    known = {one: f"{one:.15g}" for one in series.dropna().unique()}
    named = series.map(known).astype(object)
    return named.where(named.notna(), None)
