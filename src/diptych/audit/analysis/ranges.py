"""Value ranges: the least and the greatest integer that an op can give.

Intervals, after Cousot and Cousot, "Abstract Interpretation" (1977), asked for one value at a time:
only what a rule looks at is worked out, and each answer is kept. A value is narrowed by its type,
by how it is made, and by the conditions that hold where it is used.

What no compiler promises but the world does is taken as given:

| value | bound | why |
|---|---|---|
| block time, seconds | 2^40 | the year 36812 |
| block number | 2^48 | a block a second for nine million years |
| ether, in wei | 2^96 | 79 thousand million ether |
| gas, its price, the chain's id | 2^64 | EIP-1559 clients, EIP-2294 |
| items of an array, bytes of data | 2^40 | each costs gas to make |
"""

from collections.abc import Iterator
from typing import NamedTuple

from diptych.audit.analysis.contract import FunctionView
from diptych.audit.analysis.dominance import Fact
from diptych.audit.analysis.intervals import ARITHMETIC, Range, compute
from diptych.audit.analysis.values import alike
from diptych.audit.graph.ops import Op
from diptych.audit.graph.types import Type, integer_range

__all__ = ["Range", "Ranges", "may_overflow", "range_of", "type_range"]

_WORD = Range(0, (1 << 256) - 1)
_LITERAL = Range(-(1 << 512), 1 << 512)  # constants are worked out without a width
_BIT = Range(0, 1)
_TIME, _HEIGHT, _ETHER, _GAS, _SIZE = (Range(0, 1 << bits) for bits in (40, 48, 96, 64, 40))
_ENVIRONMENT = {
    "block.timestamp": _TIME,
    "block.number": _HEIGHT,
    "msg.value": _ETHER,
    "msg.gas": _GAS,
    "gas": _GAS,
    "gasleft": _GAS,
    "tx.gasprice": _GAS,
    "block.gaslimit": _GAS,
    "block.chainid": _GAS,
    "block.basefee": _GAS,
    "block.blobbasefee": _GAS,
    "calldatasize": _SIZE,
    "returndatasize": _SIZE,
}
_ACCOUNT = {"balance": _ETHER}
_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}
_OPPOSITE = {"<": ">=", ">": "<=", "<=": ">", ">=": "<", "==": "!=", "!=": "=="}
_DEPTH = 40
_MAX_FACTS = 60


class _Bound(NamedTuple):
    """A condition as `subject sign other`."""

    subject: Op
    sign: str
    other: Op


def range_of(view: FunctionView, op: Op, at: Op | None = None) -> Range:
    """Return the least and the greatest value of an integer.

    Args:
        view: the function.
        op: what makes the value.
        at: where the value is used: conditions that hold there narrow it; none means the op itself.

    Returns:
        Both ends belong to the range. Nothing that can happen lies outside of it, under the
        module's assumptions. A value that is no integer has the range of a word.
    """
    return view.analysis(Ranges).of(op, at or op)


def may_overflow(view: FunctionView, op: Op) -> bool:
    """Whether a sum, difference, product, power or shift can leave its type's range.

    This does not ask whether the overflow reverts: see `Op.checked`.
    """
    if op.kind != "binary" or op.attribute not in ARITHMETIC:
        return False
    found, limits = view.analysis(Ranges).exact(op), type_range(op.type)
    return found is None or found.low < limits.low or found.high > limits.high


def type_range(kind: Type) -> Range:
    """Return the range of a type; a word's for what is no integer."""
    known = integer_range(kind)
    if known is not None:
        return Range(*known)
    if kind.kind == "bool":
        return _BIT
    if kind.kind == "enum":
        values = getattr(getattr(kind.declaration, "tree", None), "values", ())
        return Range(0, max(len(values) - 1, 0)) if values else Range(0, 255)
    if kind.kind in ("fixed_bytes", "address", "contract") and kind.bits:
        return Range(0, (1 << kind.bits) - 1)
    return _LITERAL if kind.kind == "literal" else _WORD


