"""`delete` of one item of an array, which leaves a hole and the length as it was."""

from collections.abc import Iterator

from diptych.audit.analysis.cells import cell_of
from diptych.audit.analysis.contract import ContractGraph, FunctionView
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="array-hole",
    title="Deleting an item leaves a hole in the array",
    category="other",
    severity="low",
    swc="",
    cwe="CWE-459",
    owasp="SC03:2025",
    description="`delete list[i]` sets one item of a dynamic array to zero; the array stays as "
    "long as it was, and the zero stays in it.",
    scenario="A loop over the array pays or asks the zero address, or counts who was removed.",
    fix="Move the last item into the place and take the last one off with pop.",
    reference="https://docs.soliditylang.org/en/latest/types.html#delete",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield deletions of items by functions that never shorten the array."""
    if contract.node.unit.tree.language != "solidity":
        return
    for view in contract.functions:
        for write in view.writes:
            if _is_hole(write) and not _is_shortened(view, write):
                yield Match(write, "the array stays as long as it was")


def _is_hole(write: Op) -> bool:
    if write.kind != "store" or write.operands[-1].kind != "zero" or write.place.field != "[]":
        return False
    place = write.operands[0]
    base = place.operands[0].type if place.operands else place.type
    return base.kind == "array" and base.length is None and write.place.variable is not None


def _is_shortened(view: FunctionView, write: Op) -> bool:
    """Whether the array is changed in other ways too: made shorter, or its last item moved."""
    root = cell_of(write).variable
    return any(cell_of(each).variable == root for each in view.writes if each is not write)


RULE = Rule(INFO, check)
