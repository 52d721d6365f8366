"""The contract that is called on the way to the prize is not the one whose source is shown."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_restricted
from diptych.audit.analysis.contract import ContractGraph, sources
from diptych.audit.analysis.lures import Payout, payouts, reads
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.graph.program import ContractNode
from diptych.audit.rules.rule import Match, Rule
from diptych.audit.syntax.unit import StateVariable

INFO = RuleInfo(
    id="straw-man-contract",
    title="Honeypot: another contract than the one shown decides the payout",
    category="honeypot",
    severity="high",
    swc="",
    cwe="CWE-506",
    owasp="",
    description="A payout that seems open to reentrancy, or open to all, also calls a contract "
    "whose address was given from outside: a mere log by the source in the same file, unknown code "
    "by its address.",
    scenario="The attacker reenters the withdrawal; the called contract is no log but reverts for "
    "everybody but the owner, and the attacker's deposit is kept.",
    fix="Do not send ether to it; read the code at the stored address, not the source beside it.",
    reference="https://www.usenix.org/conference/usenixsecurity19/presentation/ferreira",
)

_BORROWS = frozenset({"delegatecall", "callcode"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield calls of contracts that were named from outside, next to a payout that lures."""
    for payout in payouts(contract):
        if payout.op.kind != "call" or not payout.to_choice:
            continue
        if is_restricted(payout.view, payout.op):
            continue
        call = next(_straw_men(contract, payout), None)
        if call is not None:
            text = "the contract at this address need not be the one whose source is shown"
            yield Match(call, text, (payout.op,))


def _straw_men(contract: ContractGraph, payout: Payout) -> Iterator[Op]:
    """Yield calls that can make a payout fail, or change what it does, behind its back."""
    flow = payout.view.flow
    for call in payout.view.calls:
        kind, target = call.call.kind, call.call.target
        if call is payout.op or target is None:
            continue
        if kind == "high_level" and flow.reaches(payout.op, call):
            if _is_shown_log(contract, call) and _is_bait(payout):
                yield call
        elif kind in _BORROWS and _precedes(call, payout) and any(reads(target)):
            yield call


def _precedes(call: Op, payout: Payout) -> bool:
    """Whether a call always runs before a payout of all there is."""
    return payout.is_all and payout.view.flow.dominates(call, payout.op)


def _is_bait(payout: Payout) -> bool:
    """Whether the payout hands over control before a record of the caller is changed."""
    view = payout.view
    kept = {
        id(each.place.variable) for fact in view.flow.facts(payout.op) for each in reads(fact.test)
    }
    return payout.op.call.kind in ("call", "high_level") and any(
        id(write.place.variable) in kept and view.flow.reaches(payout.op, write)
        for write in view.writes
    )


def _is_shown_log(contract: ContractGraph, call: Op) -> bool:
    """Whether a call is of source in the same file that only keeps a record, at a given address."""
    function, target = call.call.declaration, call.call.target
    if function is None or function.body is None or function.returns or target is None:
        return False
    stored = [each.place.variable for each in reads(target)]
    owner = target.type.declaration
    if not stored or call.users or not isinstance(owner, ContractNode):
        return False
    return owner.unit is contract.node.unit and any(
        variable is not None and _is_given(contract, variable) for variable in stored
    )


def _is_given(contract: ContractGraph, variable: StateVariable) -> bool:
    """Whether a stored address comes from an argument, or from a number in the source."""
    for view in contract.functions:
        for write in view.ops:
            if write.kind == "store" and write.place.variable is variable:
                made = list(sources(write.operands[1]))
                if not any(each.kind == "call" for each in made):
                    return True
    return variable.value is not None


RULE = Rule(INFO, check)
