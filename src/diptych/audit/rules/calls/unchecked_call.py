"""Whether a low-level call worked is not looked at."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="unchecked-call",
    title="Result of a low-level call is ignored",
    category="unchecked_low_level_calls",
    severity="medium",
    swc="SWC-104",
    cwe="CWE-252",
    owasp="SC06:2025",
    description="call, delegatecall, callcode or send gives false when it fails; nothing uses it.",
    scenario="The payment fails (the receiver reverts, or lacks gas), the contract goes on as "
    "if it had been made: the debt is deleted, the money stays.",
    fix="require(ok), or handle the failure.",
    reference="https://swcregistry.io/docs/SWC-104/",
)
_KINDS = frozenset({"call", "delegatecall", "callcode", "send"})
_CARRIERS = frozenset({"pick", "phi", "cast", "unary", "tuple"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield low-level calls whose success nothing looks at."""
    for view in contract.functions:
        tests = {id(block.test) for block in view.graph.blocks if block.test is not None}
        for call in view.calls:
            if call.call.kind in _KINDS and not _is_used(call, tests):
                text = f"nothing looks at whether this {call.call.kind} worked"
                yield Match(call, text, (), "" if view.writes and not _is_told(call) else "low")


def _is_told(call: Op) -> bool:
    """Whether the success flag is at least logged, so that somebody may notice."""
    return any(user.kind == "emit" for pick in call.users for user in (pick, *pick.users))


def _is_used(call: Op, tests: set[int]) -> bool:
    """Whether the success flag reaches a branch or any op that is not a mere carrier."""
    pending, seen = [call], {id(call)}
    while pending:
        op = pending.pop()
        if id(op) in tests:
            return True
        for user in op.users:
            if user.kind == "pick" and op is call and user.attribute != 0:
                continue  # the data that came back, not whether it came
            if user.kind not in _CARRIERS and user.kind != "emit":
                return True
            if id(user) not in seen:
                seen.add(id(user))
                pending.append(user)
    return False


RULE = Rule(INFO, check)
