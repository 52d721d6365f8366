"""Code of the caller's choice runs on this contract's state."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_restricted
from diptych.audit.analysis.contract import ContractGraph, sources
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="delegatecall-to-input",
    title="delegatecall to an address that the caller chooses",
    category="access_control",
    severity="high",
    swc="SWC-112",
    cwe="CWE-829",
    owasp="SC01:2025",
    description="The target of delegatecall or callcode comes from an argument, and anybody can "
    "call the function.",
    scenario="The attacker passes a contract whose code overwrites the owner or empties the "
    "balance: it runs on this contract's storage.",
    fix="Delegate only to fixed or listed addresses, or restrict who calls.",
    reference="https://swcregistry.io/docs/SWC-112/",
)
_KINDS = frozenset({"delegatecall", "callcode"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield delegate calls to addresses that an argument decides."""
    for view in contract.entries:
        for call in view.calls:
            if call.call.kind in _KINDS and _is_chosen(call) and not is_restricted(view, call):
                yield Match(call, "the caller chooses the code that runs here")


def _is_chosen(call: Op) -> bool:
    """Whether the target comes from an argument, and not by way of stored state."""
    target = call.call.target
    if target is None:
        return False
    found = list(sources(target))
    return any(each.kind == "param" for each in found) and not any(
        each.kind == "load" and each.place.where in ("storage", "immutable") for each in found
    )


RULE = Rule(INFO, check)
