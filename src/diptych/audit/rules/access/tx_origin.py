"""The account that signed the transaction is taken for the one that calls."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, sources
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="tx-origin",
    title="Access decided by tx.origin",
    category="access_control",
    severity="medium",
    swc="SWC-115",
    cwe="CWE-477",
    owasp="SC01:2025",
    description="A condition compares tx.origin with an address that may do something.",
    scenario="The owner is lured into calling any contract of the attacker; that contract calls "
    "this one, and tx.origin is still the owner.",
    fix="Compare msg.sender.",
    reference="https://swcregistry.io/docs/SWC-115/",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield comparisons of tx.origin with anything but msg.sender."""
    for view in contract.functions:
        for op in view.ops:
            if op.kind == "binary" and op.attribute in ("==", "!=") and _is_access(op):
                yield Match(op, "tx.origin is who signed, not who calls")


def _is_access(op: Op) -> bool:
    read = {
        str(each.attribute)
        for operand in op.operands
        for each in sources(operand)
        if each.kind == "env"
    }
    return "tx.origin" in read and "msg.sender" not in read


RULE = Rule(INFO, check)
