"""The ether of one call is counted several times."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.payments import in_loop
from diptych.audit.analysis.syntax import way_in
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="reused-value",
    title="msg.value counted more than once",
    category="other",
    severity="high",
    swc="",
    cwe="CWE-837",
    owasp="",
    description="msg.value is credited or compared inside of a loop, or a payable function runs "
    "several calls on itself by delegatecall, each of which sees the whole msg.value.",
    scenario="The attacker sends one ether, has it counted ten times, and takes ten out.",
    fix="Count what is spent and compare the sum with msg.value once, or make the batch function "
    "not payable.",
    reference="https://samczsun.com/two-rights-might-make-a-wrong/",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield uses of msg.value that repeat."""
    for view in contract.entries:
        for op in view.ops:
            if op.kind in ("store", "binary", "call") and _counts(view, op) and in_loop(view, op):
                text = "each round counts the same ether again"
                inside = op.frame.owner.tree.kind == "library"  # which may see no ether here
                yield Match(op, text, way_in(view, op), "medium" if inside else "")
                break
    batches = [each for view in contract.entries for each in _batches(view)]
    if batches and any(_credits(view) for view in contract.entries):
        for call in batches:
            yield Match(call, "every call of the batch sees the whole msg.value")


def _counts(view: FunctionView, op: Op) -> bool:
    """Whether an op stores msg.value as it came, or holds it against a price."""
    if op.kind == "call":
        return op.call.value is not None and _is_value(op.call.value)
    if op.kind == "store":
        value = op.operands[-1]
        added = value.operands if value.kind == "binary" and value.attribute == "+" else (value,)
        return op.place.where == "storage" and any(_is_value(each) for each in added)
    block = view.graph.blocks[op.block]
    ends = (view.graph.blocks[each].ending for each in block.successors)
    if block.test is not op or "revert" not in ends:
        return False
    return any(_is_value(each) for each in op.operands) and not any(
        each.kind in ("phi", "zero", "const") or _adds_up(each) for each in op.operands
    )


def _adds_up(op: Op) -> bool:
    """Whether a value is what all rounds so far come to."""
    return op.kind == "binary" and op.attribute == "+" and any(e.kind == "phi" for e in op.operands)


def _is_value(op: Op) -> bool:
    while op.kind == "cast" and op.operands:
        op = op.operands[0]
    return op.kind == "env" and op.attribute == "msg.value"


def _batches(view: FunctionView) -> Iterator[Op]:
    """Yield delegatecalls to the contract itself that a payable function repeats."""
    if view.function is None or view.function.mutability != "payable":
        return
    for call in view.calls:
        target = call.call.target
        if (
            call.call.kind == "delegatecall"
            and target is not None
            and in_loop(view, call)
            and any(each.kind == "env" and each.attribute == "this" for each in sources(target))
        ):
            yield call


def _credits(view: FunctionView) -> bool:
    """Whether a payable function books msg.value."""
    if view.function is None or view.function.mutability != "payable":
        return False
    return any(
        write.kind == "store" and any(_is_value(each) for each in sources(write.operands[-1]))
        for write in view.writes
    )


RULE = Rule(INFO, check)
