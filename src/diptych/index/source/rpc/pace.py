"""How much to ask for at once: halved when refused, grown again while it is served. Pure."""

_CALM = 64
_FLOOR = 1


class Pace:
    """A size that finds what an endpoint serves.

    A size that was refused is not tried again before many answers came in; so an endpoint with a
    fixed limit refuses now and then, not at every second question.

    Args:
        size: first size.
        most: largest size.
        rows: rows in one answer that are enough; beyond, the size shrinks without a refusal.
    """

    def __init__(self, size: int, most: int, *, rows: int = 1 << 40) -> None:
        self._most = most
        self._rows = rows
        self._limit = most
        self._calm = 0
        self.size = max(_FLOOR, min(size, most))

    def refused(self, tried: int) -> bool:
        """An endpoint refused `tried`; whether a smaller size is left."""
        if tried <= _FLOOR:
            return False
        self.size = max(_FLOOR, min(self.size, tried) // 2)
        self._limit = max(_FLOOR, tried - 1)
        self._calm = 0
        return True

    def served(self, tried: int, rows: int = 0) -> None:
        """An endpoint served `tried` with so many rows."""
        self._calm += 1
        if self._calm >= _CALM:
            self._calm = 0
            self._limit = min(self._limit * 2, self._most)
        if rows > self._rows:
            self.size = max(_FLOOR, min(self.size, tried * self._rows // rows))
        elif 2 * rows <= self._rows and tried >= self.size:
            self.size = min(self.size * 2, self._limit)
