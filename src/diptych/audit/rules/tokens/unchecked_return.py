"""Whether a token moved is not looked at."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, FunctionView
from diptych.audit.analysis.taint import tainted
from diptych.audit.analysis.tokens import TokenCall, is_fixed, token_calls
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.program import ContractNode
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="unchecked-token-return",
    title="Result of a token transfer is ignored",
    category="unchecked_low_level_calls",
    severity="medium",
    swc="SWC-104",
    cwe="CWE-252",
    owasp="SC06:2025",
    description="transfer, transferFrom or approve of an ERC-20 token gives false on failure, for "
    "tokens that do not revert; nothing uses it.",
    scenario="The caller has no tokens, transferFrom gives false, and the deposit is credited.",
    fix="Use SafeERC20 (safeTransfer, safeTransferFrom, forceApprove); it takes tokens that return "
    "nothing, too.",
    reference="https://github.com/d-xo/weird-erc20#no-revert-on-failure",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield calls of tokens whose result nothing takes."""
    for view in contract.functions:
        for call in token_calls(view):
            if call.wrapped or call.op.users or call.op.call.kind != "high_level":
                continue
            severity = _severity(view, call)
            if severity:
                text = f"nothing looks at whether this {call.name} worked"
                yield Match(call.op, text, (), severity)


def _severity(view: FunctionView, call: TokenCall) -> str:
    """Rate by what is known of the token; empty where the call returns nothing.

    Where nothing is recorded, a payment that fails can be made again.
    """
    declared = call.op.call.declaration
    if declared is not None and not declared.returns:
        return ""
    if call.name == "transfer" and (not view.writes or not _is_anybodys(view, call)):
        return "low"
    if call.name == "approve" or _is_wrapped_ether(call) or is_fixed(view, call):
        return "low"
    # transferFrom of an unknown interface may be that of an ERC-721, which returns nothing.
    return "low" if declared is None and call.name == "transferFrom" else "medium"


def _is_anybodys(view: FunctionView, call: TokenCall) -> bool:
    """Whether the token is not one that the makers chose, and could look at."""
    return call.token is None or tainted(view, call.token, at=call.op)


def _is_wrapped_ether(call: TokenCall) -> bool:
    """Whether the token takes ether in and gives it back: those revert on failure."""
    target = call.op.call.target
    contract = None if target is None else target.type.declaration
    if not isinstance(contract, ContractNode):
        return False
    taken = contract.functions.get("deposit", ())
    pays = any(function.mutability == "payable" for _, function in taken)
    return pays and "withdraw" in contract.functions


RULE = Rule(INFO, check)
