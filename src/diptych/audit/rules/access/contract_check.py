"""Code size is taken for the sign of a person."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_caller
from diptych.audit.analysis.contract import ContractGraph, sources
from diptych.audit.analysis.dominance import Fact
from diptych.audit.analysis.syntax import way_in
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="caller-has-no-code",
    title="Contracts kept out by their code size",
    category="access_control",
    severity="low",
    swc="",
    cwe="CWE-290",
    owasp="SC01:2025",
    description="A condition asks that the caller has no code, to keep contracts out.",
    scenario="During its construction a contract has no code yet: the attacker acts from a "
    "constructor. Since EIP-7702 an account that signs can have code as well.",
    fix="Do not rely on it: make the function safe for contracts too.",
    reference="https://eips.ethereum.org/EIPS/eip-7702",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield the conditions that let only callers without code go on."""
    for view in contract.entries:
        if not any(_asks_size(op) for op in view.ops):
            continue
        seen: set[int] = set()
        for block in view.graph.blocks:
            if not block.ops or block.ending == "revert":
                continue
            for fact in view.flow.facts(block.ops[0]):
                if id(fact.test) not in seen and _asks_for_no_code(fact):
                    seen.add(id(fact.test))
                    text = "a contract under construction has no code either"
                    yield Match(fact.test, text, way_in(view, fact.test))


def _asks_for_no_code(fact: Fact) -> bool:
    """Whether a fact reads: the caller's code size is zero."""
    test, holds = fact
    if test.kind != "binary":
        return False
    left, right = test.operands
    sign = str(test.attribute)
    if right.kind == "const" and right.attribute == 0 and _is_size(left):
        return (sign, holds) in (("==", True), ("!=", False), (">", False))
    if left.kind == "const" and left.attribute == 0 and _is_size(right):
        return (sign, holds) in (("==", True), ("!=", False), ("<", False))
    return False


def _is_size(op: Op) -> bool:
    """Whether a value is the size of the caller's code."""
    if op.type.kind == "bool":
        return False
    return any(_asks_size(each) for each in sources(op))


def _asks_size(op: Op) -> bool:
    """Whether an op reads the caller's code or its size."""
    reads = (op.kind == "assembly" and op.attribute == "extcodesize") or (
        op.kind == "account" and op.attribute == "code"
    )
    return reads and any(is_caller(operand) for operand in op.operands)


RULE = Rule(INFO, check)
