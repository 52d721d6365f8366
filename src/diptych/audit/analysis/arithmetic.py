"""Arithmetic however it is written: by operators, or by calls of libraries that are not there."""

from typing import NamedTuple

from diptych.audit.graph.ops import Op

__all__ = ["Arithmetic", "Quotient", "arithmetic", "quotient"]

# SafeMath and its many copies.
_SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "mod": "%"}
# a * b / c, rounded down: OpenZeppelin, Solady, Solmate, Uniswap.
_PRODUCT_QUOTIENTS = frozenset({"mulDiv", "mulDivDown", "fullMulDiv"})
_KINDS = frozenset({"binary", "call"})
_UNSEEN = frozenset({"library", "high_level"})


class Arithmetic(NamedTuple):
    """A sum, difference, product, quotient or remainder of two values."""

    sign: str
    left: Op
    right: Op


class Quotient(NamedTuple):
    """A product of two factors, divided and rounded down."""

    factors: tuple[Op, Op]
    divisor: Op


def arithmetic(op: Op) -> Arithmetic | None:
    """Read an op as arithmetic on two values, None where it is none.

    A call counts by its name if it returns a number, and the library's source is not there; where
    it is there, the graph holds its operators in the place of the call.
    """
    if op.kind == "binary" and len(op.operands) == 2:
        return Arithmetic(str(op.attribute), *op.operands)
    if op.kind != "call":
        return None
    given = _given(op)
    sign = _SIGNS.get(op.call.name) if given else None
    return Arithmetic(sign, given[0], given[1]) if sign and len(given) in (2, 3) else None


def quotient(op: Op) -> Quotient | None:
    """Read an op as `a * b / c` rounded down, None where it is none."""
    if op.kind not in _KINDS:
        return None
    found = arithmetic(op)
    if found is not None and found.sign == "/":
        product = arithmetic(_below_casts(found.left))
        if product is not None and product.sign == "*":
            return Quotient((product.left, product.right), found.right)
        return None
    given = _given(op)
    if len(given) == 3 and op.call.name in _PRODUCT_QUOTIENTS:
        return Quotient((given[0], given[1]), given[2])
    return None


def _given(op: Op) -> tuple[Op, ...]:
    """Return what a call of a library takes, with what stands before the dot."""
    if op.kind != "call" or op.call.kind not in _UNSEEN:
        return ()
    target = op.call.target
    if target is None or target.kind in ("type", "unknown"):  # the library's name
        return op.call.arguments
    if target.type.kind not in ("uint", "int", "literal", "unknown"):
        return ()
    return (target, *op.call.arguments)


def _below_casts(op: Op) -> Op:
    while op.kind == "cast" and op.operands:
        op = op.operands[0]
    return op
