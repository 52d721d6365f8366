"""A proxy's own function answers calls that are meant for the implementation."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, is_entry
from diptych.audit.analysis.storage import delegations, strangers
from diptych.audit.analysis.syntax import header
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.program import ContractNode
from diptych.audit.graph.types import Type
from diptych.audit.rules.rule import Match, Rule
from diptych.audit.syntax.unit import Function
from diptych_verify.keccak import keccak256

INFO = RuleInfo(
    id="proxy-selector-clash",
    title="Two functions of proxy and implementation share a selector",
    category="access_control",
    severity="medium",
    swc="",
    cwe="CWE-694",
    owasp="SC01:2025",
    description="A function of a proxy has the same four bytes as another function of the contract "
    "it delegates to, so that calls of the one run the other.",
    scenario="Users call a harmless function of the implementation; the proxy runs its own, with "
    "the arguments read as other types.",
    fix="Rename one of them, or let only the admin reach the proxy's own functions (a transparent "
    "proxy).",
    reference="https://docs.openzeppelin.com/upgrades-plugins/proxies"
    "#transparent-proxies-and-function-clashes",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield functions of proxies that hide other functions of implementations in sight."""
    if not any(each.forwards for each in delegations(contract)):
        return
    own = {
        selector: (owner, function, signature)
        for owner, function, signature, selector in _selectors(contract.node)
    }
    for other in strangers(contract):
        for _, _, theirs, selector in _selectors(other):
            if selector in own and own[selector][2] != theirs:
                owner, function, ours = own[selector]
                text = f"'{ours}' takes the calls of '{other.tree.name}.{theirs}'"
                yield Match(header(owner, function), text)


def _selectors(node: ContractNode) -> Iterator[tuple[ContractNode, Function, str, bytes]]:
    """Yield the external functions of a contract with signatures and selectors."""
    for owner in node.ancestry:
        for function in owner.tree.functions:
            if function.kind == "function" and is_entry(function):
                types = [_written(owner.type_of(each.type)) for each in function.parameters]
                signature = f"{function.name}({','.join(types)})"
                yield owner, function, signature, keccak256(signature.encode())[:4]


def _written(kind: Type) -> str:
    """Return a type as the ABI writes it."""
    if kind.kind in ("uint", "int"):
        return f"{kind.kind}{kind.bits}"
    if kind.kind == "fixed_bytes":
        return f"bytes{kind.bits // 8}"
    if kind.kind == "array":
        length = "" if kind.length is None else str(kind.length)
        return f"{_written(kind.parts[0])}[{length}]"
    if kind.kind == "struct":
        members = getattr(kind.declaration, "members", {})
        return f"({','.join(_written(each) for each in members.values())})"
    return {"contract": "address", "enum": "uint8"}.get(kind.kind, kind.kind)


RULE = Rule(INFO, check)
