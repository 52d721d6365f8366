"""An allowance is set in a way that some tokens refuse."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, FunctionView
from diptych.audit.analysis.tokens import TokenCall, is_zero, token_calls
from diptych.audit.analysis.values import alike, unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="approve-without-reset",
    title="Allowance is changed without setting it to zero first",
    category="other",
    severity="info",
    swc="",
    cwe="CWE-754",
    owasp="SC03:2025",
    description="approve is called with an amount on a token that is not fixed, and the allowance "
    "is not set to zero before. Tokens such as USDT refuse to replace an allowance that is left.",
    scenario="Part of an allowance stays unspent; from then on every call reverts, and what the "
    "contract holds of that token cannot be moved.",
    fix="Use forceApprove of OpenZeppelin's SafeERC20, or approve(spender, 0) first.",
    reference="https://github.com/d-xo/weird-erc20#approval-race-protections",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield allowances of arbitrary tokens that are not reset."""
    for view in contract.entries:
        calls = [call for call in token_calls(view) if call.name == "approve"]
        for call in calls:
            if call.wrapped and call.op.call.name != "safeApprove":
                continue
            if not is_zero(call.amount) and _is_any(call) and not _is_reset(view, call, calls):
                yield Match(call.op, "some tokens refuse this while an allowance is left")


def _is_any(call: TokenCall) -> bool:
    """Whether the token is an argument or an entry of a mapping or list."""
    if call.token is None:
        return False
    token = unwrapped(call.token)
    return token.kind == "param" or (token.kind == "load" and token.place.field != "")


def _is_reset(view: FunctionView, call: TokenCall, calls: list[TokenCall]) -> bool:
    for other in calls:
        if not is_zero(other.amount) or other.token is None or call.token is None:
            continue
        if alike(other.token, call.token) and view.flow.dominates(other.op, call.op):
            return True
    return False


RULE = Rule(INFO, check)
