"""An implementation that can destroy itself or run foreign code on itself."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_restricted
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.initialisers import initialisers
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="unsafe-implementation",
    title="selfdestruct or delegatecall in an implementation",
    category="access_control",
    severity="low",
    swc="SWC-106",
    cwe="CWE-749",
    owasp="SC01:2025",
    description="A contract that is meant to stand behind proxies can destroy itself, or "
    "delegates to an address that an argument names.",
    scenario="Whoever is in charge of the implementation itself destroys it there: all proxies are "
    "left without code (before Cancun; since EIP-6780 in the transaction that made it).",
    fix="Leave selfdestruct and free delegatecalls out of implementations, or let them work only "
    "through a proxy.",
    reference="https://docs.openzeppelin.com/upgrades-plugins/writing-upgradeable"
    "#potentially_unsafe_operations",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield what can destroy an implementation, where only some callers get that far."""
    if contract.node.tree.kind != "contract" or next(initialisers(contract), None) is None:
        return
    for view in contract.entries:
        for op in view.ops:
            if (
                (op.kind == "selfdestruct" or _is_free(op))
                and is_restricted(view, op)
                and not _is_proxied(view)
            ):
                yield Match(op, "whoever controls the implementation can destroy it")


def _is_free(op: Op) -> bool:
    if op.kind != "call" or op.call.kind != "delegatecall" or op.call.target is None:
        return False
    return any(each.kind == "param" for each in sources(op.call.target))


def _is_proxied(view: FunctionView) -> bool:
    """Whether a condition compares the contract's own address: OpenZeppelin's `onlyProxy`."""
    return any(
        each.kind == "env" and each.attribute == "this"
        for block in view.graph.blocks
        if block.test is not None
        for each in sources(block.test)
    )


RULE = Rule(INFO, check)
