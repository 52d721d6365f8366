"""Anybody can move what others allowed the contract to take."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_caller
from diptych.audit.analysis.cells import keys_of
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.reach import anybody_reaches
from diptych.audit.analysis.signatures import recoveries
from diptych.audit.analysis.tokens import TokenCall, is_this, is_zero, token_calls
from diptych.audit.analysis.uses import compared
from diptych.audit.analysis.values import alike, unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="arbitrary-from",
    title="Anybody can spend what others allowed",
    category="access_control",
    severity="high",
    swc="SWC-105",
    cwe="CWE-862",
    owasp="SC01:2025",
    description="transferFrom is called with an owner that the caller names, and nothing holds him "
    "against the caller.",
    scenario="A user has allowed the contract to take his tokens, as everybody does before a "
    "deposit. The attacker calls with the user's address and has them sent where he gains.",
    fix="Pass msg.sender, or check a signature or an allowance that the owner gave the caller.",
    reference="https://github.com/crytic/slither/wiki/Detector-Documentation#arbitrary-from-in-transferfrom",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield transfers from an owner of the caller's choice."""
    if contract.node.tree.kind == "library":
        return
    for view in contract.entries:
        for call in token_calls(view):
            if call.sender is not None and _is_free(view, call, unwrapped(call.sender)):
                severity = "high" if _gains(call) else "medium"
                if severity == "medium" and _is_credited(view, unwrapped(call.sender)):
                    severity = "low"
                yield Match(call.op, "the caller says whose tokens move", (), severity)


def _is_free(view: FunctionView, call: TokenCall, owner: Op) -> bool:
    """Whether an owner is an argument that nothing ties to the caller."""
    if owner.kind != "param" or owner.type.kind not in ("address", "contract"):
        return False
    if call.token is not None and is_this(call.token):
        return False
    if recoveries(view) or not anybody_reaches(view, call.op) or _is_permitted(view, owner):
        return False
    return not (_is_tied(view, owner) or _is_recorded(view, owner))


def _is_permitted(view: FunctionView, owner: Op) -> bool:
    """Whether the owner's permit, or a proof of it, is passed on."""
    for each in view.calls:
        if each.call.name == "permit" and any(unwrapped(a) is owner for a in each.call.arguments):
            return True
    return False


def _is_tied(view: FunctionView, owner: Op) -> bool:
    """Whether a comparison holds the owner against the caller, or a call judges both."""
    for test in compared(view):
        left, right = test.operands
        for value, other in ((left, right), (right, left)):
            if alike(value, owner) and is_caller(other):
                return True
    moves = {id(call.op) for call in token_calls(view)}
    for each in view.calls:
        if id(each) in moves:
            continue
        given = [unwrapped(argument) for argument in each.call.arguments]
        if any(value is owner for value in given) and any(is_caller(value) for value in given):
            return True
    return False


def _is_recorded(view: FunctionView, owner: Op) -> bool:
    """Whether something stored under the owner and the caller counts, as an allowance does."""
    for read in view.reads:
        keys = list(_keys(read))
        if any(unwrapped(key) is owner for key in keys) and any(is_caller(key) for key in keys):
            return True
    return any(
        each.kind == "load" and any(unwrapped(key) is owner for key in _keys(each))
        for test in compared(view)
        for each in sources(test)
        if _is_listed(each)
    )


def _is_listed(op: Op) -> bool:
    """Whether an op reads an address or a truth value that is stored under a key."""
    return op.kind == "load" and op.type.kind in ("address", "bool")


def _keys(load: Op) -> Iterator[Op]:
    place = load.operands[0] if load.operands else load
    while place.kind == "element":
        yield from place.operands[1:2]
        place = place.operands[0]


def _is_credited(view: FunctionView, owner: Op) -> bool:
    """Whether what is taken is recorded for him whose it was: he is made to pay in, and no more."""
    return any(
        write.kind == "store" and not is_zero(write.operands[-1])
        for write in view.writes
        if any(unwrapped(key) is owner for key in keys_of(write))
    )


def _gains(call: TokenCall) -> bool:
    """Whether the caller says who gets the tokens, or gets them."""
    receiver = unwrapped(call.receiver)
    return receiver.kind == "param" or is_caller(receiver)


RULE = Rule(INFO, check)
