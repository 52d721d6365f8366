"""The amount that was asked for is credited, not the amount that came."""

from collections.abc import Iterator

from diptych.audit.analysis.arithmetic import arithmetic
from diptych.audit.analysis.contract import ContractGraph, FunctionView
from diptych.audit.analysis.tokens import TokenCall, balance_of, is_fixed, is_this, token_calls
from diptych.audit.analysis.values import alike, unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="transfer-fee-ignored",
    title="Credits what was asked for, not what came",
    category="other",
    severity="low",
    swc="",
    cwe="CWE-682",
    owasp="SC03:2025",
    description="A deposit adds the amount passed to transferFrom to a record. Tokens that take a "
    "fee on transfer, or whose balances change by themselves, bring less than that.",
    scenario="Deposits of such a token are recorded in full; the last ones to withdraw find the "
    "contract short.",
    fix="Credit the difference of balanceOf(address(this)), or admit known tokens only.",
    reference="https://github.com/d-xo/weird-erc20#fee-on-transfer",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield deposits that are credited by their argument."""
    for view in contract.entries:
        for call in token_calls(view):
            if call.sender is None or not is_this(call.receiver):
                continue
            write = _credit(view, call)
            if write is not None and not _measures(view):
                severity = "info" if is_fixed(view, call) else "low"
                text = "a token may bring less than this amount"
                yield Match(call.op, text, (write,), severity)


def _credit(view: FunctionView, call: TokenCall) -> Op | None:
    """Return the write that adds the amount to what it had."""
    amount = unwrapped(call.amount)
    for write in view.writes:
        value = arithmetic(unwrapped(write.operands[-1]))
        if value is None or value.sign != "+":
            continue
        if any(alike(operand, amount) for operand in (value.left, value.right)):
            return write
    return None


def _measures(view: FunctionView) -> bool:
    return any(
        holder is not None and is_this(holder)
        for holder in (balance_of(call) for call in view.calls)
    )


RULE = Rule(INFO, check)
