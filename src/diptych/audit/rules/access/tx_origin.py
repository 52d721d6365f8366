"""The account that signed the transaction is taken for the one that calls."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.dominance import Fact
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


_STORED = frozenset({"storage", "immutable", "transient"})
_EFFECTS = frozenset({"store", "call", "emit", "selfdestruct"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield comparisons of tx.origin with anything but msg.sender."""
    for view in contract.functions:
        for op in view.ops:
            if op.kind == "binary" and op.attribute in ("==", "!=") and _is_access(op):
                weak = _only_refuses(view, op) or _is_named(op)
                text = "tx.origin is who signed, not who calls"
                yield Match(op, text, (), "low" if weak else "")


def _is_access(op: Op) -> bool:
    read = {
        str(each.attribute)
        for operand in op.operands
        for each in sources(operand)
        if each.kind == "env"
    }
    return "tx.origin" in read and "msg.sender" not in read


def _only_refuses(view: FunctionView, op: Op) -> bool:
    """Whether the account that signed, if it is the one, gets nothing but a revert."""
    same = Fact(op, op.attribute == "==")
    found = [block for block in view.graph.blocks if same in view.flow.facts_in(block.index)]
    acts = any(each.kind in _EFFECTS for block in found for each in block.ops)
    goes_on = any(block.ending in ("return", "stop") for block in found)
    return bool(found) and not (acts or goes_on)


def _is_named(op: Op) -> bool:
    """Whether tx.origin is held against what the call itself names, which gives nobody rights."""
    found = [each for operand in op.operands for each in sources(operand)]
    named = any(each.kind == "param" for each in found)
    return named and not any(each.kind == "load" and each.place.where in _STORED for each in found)


RULE = Rule(INFO, check)
