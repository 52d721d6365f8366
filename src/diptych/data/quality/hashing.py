"""Rows as hashes under a random key, in memory only: nothing of a person's data is written down.

`exact` says whether two rows hold the same typed values; `cells` holds a hash for each normalised
cell: texts without case, accents and superfluous spaces, numbers to four significant digits.
"""

import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

Keys = npt.NDArray[np.uint64]
Cells = npt.NDArray[np.uint32]
Rows = npt.NDArray[np.int64]
MAX_CELLS: Final = 100_000_000
"""Most cells whose hashes are kept: 400 MB."""
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_DIGITS = 4


@dataclass(frozen=True)
class HashedRows:
    """The rows of one table.

    Attributes:
        rows: row numbers, shape (n,).
        exact: hash of the typed row, shape (n,).
        cells: hash of each normalised cell, shape (m, d), m <= n where memory would not do.
    """

    rows: Rows
    exact: Keys
    cells: Cells


class RowHasher:
    """Hashes the rows of one or several tables under one key.

    Args:
        columns: which columns count, in order.
        secret: 16 characters; two tables are comparable only under the same one.
    """

    def __init__(self, columns: Sequence[str], secret: str | None = None) -> None:
        self.columns = list(columns)
        self.secret = secret or secrets.token_hex(8)
        self._parts: list[HashedRows] = []
        self._kept = 0

    def add(self, frame: pd.DataFrame) -> None:
        """Hash the rows of one part."""
        exact = np.zeros(len(frame), dtype=np.uint64)
        room = max(0, MAX_CELLS // max(1, len(self.columns)) - self._kept)
        cells = np.empty((min(room, len(frame)), len(self.columns)), dtype=np.uint32)
        for place, name in enumerate(self.columns):
            plain, normal = self._column(frame[name])
            exact = exact * _MULTIPLIER + plain
            cells[:, place] = (normal[: len(cells)] >> np.uint64(32)).astype(np.uint32)
        self._kept += len(cells)
        self._parts.append(HashedRows(frame.index.to_numpy(np.int64), exact, cells))

    def done(self) -> HashedRows:
        """Return the rows of all parts."""
        parts = self._parts
        if not parts:
            none = np.zeros((0, len(self.columns)), dtype=np.uint32)
            return HashedRows(np.zeros(0, np.int64), np.zeros(0, np.uint64), none)
        joined = HashedRows(
            np.concatenate([one.rows for one in parts]),
            np.concatenate([one.exact for one in parts]),
            np.concatenate([one.cells for one in parts]),
        )
        self._parts = [joined]
        return joined

    def take(self) -> HashedRows:
        """Return the rows so far and forget them."""
        found = self.done()
        self._parts, self._kept = [], 0
        return found

    def _column(self, series: pd.Series) -> tuple[Keys, Keys]:
        if series.dtype == np.float64:
            values = series.to_numpy() + 0.0  # -0.0 is 0.0
            return self._hash(values), self._hash(rounded(values))
        codes, texts = pd.factorize(series, use_na_sentinel=True)
        plain = np.array([*map(str, texts), "\0"], dtype=object)
        normal = np.array([*(normalised(str(one)) for one in texts), "\0"], dtype=object)
        return self._hash(plain)[codes], self._hash(normal)[codes]

    def _hash(self, values: "npt.NDArray[np.float64] | npt.NDArray[np.object_]") -> Keys:
        hashed: Keys = pd.util.hash_array(values, hash_key=self.secret, categorize=False)
        return hashed * _MULTIPLIER


def normalised(text: str) -> str:
    """Return a text without what people write in several ways.

    >>> normalised("  Zürich  WEST ")
    'zurich west'
    """
    if text.isascii():
        return " ".join(text.lower().split())
    plain = unicodedata.normalize("NFKD", text)
    kept = "".join(one for one in plain if not unicodedata.combining(one))
    return " ".join(kept.casefold().split())


def rounded(values: "npt.NDArray[np.float64]") -> "npt.NDArray[np.float64]":
    """Return numbers to four significant digits; NaN and 0 stay, and what has no such neighbour.

    >>> rounded(np.array([1.23456, -98765.4, 0.0])).tolist()
    [1.235, -98770.0, 0.0]
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        size = np.floor(np.log10(np.abs(values)))
        unit = 10.0 ** (size - (_DIGITS - 1))
        found: npt.NDArray[np.float64] = np.round(values / unit) * unit
    # Multiplying leaves noise in the last bits, which would make equal numbers differ.
    digits = np.where(np.isfinite(size), size, 0)
    for one in np.unique(digits):
        at = digits == one
        found[at] = np.round(found[at], int(np.clip(_DIGITS - 1 - one, -300, 300)))
    return np.where((values != 0) & np.isfinite(found), found, values)
