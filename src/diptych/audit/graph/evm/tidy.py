"""A lifted graph made plain: no idle phis, packed fields apart, dead ops gone."""

from diptych.audit.graph.evm.alternatives import alternatives
from diptych.audit.graph.evm.checks import fails, mark_unchecked
from diptych.audit.graph.evm.fields import split_fields
from diptych.audit.graph.ops import CallSite, FunctionGraph, Op
from diptych.audit.graph.prune import prune
from diptych.audit.graph.types import BOOL

__all__ = ["tidy"]

_LASTING = frozenset({"call", "store", "return", "end", "revert", "selfdestruct", "emit"})


def tidy(graph: FunctionGraph) -> None:
    """Simplify, number anew, and note who uses what."""
    _replace(graph, _idle_phis(graph))
    _replace(graph, split_fields(graph))
    _replace(graph, _plain_truths(graph))
    alternatives(graph)
    mark_unchecked(graph)
    _drop_price_checks(graph)
    _drop_dead(graph)
    for block in graph.blocks:
        for index, op in enumerate(block.ops):
            op.block, op.index = block.index, index
            op.users = []
    for op in graph.ops:
        for operand in op.operands:
            operand.users.append(op)
    _name_payments(graph)


def _idle_phis(graph: FunctionGraph) -> dict[int, Op]:
    """Return what phis stand for that join one word with itself."""
    phis = [op for op in graph.ops if op.kind == "phi"]
    found: dict[int, Op] = {}
    users: dict[int, list[Op]] = {}
    for phi in phis:
        for each in phi.operands:
            if each.kind == "phi":
                users.setdefault(id(each), []).append(phi)
    pending = phis
    while pending:
        changed: list[Op] = []
        for phi in pending:
            word = None if id(phi) in found else _only(phi, found)
            if word is not None:
                found[id(phi)] = word
                changed += users.get(id(phi), ())
                users.setdefault(id(word), []).extend(users.get(id(phi), ()))
        pending = changed
    return found


def _only(phi: Op, found: dict[int, Op]) -> Op | None:
    """Return the one word that a phi joins with itself, None if there are more."""
    values = {id(op): op for op in (_found(found, each) for each in phi.operands)}
    values.pop(id(phi), None)
    return next(iter(values.values())) if len(values) == 1 else None


def _plain_truths(graph: FunctionGraph) -> dict[int, Op]:
    """Return what comparisons of truth values with zero stand for."""
    found: dict[int, Op] = {}
    for op in graph.ops:
        if op.kind != "binary" or op.attribute not in ("==", "!="):
            continue
        left, right = op.operands
        if (
            left.type is BOOL
            and left.kind == "load"
            and right.kind == "const"
            and not right.attribute
        ):
            if op.attribute == "!=":
                found[id(op)] = left
            else:
                op.kind, op.attribute, op.operands = "unary", "!", (left,)
    return found


def _found(found: dict[int, Op], op: Op) -> Op:
    while id(op) in found:
        op = found[id(op)]
    return op


def _replace(graph: FunctionGraph, found: dict[int, Op]) -> None:
    if not found:
        return
    for block in graph.blocks:
        block.ops = [op for op in block.ops if id(op) not in found]
        if block.test is not None:
            block.test = _found(found, block.test)
        for op in block.ops:
            op.operands = tuple(_found(found, each) for each in op.operands)
            if isinstance(op.attribute, CallSite):
                op.attribute = _site(op.attribute, found)


def _site(site: CallSite, found: dict[int, Op]) -> CallSite:
    def other(op: Op | None) -> Op | None:
        return None if op is None else _found(found, op)

    arguments = tuple(_found(found, each) for each in site.arguments)
    return site._replace(
        target=other(site.target), value=other(site.value), gas=other(site.gas), arguments=arguments
    )


def _drop_price_checks(graph: FunctionGraph) -> None:
    """Take the test away by which a function that is not payable refuses ether.

    The compiler writes it; as a condition of the source's own it would mean that ether counts.
    """
    function = graph.frame.function
    if function is None or function.mutability == "payable":
        return
    for block in graph.blocks:
        test = block.test
        if test is None or len(block.successors) != 2 or not _is_of_price(test):
            continue
        kept = [each for each in block.successors if not fails(graph, each)]
        if len(kept) == 1:
            (gone,) = (each for each in block.successors if each != kept[0])
            graph.blocks[gone].predecessors.remove(block.index)
            block.test, block.ending, block.successors = None, "jump", kept
    prune(graph)


def _is_of_price(test: Op) -> bool:
    while test.kind == "unary" and test.attribute == "!":
        test = test.operands[0]
    names = [op.attribute for op in test.operands if op.kind == "env"]
    others = [op for op in test.operands if op.kind != "env"]
    return (
        test.kind == "binary" and names == ["msg.value"] and all(o.kind == "const" for o in others)
    )


def _drop_dead(graph: FunctionGraph) -> None:
    """Drop ops that no effect and no condition is made from."""
    pending = [op for op in graph.ops if op.kind in _LASTING]
    pending += [block.test for block in graph.blocks if block.test is not None]
    alive = {id(op) for op in pending}
    while pending:
        for each in pending.pop().operands:
            if id(each) not in alive:
                alive.add(id(each))
                pending.append(each)
    for block in graph.blocks:
        block.ops = [op for op in block.ops if id(op) in alive]


def _name_payments(graph: FunctionGraph) -> None:
    """Tell `transfer` from `send`: what fails there reverts the caller too."""
    for block in graph.blocks:
        test, holds = block.test, True
        while test is not None and test.kind == "unary" and test.attribute == "!":
            test, holds = test.operands[0], not holds
        if test is None or test.kind != "call" or test.call.kind != "send":
            continue
        if len(block.successors) == 2 and fails(graph, block.successors[1 if holds else 0]):
            test.attribute = test.call._replace(kind="transfer", name="transfer")
