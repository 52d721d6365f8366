"""A construct that the Vyper compiler which the pragma asks for gets wrong."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.analysis.vyper_bugs import VYPER_BUGS, VyperBug
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule
from diptych.audit.syntax.vyper.versions import Versions, allowed

INFO = RuleInfo(
    id="vyper-compiler-bug",
    title="Construct that an old Vyper compiler gets wrong",
    category="other",
    severity="low",
    swc="SWC-102",
    cwe="CWE-937",
    owasp="",
    description="The pragma asks for a Vyper compiler with a known fault, and the contract uses "
    "the construct that brings it out. It is info where the pragma allows later compilers too.",
    scenario="The code is right and the bytecode is not: a bound is not kept, memory is written "
    "over, value is dropped.",
    fix="Compile with a version in which the fault is mended.",
    reference="https://github.com/vyperlang/vyper/security/advisories",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield the first place that brings out each fault of the compiler."""
    tree = contract.node.unit.tree
    versions = allowed(tree.pragmas) if tree.language == "vyper" else None
    if versions is None:
        return
    for bug in VYPER_BUGS:
        if bug.introduced <= versions.lowest < bug.fixed:
            found = next(_brought_out(contract, bug), None)
            if found is not None:
                yield _match(bug, versions, found)


def _brought_out(contract: ContractGraph, bug: VyperBug) -> Iterator[Op]:
    for view in contract.functions:
        yield from bug.trigger(view)


def _match(bug: VyperBug, versions: Versions, op: Op) -> Match:
    fixed = ".".join(map(str, bug.fixed))
    severity = "low" if versions.highest < bug.fixed else "info"
    return Match(op, f"{bug.name}: fixed in Vyper {fixed}", (), severity)


RULE = Rule(INFO, check)
