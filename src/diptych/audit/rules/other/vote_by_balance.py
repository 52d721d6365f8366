"""Votes count by what an account holds at the moment."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_caller, is_keyed_by_caller
from diptych.audit.analysis.calls import gives_control
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="vote-by-balance",
    title="A vote weighs what the caller holds at the moment",
    category="other",
    severity="medium",
    swc="",
    cwe="CWE-841",
    owasp="SC07:2025",
    description="A tally that is no account's own grows by the caller's token balance of the "
    "moment, and the tokens are not taken in.",
    scenario="The attacker borrows tokens in a flash loan, votes and gives them back; or votes, "
    "sends the tokens to a second account and votes again.",
    fix="Count what was held at a past block (getPastVotes), or lock the tokens.",
    reference="https://docs.openzeppelin.com/contracts/5.x/governance",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield tallies that grow by a balance of the caller."""
    for view in contract.entries:
        for write in view.writes:
            if write.kind != "store" or is_keyed_by_caller(write) or not _grows(write):
                continue
            if not _takes(view):
                yield Match(write, "what is held for a moment counts as much as what is kept")
                break


def _grows(write: Op) -> bool:
    value = write.operands[-1]
    if value.kind != "binary" or value.attribute != "+":
        return False
    own = any(
        each.kind == "load" and each.place.variable is write.place.variable
        for each in sources(value)
    )
    return own and any(_is_balance(each) for each in sources(value))


def _is_balance(op: Op) -> bool:
    """Whether a value is what a token says the caller holds now."""
    return (
        op.kind == "call"
        and op.call.name == "balanceOf"
        and len(op.call.arguments) in (1, 2)
        and is_caller(op.call.arguments[0])
    )


def _takes(view: FunctionView) -> bool:
    """Whether the function takes the tokens in, or has another contract do something."""
    return any(gives_control(call) and not _is_balance(call) for call in view.calls)


RULE = Rule(INFO, check)
