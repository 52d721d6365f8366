"""Ether comes in and nothing lets it out."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, FunctionView
from diptych.audit.analysis.syntax import header
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="locked-ether",
    title="Ether cannot leave the contract",
    category="denial_of_service",
    severity="medium",
    swc="",
    cwe="CWE-400",
    owasp="",
    description="A contract takes ether in a payable function and has no payment, no call with a "
    "value, no delegatecall and no selfdestruct anywhere.",
    scenario="What users send stays in the contract for ever.",
    fix="Add a withdrawal, or make the functions not payable.",
    reference="https://cwe.mitre.org/data/definitions/400.html",
)
_NOTHING = {("==", True), ("!=", False), (">", False)}
_ERC721 = frozenset({"approve", "transferFrom", "safeTransferFrom"})
_FOREIGN = frozenset({"delegatecall", "callcode", "send", "transfer", "internal", "library"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield the first payable function of contracts that never pay."""
    node = contract.node
    if node.tree.kind != "contract" or node.missing:
        return
    takes = next((v for v in contract.entries if _takes(v) and not _is_asked_for(v)), None)
    if takes is None or takes.function is None or _is_base(contract):
        return
    if any(view.graph.truncated or any(_may_pay(op) for op in view.ops) for view in _all(contract)):
        return
    spot = header(takes.graph.frame.owner, takes.function)
    text = "this takes ether, and nothing in the contract sends any"
    yield Match(spot, text, (), "" if any(map(_counts, contract.entries)) else "low")


def _all(contract: ContractGraph) -> Iterator[FunctionView]:
    return (view for view in contract.functions if not view.is_constructor or _ends(view))


def _ends(view: FunctionView) -> bool:
    """Whether a contract is gone as soon as it is made, or runs code of others there."""
    return any(
        op.kind == "selfdestruct" or (op.kind == "call" and op.call.kind == "delegatecall")
        for op in view.ops
    )


def _takes(view: FunctionView) -> bool:
    """Whether a payable function can end well with ether."""
    function = view.function
    if function is None or function.mutability != "payable":
        return False
    return any(
        block.ending in ("return", "stop") and not _is_without(view, block.index)
        for block in view.graph.blocks
    )


def _is_without(view: FunctionView, block: int) -> bool:
    """Whether a condition says that no ether came along: `require(msg.value == 0)`."""
    for test, holds in view.flow.facts_in(block):
        if test.kind != "binary" or (test.attribute, holds) not in _NOTHING:
            continue
        left, right = test.operands
        if left.attribute == "msg.value" and right.kind == "const" and right.attribute == 0:
            return True
    return False


def _counts(view: FunctionView) -> bool:
    """Whether a function is there to take ether: anybody's plain payment, or an amount it minds.

    Others are payable for the sake of those that override them, or of gas.
    """
    if view.function is None or not _takes(view):
        return False
    if any(op.kind == "env" and op.attribute == "msg.value" for op in view.ops):
        return True
    plain = view.function.kind in ("receive", "fallback") or not view.function.parameters
    return plain and _is_for_all(view)


def _is_for_all(view: FunctionView) -> bool:
    """Whether a payment is not turned down for who sends it."""
    return not any(block.ending == "revert" for block in view.graph.blocks)


def _is_asked_for(view: FunctionView) -> bool:
    """Whether ERC-721 itself wants a function payable."""
    names = view.graph.contract.functions
    return view.function is not None and view.function.name in _ERC721 and "ownerOf" in names


def _is_base(contract: ContractGraph) -> bool:
    node = contract.node
    return any(node in other.ancestry[1:] for other in node.program.contracts)


def _may_pay(op: Op) -> bool:
    """Whether an op can take ether out, or is code that is not there."""
    if op.kind in ("selfdestruct", "modifier"):
        return True
    if op.kind != "call":
        return False
    value = op.call.value
    if value is not None and not (value.kind == "const" and value.attribute == 0):
        return True
    return op.call.kind in _FOREIGN


RULE = Rule(INFO, check)
