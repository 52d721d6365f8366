"""A relayer starves the call that he was paid to make."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_restricted
from diptych.audit.analysis.cells import keys_of
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="starved-call",
    title="Call that may fail for want of gas is marked as done",
    category="denial_of_service",
    severity="low",
    swc="SWC-126",
    cwe="CWE-691",
    owasp="SC10:2025",
    description="A message that somebody else signed or queued is marked as executed, and the call "
    "that it asks for may fail without undoing the mark; nothing says how much gas it gets.",
    scenario="The attacker relays the message with just enough gas for the mark but not for the "
    "call: the message is spent, and nothing was done.",
    fix="Let the message name its gas and check gasleft() after the call, or revert when it fails.",
    reference="https://swcregistry.io/docs/SWC-126/",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield calls whose failure leaves their message marked as done."""
    for view in contract.entries:
        wanted = [op for op in view.calls if op.call.kind == "call" and op.call.gas is None]
        required = _required(view) if wanted else frozenset()
        for call in wanted:
            if id(call) in required:
                continue
            if not _has_data(call) or is_restricted(view, call) or _measures_gas(view):
                continue
            mark = next((w for w in view.writes if _marks(view, w, call)), None)
            if mark is not None:
                yield Match(call, "the message is spent even if this runs out of gas", (mark,))


def _has_data(call: Op) -> bool:
    """Whether the call's data comes from an argument."""
    return any(
        each.kind == "param" for argument in call.call.arguments for each in sources(argument)
    )


def _required(view: FunctionView) -> frozenset[int]:
    """Return the identities of ops that some condition which ends in a revert looks at."""
    blocks = view.graph.blocks
    return frozenset(
        id(each)
        for block in blocks
        if block.test is not None
        and any(blocks[after].ending == "revert" for after in block.successors)
        for each in sources(block.test)
    )


def _measures_gas(view: FunctionView) -> bool:
    return any(
        (op.kind == "builtin" and op.attribute == "gasleft")
        or (op.kind == "env" and op.attribute in ("msg.gas", "gas"))
        for op in view.ops
    )


def _marks(view: FunctionView, write: Op, call: Op) -> bool:
    """Whether a write sets the truth value that a condition of this function reads, for good."""
    if write.kind != "store" or write.type.kind != "bool" or not keys_of(write):
        return False
    if write.operands[-1].kind != "const" or write.operands[-1].attribute is not True:
        return False
    return any(
        each.kind == "load" and each.place.variable is write.place.variable
        for fact in view.flow.facts(call)
        for each in sources(fact.test)
    )


RULE = Rule(INFO, check)
