"""Two state variables of one name, of which each function sees but one."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.finding import RuleInfo
from diptych.audit.rules.rule import Match, Rule, declared

INFO = RuleInfo(
    id="shadowed-state",
    title="State variable hides one of a base",
    category="other",
    severity="medium",
    swc="SWC-119",
    cwe="CWE-710",
    owasp="",
    description="Before Solidity 0.6 a contract may declare a variable that a base has already; "
    "functions of the base and of the contract then use different ones.",
    scenario="The constructor sets the contract's own `owner`, the base's check reads the base's, "
    "which is zero for ever: nobody, or the wrong account, is let in.",
    fix="Declare the variable once, in the base.",
    reference="https://swcregistry.io/docs/SWC-119/",
)
_REFUSED = (0, 6, 0)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield variables that hide those of bases."""
    node = contract.node
    if node.unit.tree.language != "solidity" or node.unit.version >= _REFUSED:
        return
    for variable in node.tree.variables:
        for base in node.ancestry[1:]:
            hidden = next((v for v in base.tree.variables if v.name == variable.name), None)
            if hidden is not None and hidden.visibility != "private":
                text = f"'{variable.name}' hides the one that '{base.tree.name}' uses"
                constant = "constant" in (variable.mutability, hidden.mutability)
                related = (declared(base, hidden),)
                yield Match(declared(node, variable), text, related, "low" if constant else "")
                break


RULE = Rule(INFO, check)
