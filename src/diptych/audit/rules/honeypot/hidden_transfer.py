"""The prize is taken by something that stands where no reader looks."""

import re
from collections.abc import Iterator

from diptych.audit.analysis.access import is_restricted
from diptych.audit.analysis.contract import ContractGraph, is_write
from diptych.audit.analysis.lures import Payout, is_own_balance, payouts
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="hidden-transfer",
    title="Honeypot: a hidden statement takes the prize",
    category="honeypot",
    severity="high",
    swc="",
    cwe="CWE-506",
    owasp="",
    description="A payout to the caller comes after a transfer of the whole balance to somebody "
    "else, or code that changes who is paid stands far right of blanks on a line of its own kind.",
    scenario="Explorers show the beginning of a line; behind a hundred blanks the owner is paid "
    "first, and the victim's transfer sends what is left: nothing.",
    fix="Do not send ether to it; read the source with lines wrapped.",
    reference="https://www.usenix.org/conference/usenixsecurity19/presentation/ferreira",
)
_GAP = re.compile(rb"\S[ \t\xa0]{60,}(?=\S)")
_MIN_COLUMN = 100


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield transfers that empty the contract before a payout, and effects behind blanks."""
    found = list(payouts(contract))
    for payout in found:
        if payout.to_choice and payout.is_all and not is_restricted(payout.view, payout.op):
            first = next(_before(payout, found), None)
            if first is not None:
                text = "the balance goes elsewhere first; nothing is left for the caller"
                yield Match(first.op, text, (payout.op,))
    for start in _hidden(contract):
        effect = next(_effects_at(contract, start), None)
        if effect is not None:
            yield Match(effect, "this stands behind blanks, where no reader looks")


def _before(payout: Payout, found: list[Payout]) -> Iterator[Payout]:
    """Yield transfers of everything to somebody else on every way to a payout."""
    for other in found:
        if other.view is not payout.view or other.amount is None:
            continue
        kept = is_own_balance(other.amount) and not other.to_choice
        if kept and payout.view.flow.dominates(other.op, payout.op):
            yield other


def _hidden(contract: ContractGraph) -> Iterator[int]:
    """Yield offsets in the syntax tree at which code goes on after a long stretch of blanks."""
    unit, tree = contract.node.unit, contract.node.tree
    text = unit.text
    first = max(tree.start - unit.tree.shift, 0)
    if b" " * 60 not in text and b"\t" * 60 not in text:
        return
    comments = [(start, end) for start, end in unit.tree.comments]
    for match in _GAP.finditer(text, first, max(tree.end - unit.tree.shift, 0)):
        at = match.end()
        line = text.rfind(b"\n", 0, at) + 1
        in_comment = any(
            start - unit.tree.shift <= at < end - unit.tree.shift for start, end in comments
        )
        if at - line >= _MIN_COLUMN and not in_comment:
            yield at + unit.tree.shift


def _effects_at(contract: ContractGraph, start: int) -> Iterator[Op]:
    """Yield payments and writes that stand on a line from an offset on, in the contract itself."""
    unit = contract.node.unit
    end = unit.text.find(b"\n", start - unit.tree.shift)
    stop = (len(unit.text) if end < 0 else end) + unit.tree.shift
    for view in contract.functions:
        for op in view.ops:
            if start <= op.start < stop and op.frame.owner.unit is unit and _is_effect(op):
                yield op


def _is_effect(op: Op) -> bool:
    return op.kind in ("call", "selfdestruct", "revert") or is_write(op)


RULE = Rule(INFO, check)
