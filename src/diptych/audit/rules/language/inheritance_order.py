"""Which of two bases' functions runs depends on the order in which they are named."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.program import ContractNode
from diptych.audit.rules.rule import Match, Rule, declared
from diptych.audit.syntax.unit import Function

INFO = RuleInfo(
    id="inheritance-order",
    title="Order of bases decides which function runs",
    category="other",
    severity="low",
    swc="SWC-125",
    cwe="CWE-696",
    owasp="",
    description="Before Solidity 0.6 two bases that know nothing of each other may define the same "
    "function; the one that is named last wins in silence.",
    scenario="The base that was meant to restrict a sale is named first: its check is replaced by "
    "the other base's, which lets everybody pass.",
    fix="Override the function and call both, or name bases from the most general to the most "
    "special.",
    reference="https://swcregistry.io/docs/SWC-125/",
)
_EXPLICIT = (0, 6, 0)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield contracts whose direct bases define the same function."""
    node = contract.node
    if node.unit.tree.language != "solidity" or node.unit.version >= _EXPLICIT:
        return
    own = {_key(node, function) for function in node.tree.functions}
    known: dict[tuple[object, ...], ContractNode] = {}
    for base in node.bases:
        for function in base.tree.functions:
            key = _key(base, function)
            if function.body is None or function.kind != "function" or key in own:
                continue
            other = known.setdefault(key, base)
            if (
                other is not base
                and base not in other.ancestry
                and other not in base.ancestry
                and function.visibility != "private"
            ):
                text = f"'{function.name}' of '{base.tree.name}' replaces '{other.tree.name}''s"
                yield Match(declared(base, function, function), text, (declared(node, node.tree),))


def _key(owner: ContractNode, function: Function) -> tuple[object, ...]:
    types = (owner.type_of(each.type) for each in function.parameters)
    return (function.kind, function.name, *((kind.kind, kind.bits, kind.name) for kind in types))


RULE = Rule(INFO, check)
