"""`delete` of a struct leaves the mappings in it as they were."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.types import Type
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="mapping-survives-delete",
    title="delete leaves a mapping behind",
    category="other",
    severity="low",
    swc="",
    cwe="CWE-459",
    owasp="",
    description="`delete` is used on a stored struct that holds a mapping; the mapping's entries "
    "stay.",
    scenario="An account is deleted and registered again: its old allowances, votes or locks are "
    "still there.",
    fix="Clear the entries one by one, or key the mapping by a number that changes with each life.",
    reference="https://docs.soliditylang.org/en/latest/security-considerations.html"
    "#clearing-mappings",
)
_MAX_DEPTH = 8


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield deletes of stored structs that hold mappings."""
    for view in contract.functions:
        for write in view.writes:
            if (
                write.kind == "store"
                and write.operands[-1].kind == "zero"
                and _holds_mapping(write.operands[0].type, _MAX_DEPTH)
            ):
                yield Match(write, "the entries of the mapping inside stay after this")


def _holds_mapping(kind: Type, depth: int) -> bool:
    if depth == 0:
        return False
    if kind.kind == "array":
        return _holds_mapping(kind.parts[0], depth - 1)
    members = getattr(kind.declaration, "members", {}) if kind.kind == "struct" else {}
    return any(m.kind == "mapping" or _holds_mapping(m, depth - 1) for m in members.values())


RULE = Rule(INFO, check)
