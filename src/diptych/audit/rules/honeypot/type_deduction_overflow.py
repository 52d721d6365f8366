"""A counter too narrow for the amount it is to count up to."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_restricted
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.lures import nodes, payouts
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule
from diptych.audit.syntax.statements import Declare
from diptych.audit.syntax.tree import ElementaryType, Number

INFO = RuleInfo(
    id="type-deduction-overflow",
    title="Honeypot: the counter of the prize wraps around",
    category="honeypot",
    severity="high",
    swc="SWC-101",
    cwe="CWE-506",
    owasp="",
    description="A loop counts up to an amount of ether with a variable of a few bits (before 0.5 "
    "`var i = 0` is a uint8), and what it counted is paid to the caller.",
    scenario="The victim sends an ether to be paid two; the counter wraps around at 256, the loop "
    "ends early, and 255 wei are paid.",
    fix="Do not send ether to it. Where it is an accident, declare uint256.",
    reference="https://www.usenix.org/conference/usenixsecurity19/presentation/ferreira",
)
_RELATIONS = frozenset({"<", ">", "<=", ">=", "==", "!="})
_NARROW = frozenset(f"{kind}{bits}" for kind in ("uint", "int") for bits in (8, 16, 24, 32))
_MAX_NARROW = 1 << 32


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield comparisons of a narrow counter with ether, where the result is paid out."""
    if contract.node.unit.checks_overflow:
        return
    for payout in payouts(contract):
        if payout.amount is None or not payout.to_choice or is_restricted(payout.view, payout.op):
            continue
        counters = _counters(payout.view)
        if counters and any(id(each) in counters for each in sources(payout.amount)):
            for test in _tests(payout.view, counters):
                yield Match(test, "the counter wraps around before it gets there", (payout.op,))


def _counters(view: FunctionView) -> set[int]:
    """Return the values of narrow variables that a loop changes."""
    if view.function is None:
        return set()
    firsts = {
        (node.value.start, node.value.end)
        for node in nodes(view.function.body)
        if isinstance(node, Declare) and isinstance(node.value, Number) and _is_narrow(node)
    }
    return {
        id(op)
        for op in view.ops
        if op.kind == "phi" and any((each.start, each.end) in firsts for each in op.operands)
    }


def _is_narrow(node: Declare) -> bool:
    """Whether a declaration makes a number of 32 bits or less, by its type or by its value."""
    variable = node.variables[0] if len(node.variables) == 1 else None
    if variable is None or not isinstance(node.value, Number):
        return False
    if variable.type is None:
        return node.value.value is not None and 0 <= node.value.value < _MAX_NARROW
    return isinstance(variable.type, ElementaryType) and variable.type.name in _NARROW


def _tests(view: FunctionView, counters: set[int]) -> Iterator[Op]:
    """Yield tests in a loop that hold a counter against an amount of ether."""
    for block in view.graph.blocks:
        test = block.test
        if test is None or test.kind != "binary" or test.attribute not in _RELATIONS:
            continue
        for counted, amount in (test.operands, test.operands[::-1]):
            if any(id(each) in counters for each in sources(counted)) and _is_ether(amount):
                yield test
                return


def _is_ether(op: Op) -> bool:
    return any(
        (each.kind == "env" and each.attribute == "msg.value")
        or (each.kind == "account" and each.attribute == "balance")
        for each in sources(op)
    )


RULE = Rule(INFO, check)
