"""An upgradeable base that leaves no room for variables to come."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.program import ContractNode
from diptych.audit.rules.rule import Match, Rule, declared
from diptych.audit.syntax.unit import StateVariable

INFO = RuleInfo(
    id="missing-storage-gap",
    title="Upgradeable base without a storage gap",
    category="other",
    severity="info",
    swc="",
    cwe="CWE-1093",
    owasp="",
    description="An abstract base with initialising functions keeps variables in ordinary slots "
    "and ends in no reserved array.",
    scenario="A later version adds a variable to the base: the variables of all contracts that "
    "derive from it move, and their values mean something else.",
    fix="End the base with `uint256[n] private __gap`, or keep its state in an ERC-7201 struct.",
    reference="https://docs.openzeppelin.com/upgrades-plugins/writing-upgradeable#storage-gaps",
)
_INSIDE = "onlyInitializing"


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield the last variable of bases that reserve nothing."""
    node = contract.node
    if node.tree.kind != "abstract" or not _is_upgradeable(node):
        return
    own = [variable for variable in node.tree.variables if not variable.mutability]
    if own and not any(_is_gap(node, variable) for variable in own[-2:]):
        yield Match(declared(node, own[-1]), "variables that are added later move those of heirs")


def _is_upgradeable(node: ContractNode) -> bool:
    return any(
        each.name == _INSIDE for function in node.tree.functions for each in function.modifiers
    )


def _is_gap(node: ContractNode, variable: StateVariable) -> bool:
    kind = node.type_of(variable.type)
    return kind.kind == "array" and kind.length is not None


RULE = Rule(INFO, check)
