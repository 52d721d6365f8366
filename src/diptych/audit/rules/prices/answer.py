"""A price of zero or less is taken for a price."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, FunctionView
from diptych.audit.analysis.feeds import Answer, answers
from diptych.audit.analysis.uses import compared, made_from
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule, asked_for

INFO = RuleInfo(
    id="unchecked-oracle-answer",
    title="Price of zero or less is taken for a price",
    category="other",
    severity="low",
    swc="",
    cwe="CWE-754",
    owasp="SC02:2025",
    description="The signed answer of a price feed is cast to an unsigned number or used in a "
    "product without a look at its sign.",
    scenario="A feed in trouble answers zero, and everything it prices is free; a negative answer "
    "becomes an enormous number.",
    fix="require(answer > 0), or cast with a library that checks.",
    reference="https://docs.chain.link/data-feeds/api-reference#latestrounddata",
)
_ARITHMETIC = frozenset({"binary", "cast", "store"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield questions to feeds whose answer is computed with and never compared."""
    for view in contract.functions:
        for answer in answers(view):
            if _is_used(answer) and not _is_compared(view, answer):
                text = "nothing looks at whether this answer is above zero"
                yield Match(answer.op, text, (asked_for(answer.op, entry=True),))


def _is_used(answer: Answer) -> bool:
    users = [user for price in answer.price for user in price.users]
    return any(user.kind in _ARITHMETIC for user in users)


def _is_compared(view: FunctionView, answer: Answer) -> bool:
    """Whether a branch depends on the answer, or a function that is not there takes it."""
    if any(_is_passed(user) for price in answer.price for user in price.users):
        return True
    return any(made_from(test, *answer.price) for test in compared(view))


def _is_passed(user: Op) -> bool:
    return user.kind == "call" and user.call.kind in ("library", "internal")


RULE = Rule(INFO, check)
