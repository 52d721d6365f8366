"""State that was read before a call out is written after it, and nothing bars the way back in."""

from collections.abc import Iterator

from diptych.audit.analysis.calls import is_hook, is_locked, is_trusted
from diptych.audit.analysis.cells import keys_of
from diptych.audit.analysis.contract import ContractGraph, FunctionView
from diptych.audit.analysis.payments import is_payment
from diptych.audit.analysis.reach import is_privileged
from diptych.audit.analysis.reentry import leaving_calls, stale_writes, writes_after
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
    """Yield each call after which what was read before is written."""
    for view, call in leaving_calls(contract):
        if is_hook(call) or is_locked(view, call):
            continue
        written = next(stale_writes(view, call), None)
        if written is not None:
            yield _match(view, call, written)
        elif is_payment(call) and not is_trusted(view, call):
            late = next(_late(view, call), None)
            if late is not None:
                yield Match(call, "the record of this payment is made after it", (late,), "low")


def _late(view: FunctionView, call: Op) -> Iterator[Op]:
    """Yield writes to items of a record that come only after a call."""
    for write in writes_after(view, call):
        if keys_of(write) and not view.flow.dominates(write, call):
            yield write


def _match(view: FunctionView, call: Op, write: Op) -> Match:
    variable = write.place.variable
    name = variable.name if variable is not None else "state"
    text = f"'{name}' is read before this call and written after it; the callee can come back first"
    grave = "high" if is_payment(call) else "medium"
    harmless = is_trusted(view, call) or is_privileged(view, call)
    return Match(call, text, (write,), "low" if harmless else grave)


RULE = Rule(INFO, check)
