"""The variable that a stranger can set is not the one that guards the money."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_caller, is_restricted
from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.analysis.lures import payouts, reads
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule
from diptych.audit.syntax.unit import StateVariable

INFO = RuleInfo(
    id="inheritance-disorder",
    title="Honeypot: the owner that can be taken is not the owner that counts",
    category="honeypot",
    severity="high",
    swc="SWC-119",
    cwe="CWE-506",
    owasp="",
    description="A function that anybody can call stores the caller in a variable that looks like "
    "the one a base contract declares; payouts are guarded by the base's.",
    scenario="The victim pays to become the owner, and is one - in a variable that nothing reads. "
    "The withdrawal asks the base contract's variable of the same name.",
    fix="Do not send ether to it. Where it is an accident, keep one declaration.",
    reference="https://www.usenix.org/conference/usenixsecurity19/presentation/ferreira",
)
_LOOKS_LIKE = str.maketrans({"0": "o", "O": "o", "1": "l", "I": "l", "i": "l", "5": "s", "S": "s"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield writes of the caller to a variable whose double guards a payout."""
    if len(contract.node.ancestry) < 2:
        return
    guards = {id(each): each for each in _guards(contract)}
    looks = {_look(each) for each in guards.values()}
    for view in contract.entries if guards else ():
        for write in view.writes:
            variable = write.place.variable
            if variable is None or id(variable) in guards or _look(variable) not in looks:
                continue
            if _takes_caller(write) and not is_restricted(view, write):
                yield Match(write, f"this '{variable.name}' is not the one that guards payouts")


def _takes_caller(write: Op) -> bool:
    """Whether the caller's address becomes the value of a whole variable."""
    return write.kind == "store" and write.place.field == "" and is_caller(write.operands[1])


def _guards(contract: ContractGraph) -> Iterator[StateVariable]:
    """Yield variables that the caller is held against before a payout."""
    for payout in payouts(contract):
        for test, _ in payout.view.flow.facts(payout.op):
            if any(is_caller(each) for each in _compared(test)):
                for read in reads(test):
                    if read.place.variable is not None and read.place.field == "":
                        yield read.place.variable


def _compared(test: Op) -> Iterator[Op]:
    pending = [test]
    while pending:
        op = pending.pop()
        if op.kind in ("binary", "phi", "unary") and len(pending) < 40:
            pending.extend(each for each in op.operands if each is not op)
            if op.kind == "phi":
                return
        else:
            yield op


def _look(variable: StateVariable) -> str:
    """Return a name as a hasty reader sees it."""
    return variable.name.translate(_LOOKS_LIKE).lower()


RULE = Rule(INFO, check)
