"""How much to ask for at once: halved when refused, grown again while it is served. Pure."""

_FIRST_CALM = 2
_LONGEST_CALM = 128


class Pace:
    """A size that finds what an endpoint serves.

    After a refusal the smaller size is kept for some answers before a larger one is tried, for
    twice as many after each further refusal. So an endpoint with a fixed limit refuses now and
    then, and one dense stretch of the chain does not slow down the rest.

    Args:
        size: first size.
        most: largest size.
        rows: rows in one answer that are enough; beyond, the size shrinks without a refusal.
    """

    def __init__(self, size: int, most: int, *, rows: int = 1 << 40) -> None:
        self._most = most
        self._rows = rows
        self._limit = most
        self._refused = 0
        self._calm, self._needed = 0, _FIRST_CALM
        self.size = max(1, min(size, most))

    def refused(self, tried: int) -> bool:
        """An endpoint refused `tried`; whether a smaller size is left."""
        if tried <= 1:
            return False
        self.size = self._limit = max(1, min(self.size, tried) // 2)
        self._refused, self._calm = tried, 0
        self._needed = min(self._needed * 2, _LONGEST_CALM)
        return True

    def served(self, tried: int, rows: int = 0) -> None:
        """An endpoint served `tried` with so many rows."""
        if self._refused and tried >= self._refused:
            self._refused, self._limit, self._needed = 0, self._most, _FIRST_CALM
        self._calm += 1
        if self._calm >= self._needed:
            self._calm, self._limit = 0, min(self._limit * 2, self._most)
        if rows > self._rows:
            self.size = max(1, min(self.size, tried * self._rows // rows))
        elif 2 * rows <= self._rows and tried >= self.size:
            self.size = min(self.size * 2, self._limit)
