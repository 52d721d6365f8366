"""Arithmetic on a caller's number that wraps around unseen."""

from collections.abc import Iterator

from diptych.audit.analysis.conserved import is_conserved
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.paths import is_dead
from diptych.audit.analysis.ranges import may_overflow
from diptych.audit.analysis.reach import is_privileged
from diptych.audit.analysis.rounds import is_out_of_reach
from diptych.audit.analysis.uses import reached_by
from diptych.audit.analysis.uses import tests as branches
from diptych.audit.analysis.values import alike, is_bounded, unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="integer-overflow",
    title="Arithmetic can wrap around",
    category="arithmetic",
    severity="medium",
    swc="SWC-101",
    cwe="CWE-190",
    owasp="SC08:2025",
    description="A sum, difference or product of a number that the caller chooses is not checked "
    "for overflow (before Solidity 0.8, or in an unchecked block), and no condition bounds it.",
    scenario="The caller picks a number for which the result wraps: a balance grows out of "
    "nothing, a lock ends, a limit is passed.",
    fix="Compile with Solidity 0.8 outside of unchecked blocks, or bound the operands first.",
    reference="https://swcregistry.io/docs/SWC-101/",
)
_OPERATORS = frozenset({"+", "-", "*"})
_EFFECTS = frozenset({"call", "push", "return", "end"})
_RELATIONS = frozenset({"<", ">", "<=", ">=", "==", "!="})
_EQUAL = {"==": True, "!=": False}
_QUIET = frozenset({"view", "pure", "constant"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield unchecked arithmetic on arguments of functions that anybody can call."""
    for view in contract.entries:
        for op in view.ops:
            undated = op.checked and op.frame.owner.unit.is_undated
            if not _may_wrap(op, undated=undated):
                continue
            if not _is_exposed(op) or _is_tested(op) or is_bounded(view, op):
                continue
            if op.attribute == "+" and _is_paid_for(view, op):
                continue
            severity = _severity(view, op) if may_overflow(view, op) else ""
            if severity and not is_dead(view, op):
                text = f"'{op.attribute!s}' can wrap around for an argument of choice"
                text += ", before Solidity 0.8" if undated else ""
                yield Match(op, text, (), "low" if undated else severity)


def _may_wrap(op: Op, *, undated: bool) -> bool:
    wraps = undated or not op.checked
    return op.kind == "binary" and op.attribute in _OPERATORS and wraps


def _is_exposed(op: Op) -> bool:
    """Whether unchecked arithmetic has an argument among its operands.

    Plain numbers that are added, as in counters, need a number out of reach to wrap.
    """
    if op.type.kind not in ("uint", "int"):
        return False
    operands = [unwrapped(operand) for operand in op.operands]
    if op.attribute != "*" and any(each.kind == "const" for each in operands):
        return False
    return any(_is_argument(each) for each in operands)


def _is_argument(op: Op) -> bool:
    """Whether a value is an argument, or an item of an array that is one."""
    if op.kind == "load" and op.place.where in ("memory", "calldata") and op.place.field == "[]":
        base = op.operands[0].operands[0]
        return base.kind == "param" and base.type.kind == "array"
    return op.kind == "param" and not op.type.is_reference  # assembly adds to where it stands


def _is_tested(op: Op) -> bool:
    """Whether the result is held against what it was made of, as checks for overflow do."""
    reached = list(reached_by(op))
    made = {id(op), *(id(each) for each in reached)}
    for each in reached:
        if each.kind == "binary" and each.attribute in _RELATIONS:
            others = [unwrapped(side) for side in each.operands if id(side) not in made]
            if any(alike(side, operand) for side in others for operand in op.operands):
                return True
    return False


def _is_paid_for(view: FunctionView, op: Op) -> bool:
    """Whether arguments are parts of a checked sum that is held equal to the ether sent."""
    given = [each for each in map(unwrapped, op.operands) if _is_argument(each)]
    for fact in view.flow.facts(op):
        test = fact.test
        if test.kind != "binary" or _EQUAL.get(str(test.attribute)) is not fact.holds:
            continue
        sides = [unwrapped(each) for each in test.operands]
        if any(each.kind == "env" and each.attribute == "msg.value" for each in sides):
            parts = {id(part) for side in sides for part in _checked_parts(side)}
            return all(id(each) in parts for each in given)
    return False


def _checked_parts(value: Op) -> Iterator[Op]:
    """Yield a value and the parts of a sum that reverts where it would wrap."""
    pending = [value]
    while pending:
        each = unwrapped(pending.pop())
        yield each
        if each.kind == "binary" and each.attribute == "+" and each.checked:
            pending.extend(each.operands)


def _severity(view: FunctionView, op: Op) -> str:
    """Return how grave it is; empty for what cannot happen or does nothing, such as an address."""
    old = not op.frame.owner.unit.checks_overflow
    if is_conserved(view, op):
        return "low" if old else ""
    if not _has_effect(view, op):
        return "low" if old and not op.users else ""
    quiet = view.function is not None and view.function.mutability in _QUIET
    if quiet or view.graph.contract.tree.kind == "library" or is_privileged(view, op):
        return "low"
    inside = op.frame.owner.tree.kind in ("library", "free") and op.frame.caller is not None
    return "low" if not old and (inside or is_out_of_reach(view, op)) else "medium"


def _has_effect(view: FunctionView, op: Op) -> bool:
    """Whether a result is kept, sent, given back or decides something."""
    decided = {id(test) for test in branches(view)}
    for each in reached_by(op):
        if each.kind in _EFFECTS or id(each) in decided:
            return True
        stored = each.kind == "store" and each.place.where != "memory"
        if stored and any(source is op for source in sources(each.operands[-1])):
            return True
    return False


RULE = Rule(INFO, check)
