"""State that was read before a call out is written after it, and nothing bars the way back in."""

from collections.abc import Iterator

from diptych.audit.analysis.calls import gives_control, is_locked
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.payments import is_payment
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="reentrancy",
    title="State changes after a call that hands over control",
    category="reentrancy",
    severity="high",
    swc="SWC-107",
    cwe="CWE-841",
    owasp="SC05:2025",
    description="A storage variable is read, control goes to another contract, and the variable is "
    "written only afterwards, with no lock around it.",
    scenario="The called contract calls back into the function before the write: the check before "
    "the call sees the old value again, and the payment is made twice.",
    fix="Write state before the call (checks, effects, interactions) or hold a lock that every "
    "function on the same state takes.",
    reference="https://docs.soliditylang.org/en/latest/security-considerations.html#reentrancy",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield each call after which a variable that was read before is written."""
    for view in contract.entries:
        for call in view.calls:
            if gives_control(call) and not is_locked(view, call):
                written = next(_stale(view, call), None)
                if written is not None:
                    yield _match(call, written)


def _stale(view: FunctionView, call: Op) -> Iterator[Op]:
    """Yield writes after a call to what was read before it."""
    before = {
        read.place.variable
        for read in view.reads
        if read.place.variable is not None and view.flow.reaches(read, call)
    }
    for write in view.writes:
        if write.place.variable in before and view.flow.reaches(call, write):
            yield write


def _match(call: Op, write: Op) -> Match:
    variable = write.place.variable
    name = variable.name if variable is not None else "state"
    text = f"'{name}' is read before this call and written after it; the callee can come back first"
    return Match(call, text, (write,), "high" if _is_open(call) else "medium")


def _is_open(call: Op) -> bool:
    """Whether money goes along, or the caller says who is called: the attacker then is the callee.

    A call of a contract that the state names is dangerous only if that contract is.
    """
    if is_payment(call):
        return True
    target = call.call.target
    return (
        target is not None
        and any(
            each.kind == "param" or (each.kind == "env" and each.attribute == "msg.sender")
            for each in sources(target)
        )
        and not any(each.kind == "load" for each in sources(target))
    )


RULE = Rule(INFO, check)
