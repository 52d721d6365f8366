"""A trade that may happen at any time."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.ranges import range_of
from diptych.audit.analysis.trades import trades
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="missing-trade-deadline",
    title="Trade has no deadline",
    category="front_running",
    severity="low",
    swc="SWC-114",
    cwe="CWE-613",
    owasp="SC02:2025",
    description="The deadline passed to an exchange is the current time, that plus a constant, or "
    "far in the future: it never stops a trade.",
    scenario="A transaction with a low fee waits for days; whoever makes a block includes it when "
    "its limits are worst for the trader.",
    fix="Take the deadline as an argument from whoever signs the transaction.",
    reference="https://docs.uniswap.org/contracts/v2/reference/smart-contracts/router-02",
)
_MADE = frozenset({"env", "const", "binary", "cast", "limit", "phi"})
_FAR_S = 1 << 40


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield trades whose deadline cannot pass."""
    for view in contract.functions:
        for trade in trades(view):
            if trade.deadline is not None and _is_void(view, trade.deadline):
                yield Match(trade.op, "this deadline never passes")


def _is_void(view: FunctionView, deadline: Op) -> bool:
    found = list(sources(deadline))
    if any(each.kind not in _MADE for each in found):
        return False
    now = any(each.kind == "env" and each.attribute == "block.timestamp" for each in found)
    return now or range_of(view, deadline).low >= _FAR_S


RULE = Rule(INFO, check)
