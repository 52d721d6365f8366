"""The caller writes the message of a delegate call to code that this contract did not check."""

from collections.abc import Iterator

from diptych.audit.analysis.cells import cell_of
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.reach import anybody_reaches
from diptych.audit.analysis.values import unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.access.owner_takeover import deciding_cells
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="forwarded-delegatecall",
    title="The caller chooses what delegated code does",
    category="access_control",
    severity="low",
    swc="SWC-112",
    cwe="CWE-829",
    owasp="SC01:2025",
    description="Anybody can have data of his choice passed by delegatecall to another contract's "
    "code, while this contract keeps who is in charge in ordinary variables of its own.",
    scenario="A function of the other contract writes the slot that holds the owner here; the "
    "attacker calls it through this contract.",
    fix="Delegate only chosen functions, or keep no state here but in slots of ERC-1967.",
    reference="https://swcregistry.io/docs/SWC-112/",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield delegate calls with data of the caller's, beside ordinary state that decides access."""
    for view in contract.entries:
        for call in view.calls:
            site = call.call
            if site.kind not in ("delegatecall", "callcode") or not _is_raw(view, call):
                continue
            if _decides_here(contract) and anybody_reaches(view, call):
                yield Match(call, "the caller chooses which of the other contract's functions runs")


def _is_raw(view: FunctionView, call: Op) -> bool:
    """Whether the data is the caller's own message, or bytes that he passes."""
    for argument in map(unwrapped, call.call.arguments):
        if argument.kind == "env" and argument.attribute == "msg.data":
            return True
        if argument.kind == "param" and argument.type.kind == "bytes":
            return True
    return False


def _decides_here(contract: ContractGraph) -> bool:
    """Whether variables of this contract, set by its own code, say who may do what."""
    deciding = contract.analysis(deciding_cells)
    return any(
        cell_of(load) in deciding and load.place.variable is not None
        for view in contract.functions
        for load in view.reads
    ) or any(
        any(each.kind == "env" and each.attribute == "msg.sender" for each in sources(e))
        for view in contract.functions
        if view.is_constructor
        for write in view.writes
        for e in write.operands[-1:]
    )


RULE = Rule(INFO, check)
