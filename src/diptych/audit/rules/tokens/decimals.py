"""A number of decimals is taken for granted."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.feeds import answers, asks_decimals
from diptych.audit.analysis.ranges import range_of
from diptych.audit.analysis.uses import reached_by
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="assumed-decimals",
    title="Decimals of a feed or a token are taken for granted",
    category="other",
    severity="info",
    swc="",
    cwe="CWE-682",
    owasp="SC03:2025",
    description="The answer of a price feed is scaled by a fixed power of ten, and the contract "
    "never asks a feed or a token for its decimals. Feeds have 8 or 18, tokens from 0 to 24.",
    scenario="The feed is replaced, or a token with other decimals is listed, and values are wrong "
    "by a factor of ten thousand million.",
    fix="Ask decimals() when a feed or token is set, and scale by what it says.",
    reference="https://docs.chain.link/data-feeds/api-reference#decimals",
)
_SCALES = frozenset(10**digits for digits in range(6, 37))


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield feeds whose answer is scaled by a fixed power of ten."""
    asked: bool | None = None
    for view in contract.functions:
        for answer in answers(view):
            asked = asks_decimals(contract) if asked is None else asked
            if asked:
                return
            scaled = (_scaling(view, price) for price in answer.price)
            found = next((op for op in scaled if op is not None), None)
            if found is not None:
                yield Match(found, "fits one number of decimals only", (answer.op,))


def _scaling(view: FunctionView, price: Op) -> Op | None:
    """Return the first product or quotient of a price and a fixed power of ten."""
    for user in reached_by(price):
        if user.kind == "binary" and user.attribute in ("*", "/"):
            for operand in user.operands:
                low, high = range_of(view, operand)
                if low == high and low in _SCALES and not _is_price(operand, price):
                    return user
    return None


def _is_price(operand: Op, price: Op) -> bool:
    return any(each is price for each in sources(operand))


RULE = Rule(INFO, check)
