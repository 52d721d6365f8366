"""Words as truth values and numbers: what comparisons, masks and negations mean."""

from collections.abc import Callable
from typing import TypeAlias

from diptych.audit.graph.ops import Op
from diptych.audit.graph.types import ADDRESS, BOOL, UINT256, Type

__all__ = ["Maker", "binary", "is_truth", "is_zero", "truth", "value_of"]

Maker: TypeAlias = Callable[..., Op]
_COMPARISONS = frozenset({"<", ">", "==", "!="})
_ADDRESS_MASK = (1 << 160) - 1


def value_of(op: Op) -> int | None:
    """Return a constant's number."""
    return op.attribute if op.kind == "const" and isinstance(op.attribute, int) else None


def is_truth(op: Op) -> bool:
    """Whether a word is a truth value, as far as one sees."""
    if op.kind == "cast":
        return op.type is BOOL
    if op.kind == "call" or (op.kind == "unary" and op.attribute == "!"):
        return True
    if op.kind == "assembly":
        return op.attribute == "success"
    return op.kind == "binary" and op.attribute in _COMPARISONS


def truth(make: Maker, op: Op) -> Op:
    """Return the condition that a word is not zero."""
    if is_truth(op) or op.kind in ("const", "phi"):
        return op
    if op.kind == "binary" and op.attribute in ("-", "^"):
        return make("binary", op.operands, attribute="!=", type=BOOL)
    return make(
        "binary", (op, make("const", (), attribute=0, type=UINT256)), attribute="!=", type=BOOL
    )


def is_zero(make: Maker, op: Op) -> Op:
    """Return the condition that a word is zero."""
    if op.kind == "unary" and op.attribute == "!":
        return op.operands[0]
    if op.kind == "binary" and op.attribute in ("==", "!="):
        sign = "!=" if op.attribute == "==" else "=="
        return make("binary", op.operands, attribute=sign, type=BOOL)
    if is_truth(op) or op.kind == "phi":
        return make("unary", (op,), attribute="!", type=BOOL)
    if op.kind == "binary" and op.attribute in ("-", "^"):
        return make("binary", op.operands, attribute="==", type=BOOL)
    return make(
        "binary", (op, make("const", (), attribute=0, type=UINT256)), attribute="==", type=BOOL
    )


def binary(make: Maker, sign: str, taken: tuple[Op, ...]) -> Op:
    """Return what an operator makes of two words; masks that change nothing are left out."""
    left, right = taken
    if sign == "&":
        for mask, op in ((left, right), (right, left)):
            if value_of(mask) == _ADDRESS_MASK:
                return _as(make, op, ADDRESS)
            if value_of(mask) in (1, 0xFF) and is_truth(op):
                return op
    same = _unchanged(sign, left, right)
    if same is not None:
        return same
    if sign == "==" and left is right:  # the compiler asks whether a word is one of its type
        return make("const", (), attribute=1, type=BOOL)
    kind = BOOL if sign in _COMPARISONS else UINT256
    if sign in ("+", "*") and left.kind == "const":  # as sources write it
        taken = (right, left)
    return make("binary", taken, attribute=sign, type=kind)


def _unchanged(sign: str, left: Op, right: Op) -> Op | None:
    """Return the operand that is the result: of a product with one, of a sum with nought."""
    if sign in ("/", "*") and value_of(right) == 1:
        return left
    if sign == "*" and value_of(left) == 1:
        return right
    if sign in ("|", "+") and 0 in (value_of(left), value_of(right)):
        return right if value_of(left) == 0 else left
    return None


def _as(make: Maker, op: Op, kind: Type) -> Op:
    if op.type == kind and op.kind != "load":
        return op
    return make("cast", (op,), type=kind)
