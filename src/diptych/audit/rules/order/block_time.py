"""Money depends on the exact time of a block, which its proposer can choose within limits."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.payments import is_payment
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="block-time",
    title="Payment depends on block time",
    category="time_manipulation",
    severity="low",
    swc="SWC-116",
    cwe="CWE-829",
    owasp="SC03:2025",
    description="A condition on block.timestamp decides about a payment, or compares it for "
    "equality or by its remainder.",
    scenario="A proposer shifts the time by some seconds, or holds a transaction back, so that the "
    "condition comes out in his favour.",
    fix="Leave room for shifts of some fifteen seconds; take no decision from the exact time.",
    reference="https://swcregistry.io/docs/SWC-116/",
)
_EXACT = frozenset({"==", "!=", "%"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield conditions on time, in functions that pay, and exact ones anywhere."""
    for view in contract.entries:
        pays = any(is_payment(call) for call in view.calls)
        for block in view.graph.blocks:
            if block.test is not None and _of_time(block.test) and (pays or _is_exact(block.test)):
                yield Match(block.test, "whoever makes the block has a say in this")
        yield from _kept(view, pays)


def _of_time(test: Op) -> bool:
    return any(each.kind == "env" and each.attribute == "block.timestamp" for each in sources(test))


def _is_exact(test: Op) -> bool:
    return any(
        each.kind == "binary" and each.attribute in _EXACT and _of_time(each)
        for each in sources(test)
    )


def _kept(view: FunctionView, pays: bool) -> Iterator[Match]:
    """Yield where a function that pays keeps the time, to judge by it later."""
    for write in view.writes if pays else ():
        value = write.operands[-1]
        if value.kind == "env" and value.attribute == "block.timestamp":
            yield Match(write, "later payments are judged by this time")


RULE = Rule(INFO, check)
