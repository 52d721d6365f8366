"""An implementation behind a proxy that anybody can initialise for himself."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, sources
from diptych.audit.analysis.initialisers import initialisers, is_shut
from diptych.audit.analysis.syntax import header
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="unlocked-implementation",
    title="Implementation can be initialised by anybody",
    category="access_control",
    severity="low",
    swc="SWC-118",
    cwe="CWE-665",
    owasp="SC01:2025",
    description="A contract is initialised by a function instead of a constructor, and its own "
    "constructor does not lock that function. It is medium where the contract can run foreign code "
    "or destroy itself.",
    scenario="The attacker initialises the implementation itself, becomes its owner, and makes it "
    "delegatecall to code that destroys it or moves what users sent there by mistake.",
    fix="constructor() { _disableInitializers(); }",
    reference="https://docs.openzeppelin.com/upgrades-plugins/writing-upgradeable"
    "#initializing_the_implementation_contract",
)
_FOREIGN = frozenset({"delegatecall", "callcode"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield the initialisers that the contract itself leaves open."""
    node = contract.node
    if node.tree.kind != "contract":
        return
    found = next(initialisers(contract), None)
    if found is None or found.function is None or is_shut(node):
        return
    grave = any(
        op.kind == "selfdestruct" or _is_foreign(op) for view in contract.entries for op in view.ops
    )
    text = "anybody can initialise the implementation itself: no constructor locks it"
    spot = header(found.graph.frame.owner, found.function)
    yield Match(spot, text, (), "medium" if grave else "low")


def _is_foreign(op: Op) -> bool:
    """Whether an op runs code of another contract on this one's state."""
    if op.kind != "call" or op.call.kind not in _FOREIGN or op.call.target is None:
        return False
    found = sources(op.call.target)
    return not any(each.kind == "env" and each.attribute == "this" for each in found)


RULE = Rule(INFO, check)
