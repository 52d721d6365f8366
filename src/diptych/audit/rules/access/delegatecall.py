"""Code of the caller's choice runs on this contract's state."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.analysis.once import runs_once
from diptych.audit.analysis.reach import anybody_reaches
from diptych.audit.analysis.taint import tainted
from diptych.audit.finding import RuleInfo
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="delegatecall-to-input",
    title="delegatecall to an address that the caller chooses",
    category="access_control",
    severity="high",
    swc="SWC-112",
    cwe="CWE-829",
    owasp="SC01:2025",
    description="The target of delegatecall or callcode comes from an argument, or from "
    "storage that anybody can set, and anybody can call the function.",
    scenario="The attacker passes a contract whose code overwrites the owner or empties the "
    "balance: it runs on this contract's storage.",
    fix="Delegate only to fixed or listed addresses, or restrict who calls.",
    reference="https://swcregistry.io/docs/SWC-112/",
)
_KINDS = frozenset({"delegatecall", "callcode"})
_CHOSEN = ("caller", "argument", "storage")


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield delegate calls to addresses that whoever calls decides, now or by an earlier call."""
    for view in contract.entries:
        for call in view.calls:
            target = call.call.target
            if call.call.kind not in _KINDS or target is None:
                continue
            chosen = tainted(view, target, _CHOSEN, at=call)
            if chosen and anybody_reaches(view, call) and not runs_once(view, call):
                yield Match(call, "the caller chooses the code that runs here")


RULE = Rule(INFO, check)
