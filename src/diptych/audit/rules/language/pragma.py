"""The compiler that a file asks for: any of many, or one of long ago."""

import re
from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Frame
from diptych.audit.rules.rule import Match, Rule, Spot

INFO = RuleInfo(
    id="compiler-version",
    title="Compiler version open or outdated",
    category="other",
    severity="info",
    swc="SWC-103",
    cwe="CWE-937",
    owasp="",
    description="The pragma allows many compilers, or one before 0.8 that does not check "
    "arithmetic.",
    scenario="What is tested with one compiler is deployed with another, with other faults.",
    fix="Name one recent version in contracts that are deployed: `pragma solidity 0.8.30;`.",
    reference="https://swcregistry.io/docs/SWC-103/",
)
_PRAGMA = re.compile(rb"pragma\s+solidity\s+([^;]{1,200});")
_OPEN = re.compile(rb"[\^~<>*xX]|\|\|| - ")
_CHECKED = (0, 8, 0)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield the pragma of a file, told once, by its first contract."""
    node = contract.node
    unit = node.unit
    contracts = unit.tree.contracts
    if not unit.tree.pragmas or (contracts and node.tree is not contracts[0]):
        return
    found = _PRAGMA.search(unit.text)
    if found is None:
        return
    is_open, is_old = _OPEN.search(found[1]) is not None, unit.version < _CHECKED
    if is_open or is_old:
        start, end = (at + unit.tree.shift for at in found.span())
        text = "many compilers may build this" if is_open else "a compiler of long ago"
        yield Match(Spot(Frame(node, None), start, end), text)


RULE = Rule(INFO, check)
