"""The data of many logs at once, read by places; which logs proved unreadable, and why."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from diptych.index.abi.types import WORD_BYTES
from diptych.index.texts import Bytes2D, Mask

Places = npt.NDArray[np.int64]
_LOW_LIMIT = 1 << 31
_SPARE_VALUES = 256
_VALUES_PER_WORD = 4


class Where(NamedTuple):
    """What some places belong to.

    Attributes:
        path: name of the argument, for reasons.
        rows: the log of each place; None where there is one place for each log.
    """

    path: str
    rows: Places | None = None


class Payload:
    """Bytes of `n` logs one after the other.

    Positions are absolute. What is read of a log that was refused before is arbitrary, but never
    beyond the bytes held; lengths told by refused logs count as 0.

    Attributes:
        starts: where each log's data begins.
        ends: where it ends.
        refused: per log, 0 or the number of the reason.
        reasons: texts of the reasons.
    """

    def __init__(self, data: pa.Buffer | bytes, starts: Places, ends: Places) -> None:
        size = len(data) if isinstance(data, bytes) else data.size
        if size < WORD_BYTES:
            data = bytes(data).ljust(WORD_BYTES, b"\0")
            size = WORD_BYTES
        # One element a byte, each 32 bytes long: reading a word anywhere is one copy.
        self._words = np.ndarray((size - WORD_BYTES + 1,), "V32", buffer=data, strides=(1,))
        self.starts = starts
        self.ends = ends
        self.refused = np.zeros(len(starts), np.uint16)
        self.reasons = [""]
        self._values: Places | None = None

    def words(self, at: Places) -> Bytes2D:
        """Return the words at some places, shape (n, 32)."""
        return (
            self._words[np.minimum(at, len(self._words) - 1)].view(np.uint8).reshape(-1, WORD_BYTES)
        )

    def refuse(self, wrong: Mask, where: Where, why: str) -> None:
        """Note that some places make their logs unreadable; the first reason stays."""
        if not wrong.any():
            return
        hit = np.flatnonzero(wrong) if where.rows is None else where.rows[wrong]
        hit = hit[self.refused[hit] == 0]
        if len(hit):
            why = f"{where.path}: {why}"
            if why not in self.reasons:
                self.reasons.append(why)
            self.refused[hit] = self.reasons.index(why)

    def ends_of(self, where: Where) -> Places:
        """Return for each place where the data of its log ends."""
        return self.ends if where.rows is None else self.ends[where.rows]

    def require(self, at: Places, where: Where) -> None:
        """Refuse logs that end before some places."""
        self.refuse(at > self.ends_of(where), where, "data ends too early")

    def small_numbers(self, at: Places, where: Where) -> Places:
        """Return pointers or lengths; logs with absurd ones are refused, refused ones say 0."""
        limbs = self.words(at).view(">u8")
        low = limbs[:, 3]
        wrong = (limbs[:, 0] != 0) | (limbs[:, 1] != 0) | (limbs[:, 2] != 0) | (low >= _LOW_LIMIT)
        self.refuse(wrong, where, "a length or pointer beyond 2**31")
        return np.where(self.bad(where), 0, low).astype(np.int64)

    def bad(self, where: Where) -> Mask:
        """Return which places belong to refused logs."""
        refused = self.refused if where.rows is None else self.refused[where.rows]
        found: Mask = refused != 0
        return found

    def spend(self, counts: Places, where: Where) -> Places:
        """Return how many items to read at each place: 0 where a log holds too many.

        Pointers may lead to the same data again and again, so that a short log tells more than
        memory holds; up to four values a word are enough for any that is written straight.
        """
        if self._values is None:
            allowed = (self.ends - self.starts) // WORD_BYTES * _VALUES_PER_WORD
            self._values = allowed + _SPARE_VALUES
        if where.rows is None:
            self._values -= counts
        else:
            self._values -= np.bincount(where.rows, counts, len(self._values)).astype(np.int64)
        self.refuse(self._values < 0, Where(where.path), "more values than its data can hold")
        return np.where(self.bad(where), 0, counts)


def spread(counts: Places) -> tuple[Places, Places]:
    """Return for each of `sum(counts)` items the place it belongs to, and its number there.

    >>> [part.tolist() for part in spread(np.array([2, 0, 1]))]
    [[0, 0, 2], [0, 1, 0]]
    """
    owner = np.repeat(np.arange(len(counts)), counts)
    before = np.cumsum(counts) - counts
    return owner, np.arange(len(owner)) - before[owner]


def offsets_of(counts: Places) -> npt.NDArray[np.int32]:
    """Return counts as Arrow's list offsets."""
    offsets = np.zeros(len(counts) + 1, np.int32)
    np.cumsum(counts, out=offsets[1:])
    return offsets
