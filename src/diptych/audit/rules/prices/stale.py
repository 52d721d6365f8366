"""A price is used however old it is."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, FunctionView
from diptych.audit.analysis.feeds import Answer, answers
from diptych.audit.analysis.uses import reached_by
from diptych.audit.analysis.values import unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.rules.rule import Match, Rule, asked_for

INFO = RuleInfo(
    id="stale-oracle-price",
    title="Price is used however old it is",
    category="other",
    severity="medium",
    swc="",
    cwe="CWE-672",
    owasp="SC02:2025",
    description="A price feed is asked for its latest answer, and the time of that answer "
    "(updatedAt) is not looked at; latestAnswer gives no time at all.",
    scenario="The feed stops, or lags in a crash: loans are given against the old price, and "
    "collateral is bought below its worth.",
    fix="require(block.timestamp - updatedAt <= heartbeat) on latestRoundData.",
    reference="https://docs.chain.link/data-feeds#check-the-timestamp-of-the-latest-answer",
)
_UPDATED, _ANSWERED_IN = 3, 4
_QUIET = frozenset({"view", "pure", "constant"})
_RELATIONS = frozenset({"<", ">", "<=", ">=", "==", "!="})
_ENDS = frozenset({"return", "end"})
_LOOKS = frozenset({"guard", "return", "end", "store", "call", "emit", "make", "builtin"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield questions to feeds where nothing asks for the time of the answer."""
    for view in contract.functions:
        for answer in answers(view):
            if answer.passed_on or not any(each.users for each in answer.price):
                continue
            if not _is_dated(view, answer):
                told = all(user.kind in _ENDS for each in answer.price for user in each.users)
                text = "nothing looks at when this price was set"
                entered = asked_for(answer.op, entry=True)
                weak = told or _only_shows(view) or _is_tried(answer)
                yield Match(answer.op, text, (entered,), "low" if weak else "medium")


def _only_shows(view: FunctionView) -> bool:
    """Whether an entry only looks, so that it is for who asks to mind the time."""
    function = view.function
    return view.is_entry and function is not None and function.mutability in _QUIET


def _is_tried(answer: Answer) -> bool:
    """Whether the price is held against a constant and then dropped, as a try of a feed does."""
    users = [user for each in answer.price for user in each.users]
    return bool(users) and all(
        user.kind == "binary"
        and any(unwrapped(each).kind == "const" for each in user.operands)
        and user.attribute in _RELATIONS
        for user in users
    )


def _is_dated(view: FunctionView, answer: Answer) -> bool:
    tests = {id(block.test) for block in view.graph.blocks if block.test is not None}
    for place in (_UPDATED, _ANSWERED_IN):
        for part in answer.parts.get(place, ()):
            if any(user.kind in _LOOKS or id(user) in tests for user in reached_by(part)):
                return True
    return False


RULE = Rule(INFO, check)
