"""A balance must be exact, and anybody can change it."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.analysis.tokens import balance_of, is_this, is_zero
from diptych.audit.analysis.uses import compared, terms
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="exact-balance",
    title="Own balance is compared for equality",
    category="denial_of_service",
    severity="medium",
    swc="SWC-132",
    cwe="CWE-667",
    owasp="SC10:2025",
    description="A condition asks whether the contract's own balance, in ether or tokens, equals a "
    "number. Anybody can send tokens; ether can be forced in by selfdestruct or as a block's "
    "reward.",
    scenario="The attacker sends one unit more than the condition expects. From then on it is "
    "never met, and the function is closed to everybody.",
    fix="Use >= or <=, or count deposits in a variable of your own.",
    reference="https://swcregistry.io/docs/SWC-132/",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield equalities between the own balance and a number that is neither zero nor a balance."""
    for view in contract.entries:
        for test in compared(view):
            if test.attribute not in ("==", "!="):
                continue
            left, right = test.operands
            for value, other in ((left, right), (right, left)):
                if _is_own(value) and not (is_zero(other) or _knows_balance(other)):
                    yield Match(test, "anybody can change this balance")
                    break


def _is_own(op: Op) -> bool:
    holder = balance_of(op)
    return holder is not None and is_this(holder)


def _knows_balance(op: Op) -> bool:
    """Whether the other side is itself made from a balance, as in checks of a difference."""
    return any(balance_of(each) is not None for each in terms(op))


RULE = Rule(INFO, check)
