"""A trade that takes any price."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.ranges import range_of, type_range
from diptych.audit.analysis.trades import Trade, is_quote, trades
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="missing-slippage-limit",
    title="Trade takes any price",
    category="front_running",
    severity="medium",
    swc="SWC-114",
    cwe="CWE-840",
    owasp="SC02:2025",
    description="A swap or a change of liquidity on an exchange passes zero or one as the least "
    "amount to get, no bound as the greatest to give, or what the exchange quotes at that moment.",
    scenario="A bot sees the trade waiting, buys before it and sells after it: the trade is filled "
    "at the bent price, and the difference is the bot's.",
    fix="Take the least amount as an argument, worked out off chain, or from an oracle of its own.",
    reference="https://docs.uniswap.org/contracts/v2/guides/smart-contract-integration/trading-from-a-smart-contract",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield trades without a limit on the price."""
    for view in contract.functions:
        for trade in trades(view):
            if not any(_binds(view, trade, limit) for limit in trade.limits):
                yield Match(trade.op, "this trade takes whatever price it meets")
            elif any(is_quote(each) for limit in trade.limits for each in sources(limit)):
                text = "the limit is quoted by the exchange in the same transaction"
                yield Match(trade.op, text, (), "low")


def _binds(view: FunctionView, trade: Trade, limit: Op) -> bool:
    """Whether a limit can stop the trade: more than nearly nothing, or less than everything."""
    if limit.type.kind in ("array", "unknown") and limit.kind != "const":
        return True
    bounds = range_of(view, limit, trade.op)
    if trade.most:
        return bounds.low < type_range(limit.type).high or limit.kind == "const"
    return bounds.high > 1


RULE = Rule(INFO, check)
