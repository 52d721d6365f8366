"""Arithmetic on a caller's number that wraps around unseen."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.analysis.values import is_bounded, unwrapped
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
_EFFECTS = frozenset({"store", "call", "push", "return", "end", "binary"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield unchecked arithmetic on arguments of functions that anybody can call."""
    for view in contract.entries:
        arguments = {id(each) for each in view.graph.parameters}
        for op in view.ops:
            if _is_exposed(op, arguments) and not is_bounded(view, op):
                yield Match(op, f"'{op.attribute!s}' can wrap around for an argument of choice")


def _is_exposed(op: Op, arguments: set[int]) -> bool:
    """Whether an operand of unchecked arithmetic is an argument, and the result has an effect."""
    if op.kind != "binary" or op.attribute not in _OPERATORS or op.checked:
        return False
    if op.type.kind not in ("uint", "int") or any(_is_small(each) for each in op.operands):
        return False
    direct = (id(unwrapped(operand)) in arguments for operand in op.operands)
    return any(direct) and any(user.kind in _EFFECTS for user in op.users)


def _is_small(op: Op) -> bool:
    """Whether an operand is a plain number, as in counters."""
    return unwrapped(op).kind == "const"


RULE = Rule(INFO, check)
