"""A construct that the compiler which the pragma asks for gets wrong."""

import re
from collections.abc import Iterator

from diptych.audit.analysis.compiler_bugs import BUGS
from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.finding import RuleInfo
from diptych.audit.rules.rule import Match, Rule, declared

INFO = RuleInfo(
    id="compiler-bug",
    title="Construct that an old compiler gets wrong",
    category="other",
    severity="low",
    swc="SWC-102",
    cwe="CWE-937",
    owasp="",
    description="The pragma allows a compiler with a known fault, and the contract uses the "
    "construct that brings it out. It is info where the pragma allows later compilers too.",
    scenario="The code is right and the bytecode is not: values are cut, overwritten or read from "
    "where they do not lie.",
    fix="Compile with a version in which the fault is mended.",
    reference="https://docs.soliditylang.org/en/latest/bugs.html",
)
_OPEN = re.compile(r"[\^~<>*]|\|\|")
_PRAGMA = re.compile(r"\bsolidity\b")


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield the first place that brings out each fault of the compiler."""
    node = contract.node
    pragmas = [each for each in node.unit.tree.pragmas if _PRAGMA.search(each)]
    if node.unit.tree.language != "solidity" or not pragmas:
        return
    version = node.unit.version
    severity = "info" if any(_OPEN.search(each) for each in pragmas) else "low"
    for bug in BUGS:
        if bug.introduced <= version < bug.fixed:
            found = next(bug.trigger(node), None)
            if found is not None:
                function, tree = found
                fixed = ".".join(map(str, bug.fixed))
                text = f"{bug.name}: fixed in Solidity {fixed}"
                yield Match(declared(node, tree, function), text, (), severity)


RULE = Rule(INFO, check)
