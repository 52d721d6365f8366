"""Arithmetic on intervals of integers."""

from collections.abc import Callable
from typing import Final, NamedTuple

__all__ = ["ARITHMETIC", "Range", "compute"]

ARITHMETIC: Final = frozenset({"+", "-", "*", "**", "<<"})
_MAX_BITS = 512


class Range(NamedTuple):
    """All integers from `low` to `high`, both included."""

    low: int
    high: int


def compute(operator: str, left: Range, right: Range) -> Range | None:
    """Return all that an operator can give, before any type cuts it; None if that is unknown.

    Args:
        operator: as the language writes it.
        left: the range of its left operand.
        right: the range of its right operand.

    Returns:
        The range, which may hold more than what can happen but never less. Division by zero,
        which reverts, gives nothing.
    """
    rule = _RULES.get(operator)
    return None if rule is None else rule(left, right)


def _add(left: Range, right: Range) -> Range:
    return Range(left.low + right.low, left.high + right.high)


def _subtract(left: Range, right: Range) -> Range:
    return Range(left.low - right.high, left.high - right.low)


def _multiply(left: Range, right: Range) -> Range:
    corners = [a * b for a in left for b in right]
    return Range(min(corners), max(corners))


def _divide(left: Range, right: Range) -> Range | None:
    if right.low < 0:
        greatest = max(abs(left.low), abs(left.high))
        return Range(-greatest, greatest)
    least, most = max(right.low, 1), max(right.high, 1)
    corners = [_toward_zero(a, b) for a in left for b in (least, most)]
    return Range(min(corners), max(corners))


def _toward_zero(left: int, right: int) -> int:
    return left // right if left >= 0 else -(-left // right)


def _remainder(left: Range, right: Range) -> Range | None:
    most = max(abs(right.low), abs(right.high)) - 1
    if most < 0:
        return None
    low = 0 if left.low >= 0 else -min(most, -left.low)
    return Range(low, min(most, max(left.high, 0)))


def _and(left: Range, right: Range) -> Range | None:
    """A mask bounds what it is laid on; a negative one may keep all bits."""
    highs = [each.high for each in (left, right) if each.low >= 0]
    return Range(0, min(highs)) if highs else None


def _or(left: Range, right: Range) -> Range | None:
    if left.low < 0 or right.low < 0:
        return None
    return Range(0, (1 << max(left.high, right.high).bit_length()) - 1)


def _shift_left(left: Range, right: Range) -> Range | None:
    if right.low < 0 or left.low < 0 or right.high > _MAX_BITS:
        return None
    return Range(left.low << right.low, left.high << right.high)


def _shift_right(left: Range, right: Range) -> Range | None:
    if right.low < 0:
        return None
    few, many = min(right.low, _MAX_BITS), min(right.high, _MAX_BITS)
    corners = [end >> bits for end in left for bits in (few, many)]
    return Range(min(corners), max(corners))


def _power(left: Range, right: Range) -> Range | None:
    if left.low < 0 or right.low < 0 or left.high.bit_length() * right.high > _MAX_BITS:
        return None
    return Range(left.low**right.low, max(left.high**right.high, 1))


_RULES: dict[str, Callable[[Range, Range], Range | None]] = {
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
    "%": _remainder,
    "&": _and,
    "|": _or,
    "^": _or,
    "<<": _shift_left,
    ">>": _shift_right,
    "**": _power,
}