class Ranges:
    """The ranges of one function's values, worked out when asked for; use `range_of`."""

    def __init__(self, view: FunctionView) -> None:
        self._view = view
        self._known: dict[int, Range] = {}
        self._open: set[int] = set()
        self._bounds: dict[int, tuple[_Bound, ...]] = {}
        self._read: dict[Fact, tuple[_Bound, ...]] = {}

    def of(self, op: Op, at: Op) -> Range:
        """Return the range of a value where it is used."""
        return self._narrowed(op, self._bounds_in(at.block), self._made(op))

    def exact(self, op: Op) -> Range | None:
        """Return what arithmetic gives before it is cut to its type, None if that is unknown."""
        left, right = (self.of(operand, op) for operand in op.operands)
        if op.attribute == "-" and self._is_ordered(op):
            return Range(max(0, left.low - right.high), max(0, left.high - right.low))
        return compute(str(op.attribute), left, right)

    def _made(self, op: Op) -> Range:
        key = id(op)
        if key in self._known:
            return self._known[key]
        limits = type_range(op.type)
        if key in self._open or len(self._open) > _DEPTH:
            return limits
        self._open.add(key)
        found = _fit(self._from(op, limits), limits)
        self._open.discard(key)
        self._known[key] = found
        return found

    def _from(self, op: Op, limits: Range) -> Range | None:
        match op.kind:
            case "const" | "zero" | "limit":
                return _constant(op, limits)
            case "env" | "builtin" | "account":
                return self._given(op)
            case "load":
                return _SIZE if op.place.field == "length" and op.type.bits == 256 else None
            case "cast":
                return None if _moves_bits(op) else self.of(op.operands[0], op)
            case "phi":
                return self._joined(op)
            case "binary":
                return self._arithmetic(op, limits)
        return None

    def _given(self, op: Op) -> Range | None:
        name = str(op.attribute)
        if name in ("addmod", "mulmod") and len(op.operands) == 3:
            return Range(0, max(self.of(op.operands[2], op).high - 1, 0))
        return _ACCOUNT.get(name) if op.kind == "account" else _ENVIRONMENT.get(name)

    def _arithmetic(self, op: Op, limits: Range) -> Range | None:
        if op.type.kind == "bool":
            return _BIT
        found = self.exact(op)
        if found is not None and op.checked:
            return Range(max(found.low, limits.low), min(found.high, limits.high))
        return found

    def _joined(self, op: Op) -> Range | None:
        """Join what comes from each side, as far as it is known on its way in."""
        blocks = self._view.graph.blocks[op.block].predecessors
        parts: list[Range] = []
        for at, operand in enumerate(op.operands):
            if operand is op:
                continue
            bounds: tuple[_Bound, ...] = ()
            if len(blocks) == len(op.operands):
                bounds = self._bounds_into(blocks[at], op.block)
            parts.append(self._narrowed(operand, bounds, self._made(operand)))
        if not parts:
            return None
        return Range(min(part.low for part in parts), max(part.high for part in parts))

    # --- conditions -----------------------------------------------------------------------------

    def _bounds_in(self, block: int) -> tuple[_Bound, ...]:
        if block not in self._bounds:
            facts = list(self._view.flow.facts_in(block))[:_MAX_FACTS]
            self._bounds[block] = tuple(b for fact in facts for b in self._said(fact))
        return self._bounds[block]

    def _bounds_into(self, source: int, target: int) -> tuple[_Bound, ...]:
        """Return what holds at the end of one block, on the way to another."""
        block = self._view.graph.blocks[source]
        known = self._bounds_in(source)
        if block.test is None or len(set(block.successors)) < 2:
            return known
        return (*known, *self._said(Fact(block.test, block.successors[0] == target)))

    def _said(self, fact: Fact) -> tuple[_Bound, ...]:
        if fact not in self._read:
            self._read[fact] = tuple(_read(*fact))
        return self._read[fact]

    def _narrowed(
        self, op: Op, bounds: tuple[_Bound, ...], found: Range, *, again: bool = True
    ) -> Range:
        """Narrow a value by conditions on it, and once by conditions on what it is held against."""
        value = _kept(op)
        if value.kind == "const":
            return found
        for subject, sign, other in bounds:
            if subject.kind == value.kind and _is_same(subject, value):
                held = self._made(other)
                held = self._narrowed(other, bounds, held, again=False) if again else held
                found = _cut(found, sign, held)
        return found

    def _is_ordered(self, op: Op) -> bool:
        """Whether a condition says that what is taken away is not the larger one."""
        left, right = (_kept(operand) for operand in op.operands)
        return any(
            sign in (">", ">=", "==") and _is_part(subject, left) and _is_same(other, right)
            for subject, sign, other in self._bounds_in(op.block)
        )


def _constant(op: Op, limits: Range) -> Range | None:
    """Return the range of a literal, a default, or a type's least or greatest value."""
    value: object = 0 if op.kind == "zero" else op.attribute
    if op.kind == "limit":
        value = limits.low if op.attribute == "min" else limits.high
    return Range(int(value), int(value)) if isinstance(value, int) else None


def _moves_bits(cast: Op) -> bool:
    """Whether a cast cuts or pads fixed bytes, which stand at the other end of the word."""
    kinds = (cast.type, cast.operands[0].type)
    return any(kind.kind == "fixed_bytes" for kind in kinds) and kinds[0].bits != kinds[1].bits


def _kept(op: Op) -> Op:
    """Return the value below casts that keep it."""
    while op.kind == "cast" and not _moves_bits(op):
        inner, outer = type_range(op.operands[0].type), type_range(op.type)
        if inner.low < outer.low or inner.high > outer.high:
            break
        op = op.operands[0]
    return op


def _is_same(first: Op, second: Op) -> bool:
    """Whether two values below such casts are one; a cast that cuts makes another value."""
    if first is second:
        return True
    return first.kind == second.kind and first.type == second.type and alike(first, second)


def _is_part(part: Op, whole: Op) -> bool:
    """Whether an unsigned value is another one, or what is left of it."""
    if part.kind == "binary" and part.attribute == "-" and part.checked:
        return part.type.kind == "uint" and _is_part(_kept(part.operands[0]), whole)
    return _is_same(part, whole)


def _read(test: Op, holds: bool) -> Iterator[_Bound]:
    """Yield a comparison as what it says of either side."""
    sign = str(test.attribute)
    if test.kind != "binary" or sign not in _FLIPPED:
        return
    left, right = (_kept(operand) for operand in test.operands)
    sign = sign if holds else _OPPOSITE[sign]
    yield _Bound(left, sign, right)
    yield _Bound(right, _FLIPPED[sign], left)


def _cut(found: Range, sign: str, other: Range) -> Range:
    """Narrow a range by a comparison; what contradicts itself stays as it was."""
    low, high = found
    match sign:
        case "<":
            high = min(high, other.high - 1)
        case "<=":
            high = min(high, other.high)
        case ">":
            low = max(low, other.low + 1)
        case ">=":
            low = max(low, other.low)
        case "==":
            low, high = max(low, other.low), min(high, other.high)
        case "!=" if other.low == other.high == low < high:
            low += 1
    return Range(low, high) if low <= high else found


def _fit(found: Range | None, limits: Range) -> Range:
    """Return a range if its type can hold it, else what wrapping can make of it."""
    if found is None or found.low < limits.low or found.high > limits.high:
        return limits
    return found
