"""A trade that takes any price."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_caller
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.paths import later_facts
from diptych.audit.analysis.ranges import range_of, type_range
from diptych.audit.analysis.tokens import TokenCall, balance_of, is_this, token_calls
from diptych.audit.analysis.trades import Trade, is_quote, trades
from diptych.audit.analysis.uses import compared, terms
from diptych.audit.analysis.values import alike, unwrapped
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
_RELATIONS = frozenset({"<", ">", "<=", ">="})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield trades without a limit on the price."""
    for view in contract.functions:
        for trade in trades(view):
            if _is_checked_after(view, trade.op):
                continue
            if not any(_binds(view, trade, limit) for limit in trade.limits):
                yield Match(trade.op, "this trade takes whatever price it meets")
            elif any(is_quote(each) for limit in trade.limits for each in sources(limit)):
                text = "the limit is quoted by the exchange in the same transaction"
                yield Match(trade.op, text, (), "low")
    for view in contract.entries:
        for paid in _exchanged(view):
            yield Match(paid, "the caller cannot say how little he would accept", (), "low")


def _exchanged(view: FunctionView) -> Iterator[Op]:
    """Yield payments of one token for another at a rate that others can change meanwhile."""
    moves = token_calls(view)
    taken = [move for move in moves if move.sender is not None and is_caller(move.sender)]
    given = [move for move in moves if _is_own(move)]
    for got in taken if given else ():
        amount = unwrapped(got.amount)
        for move in given:
            if amount.kind != "param" or not _differ(move.token, got.token):
                continue
            if _is_rated(move.amount, amount) and not _is_limited(view, move.amount):
                yield move.op


def _is_own(move: TokenCall) -> bool:
    """Whether what moves was the contract's."""
    return move.name == "transfer" or (move.sender is not None and is_this(move.sender))


def _differ(first: Op | None, second: Op | None) -> bool:
    return first is not None and second is not None and not alike(first, second)


def _is_rated(paid: Op, amount: Op) -> bool:
    """Whether an amount is worked out from another one and from what is stored or held."""
    found = list(terms(paid))
    state = any(balance_of(each) is not None or _is_stored(each) for each in found)
    divided = any(each.kind == "binary" and each.attribute == "/" for each in found)
    return state and divided and any(each is amount for each in found)


def _is_stored(op: Op) -> bool:
    return op.kind == "load" and op.place.where == "storage"


def _is_limited(view: FunctionView, paid: Op) -> bool:
    """Whether the caller's own limit is held against what is paid."""
    value = unwrapped(paid)
    for test in compared(view):
        for operand, other in (test.operands, test.operands[::-1]):
            if any(each is value for each in terms(operand)) and unwrapped(other).kind == "param":
                return True
    return False


def _is_checked_after(view: FunctionView, trade: Op) -> bool:
    """Whether what a trade gave, or left as a balance, is held against a limit of the caller's.

    The condition must stand on every way on from the trade that ends well.
    """
    for fact in later_facts(view, trade):
        test = fact.test
        if test.kind != "binary" or test.attribute not in _RELATIONS:
            continue
        for value, limit in (test.operands, test.operands[::-1]):
            if unwrapped(limit).kind == "param" and _comes_of(view, value, trade):
                return True
    return False


def _comes_of(view: FunctionView, value: Op, trade: Op) -> bool:
    return any(
        each is trade or (balance_of(each) is not None and view.flow.reaches(trade, each))
        for each in sources(value)
    )


def _binds(view: FunctionView, trade: Trade, limit: Op) -> bool:
    """Whether a limit can stop the trade: more than nearly nothing, or less than everything."""
    if limit.type.kind in ("array", "unknown") and limit.kind != "const":
        return True
    bounds = range_of(view, limit, trade.op)
    if trade.most:
        return bounds.low < type_range(limit.type).high or limit.kind == "const"
    return bounds.high > 1


RULE = Rule(INFO, check)
