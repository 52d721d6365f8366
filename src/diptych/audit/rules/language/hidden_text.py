"""Characters that make source read otherwise than it compiles."""

import re
from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Frame
from diptych.audit.graph.program import ContractNode
from diptych.audit.rules.rule import Match, Rule, Spot

INFO = RuleInfo(
    id="hidden-text-direction",
    title="Characters that turn text round",
    category="other",
    severity="high",
    swc="SWC-130",
    cwe="CWE-451",
    owasp="",
    description="The source holds Unicode characters that override the direction of text (U+202A "
    "to U+202E, U+2066 to U+2069).",
    scenario="An argument list or a comment is shown in another order than the compiler reads it: "
    "a reviewer approves code that does something else.",
    fix="Remove the characters.",
    reference="https://swcregistry.io/docs/SWC-130/",
)
_TURNING = re.compile(rb"\xe2(?:\x80[\xaa-\xae]|\x81[\xa6-\xa9])")  # in UTF-8


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield the turning characters of a file, told by the first contract that is built of it."""
    node = contract.node
    unit = node.unit
    if not _is_first(node):
        return
    for found in _TURNING.finditer(unit.text):
        start = found.start() + unit.tree.shift
        text = "this character makes the text that follows read in another order"
        yield Match(Spot(Frame(node, None), start, start + len(found[0])), text)


def _is_first(node: ContractNode) -> bool:
    """Whether a contract is the first of its file, so that each file is told of once."""
    contracts = node.unit.tree.contracts
    return node.tree is contracts[0] if contracts else True


RULE = Rule(INFO, check)
