"""A function pointer is called before it points at a function."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="uninitialised-function-pointer",
    title="Function pointer without a value",
    category="other",
    severity="medium",
    swc="SWC-127",
    cwe="CWE-824",
    owasp="",
    description="A local of function type is called while no function was assigned to it, or after "
    "inline assembly wrote to it.",
    scenario="The call panics; in constructors of Solidity 0.4.5 to 0.4.25 and 0.5.0 to 0.5.7 it "
    "jumps to code that nobody meant.",
    fix="Assign a function before the call.",
    reference="https://swcregistry.io/docs/SWC-127/",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield calls through pointers that hold nothing."""
    for view in contract.functions:
        for call in view.calls:
            target = call.call.target
            if target is not None and target.kind == "zero" and target.type.kind == "function":
                yield Match(call, "no function was assigned to this pointer")
            elif target is not None and _is_written(view, call, target):
                yield Match(call, "inline assembly writes this pointer: it can jump anywhere")


def _is_written(view: FunctionView, call: Op, target: Op) -> bool:
    """Whether inline assembly writes the struct in memory that a pointer is read from."""
    members = getattr(target.type.declaration, "members", {})
    held = members.get(call.call.name)
    if target.place.where == "storage" or held is None or held.kind != "function":
        return False
    return any(
        op.kind == "assembly" and op.attribute == "mstore" and target in sources(op.operands[0])
        for op in view.ops
    )


RULE = Rule(INFO, check)
