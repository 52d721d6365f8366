"""Anybody can make tokens out of nothing."""

from collections.abc import Iterator

from diptych.audit.analysis.cells import keys_of
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.entitlement import is_entitled
from diptych.audit.analysis.initialisers import may_be_checked, runs_once
from diptych.audit.analysis.reach import anybody_reaches
from diptych.audit.analysis.syntax import way_in
from diptych.audit.analysis.values import alike, unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.access.owner_takeover import deciding_cells
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="open-mint",
    title="Anybody can mint",
    category="access_control",
    severity="high",
    swc="SWC-105",
    cwe="CWE-284",
    owasp="SC01:2025",
    description="A function that anybody can call adds an amount of his choice to a balance and to "
    "the total, for nothing. It is low in contracts where nobody is in charge of anything.",
    scenario="The attacker mints as much as he likes and sells it.",
    fix="Restrict who mints, or take what the tokens stand for.",
    reference="https://owasp.org/www-project-smart-contract-top-10/",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield credits of free amounts that raise a total too."""
    if contract.node.tree.kind != "contract":
        return
    for view in contract.entries:
        if view.calls or (view.function is not None and view.function.mutability == "payable"):
            continue
        credit = next(_minted(view), None)
        if credit is None or may_be_checked(view, credit) or runs_once(view, credit):
            continue
        if anybody_reaches(view, credit) and not is_entitled(view, credit):
            ruled = contract.analysis(deciding_cells)
            text = "anybody can have any amount made"
            yield Match(credit, text, way_in(view, credit), "high" if ruled else "low")


def _minted(view: FunctionView) -> Iterator[Op]:
    """Yield credits of an argument that a total grows by as well, if nothing is debited."""
    rises = [(write, added) for write in view.writes if (added := _added(write)) is not None]
    if any(write.kind == "store" and _is_fall(write) for write in view.writes):
        return
    for credit, amount in rises:
        if (
            len(keys_of(credit)) == 1
            and unwrapped(amount).kind == "param"
            and any(not keys_of(total) and _same(added, amount) for total, added in rises)
        ):
            yield credit


def _added(write: Op) -> Op | None:
    """Return what a store adds to what was there."""
    value = write.operands[-1]
    if write.kind != "store" or value.kind != "binary" or value.attribute != "+":
        return None
    for old, new in (value.operands, value.operands[::-1]):
        if any(_reads(each, write) for each in sources(old)):
            return new
    return None


def _reads(op: Op, write: Op) -> bool:
    return op.kind == "load" and op.place.variable is write.place.variable


def _is_fall(write: Op) -> bool:
    value = write.operands[-1]
    return value.kind == "binary" and value.attribute == "-"


def _same(first: Op, second: Op) -> bool:
    return first is second or alike(first, second)


RULE = Rule(INFO, check)
