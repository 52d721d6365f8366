"""Which sums, differences and products of bytecode are looked at for overflow.

Solidity from 0.8 and Vyper compare each result with what it was made of, or the operands before,
and revert if they do not fit; so does SafeMath. What is left was compiled without such checks.
"""

from collections import defaultdict
from collections.abc import Iterator

from diptych.audit.graph.ops import FunctionGraph, Op

__all__ = ["fails", "mark_unchecked"]

_SIGNS = frozenset({"+", "-", "*"})
_RELATIONS = frozenset({"<", ">", "==", "!="})
_NUMBERS = frozenset({"uint", "int"})
_LOOKED_AT = 24  # ops of a condition, and of what it compares
_STEPS = 3


def mark_unchecked(graph: FunctionGraph) -> None:
    """Take the mark `checked` from arithmetic on numbers that no reverting condition looks at."""
    sums = [op for op in graph.ops if op.kind == "binary" and op.attribute in _SIGNS]
    if not sums:
        return
    checks = [each for test in _refusing(graph) for each in _relations(test)]
    seen: dict[int, list[tuple[Op, set[int]]]] = defaultdict(list)
    for relation in checks:
        made = {id(op) for op in _made_from(relation)}
        for each in made:
            seen[each].append((relation, made))
    for op in sums:
        if all(_is_number(each) for each in op.operands):
            near = {id(op), *(id(_below(each)) for each in op.operands)}
            op.checked = any(_guards(*found, op) for each in near for found in seen.get(each, ()))


def fails(graph: FunctionGraph, index: int) -> bool:
    """Whether a block does nothing but revert."""
    for _ in range(_STEPS):
        block = graph.blocks[index]
        if block.ending == "revert":
            return True
        if len(block.successors) != 1:
            return False
        index = block.successors[0]
    return False


def _refusing(graph: FunctionGraph) -> Iterator[Op]:
    """Yield the conditions on which a function reverts."""
    for block in graph.blocks:
        if block.test is None or len(block.successors) != 2:
            continue
        if any(fails(graph, each) for each in block.successors):
            yield block.test


def _relations(test: Op) -> Iterator[Op]:
    return (
        each
        for each in _made_from(test)
        if each.kind == "binary" and each.attribute in _RELATIONS and len(each.operands) == 2
    )


def _made_from(op: Op) -> list[Op]:
    found = [op]
    for each in found:
        if len(found) < _LOOKED_AT and each.kind in ("binary", "unary", "cast"):
            found += [operand for operand in each.operands if operand not in found]
    return found


def _guards(relation: Op, made: set[int], op: Op) -> bool:
    """Whether a comparison holds a result against its operand, or the operands before."""
    first, second = (_below(each) for each in op.operands)
    if id(op) in made:
        return any(
            _same(_below(side), each) for side in relation.operands for each in (first, second)
        )
    return all(each.kind == "const" or id(each) in made for each in (first, second))


def _same(one: Op, other: Op) -> bool:
    return one is other or (one.kind == other.kind == "const" and one.attribute == other.attribute)


def _below(op: Op) -> Op:
    """Return the value below casts and masks."""
    while op.operands:
        if op.kind == "cast":
            op = op.operands[0]
            continue
        plain = [each for each in op.operands if not _is_mask(each)]
        if op.kind != "binary" or op.attribute != "&" or len(plain) != 1:
            break
        op = plain[0]
    return op


def _is_mask(op: Op) -> bool:
    value = op.attribute
    return op.kind == "const" and isinstance(value, int) and value & (value + 1) == 0


def _is_number(op: Op) -> bool:
    """Whether an operand is no place in the input, as arguments of variable length are."""
    value = _below(op)
    return value.kind != "assembly" and (value.kind != "param" or value.type.kind in _NUMBERS)
