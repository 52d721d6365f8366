"""A local or argument with the name of a state variable."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.analysis.syntax import nodes_of
from diptych.audit.finding import RuleInfo
from diptych.audit.rules.rule import Match, Rule, declared
from diptych.audit.syntax.statements import Declare, Variable
from diptych.audit.syntax.unit import Function

INFO = RuleInfo(
    id="shadowed-local",
    title="Local hides a state variable",
    category="other",
    severity="info",
    swc="SWC-119",
    cwe="CWE-710",
    owasp="",
    description="An argument, a result or a local has the name of a state variable, which the "
    "function then cannot see.",
    scenario="`owner = msg.sender` sets the local; the stored owner stays as it was.",
    fix="Give the local a name of its own.",
    reference="https://swcregistry.io/docs/SWC-119/",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield the locals of a contract's own functions that hide a variable."""
    node = contract.node
    by_name = node.unit.tree.language == "solidity"  # Vyper's state stands behind `self.`
    if node.tree.kind == "interface" or not node.variables or not by_name:
        return
    for function, local in _locals(contract):
        found = node.variables.get(local.name)
        if found is None or (found[0] is not node and found[1].visibility == "private"):
            continue
        owner, variable = found
        text = f"'{local.name}' is also a state variable"
        yield Match(declared(node, local, function), text, (declared(owner, variable),))


def _locals(contract: ContractGraph) -> Iterator[tuple[Function, Variable]]:
    for function in contract.node.tree.functions:
        if function.body is not None:
            for variable in (*function.parameters, *function.returns):
                yield function, variable
    for function, node in nodes_of(contract.node, Declare):
        for each in node.variables:
            if each is not None:
                yield function, each


RULE = Rule(INFO, check)
