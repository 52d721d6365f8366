"""What a signature or a proof does not cover decides who is paid, or how much."""

from collections.abc import Iterator

from diptych.audit.analysis.access import caller_conditions, is_caller, is_signed
from diptych.audit.analysis.cells import keys_of
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.paths import all_facts
from diptych.audit.analysis.payments import is_payment
from diptych.audit.analysis.signatures import digest_sources, recoveries
from diptych.audit.analysis.tokens import token_calls
from diptych.audit.analysis.values import unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule, asked_for

INFO = RuleInfo(
    id="unsigned-argument",
    title="A signature or proof leaves out who is paid or how much",
    category="access_control",
    severity="medium",
    swc="SWC-122",
    cwe="CWE-345",
    owasp="SC01:2025",
    description="A function pays or credits by an argument that goes into neither the signed "
    "digest nor the leaf of the proof that lets the call pass.",
    scenario="The attacker takes a signature or proof from a pending transaction and sends it "
    "himself, with his own address or another amount.",
    fix="Put receiver and amount into what is signed, or into the leaf.",
    reference="https://cwe.mitre.org/data/definitions/345.html",
)
_PROOFS = frozenset({"verify", "verifyCalldata", "processProof", "processProofCalldata"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield payments and credits by arguments that nothing vouches for."""
    for view in contract.entries:
        vouched = _vouched(view)
        if not vouched or any(op.kind == "modifier" for op in view.ops):
            continue
        for gain, values in _gains(view):
            facts = all_facts(view, gain)
            if any(caller_conditions(fact) and not is_signed(fact) for fact in facts):
                continue
            loose = next((each for each in values if _is_loose(view, gain, each, vouched)), None)
            if loose is not None:
                name = loose.place.field
                yield Match(asked_for(gain), f"'{name}' is not part of what was signed or proven")
                break


def _vouched(view: FunctionView) -> frozenset[int]:
    """Return the arguments, by identity, that go into a digest or a proof.

    Where the caller does, whom he names to be paid is his own choice.
    """
    found = [each for recovery in recoveries(view) for each in digest_sources(view, recovery)]
    for call in view.calls:
        if call.call.name in _PROOFS and len(call.call.arguments) >= 2 and call.users:
            found += [each for given in call.operands for each in sources(given)]
    if not any(each.kind == "param" or is_caller(each) for each in found):
        return frozenset()  # a report, not an order
    vouched = {id(each) for each in found}
    if any(each.kind == "env" and each.attribute == "msg.sender" for each in found):
        vouched.update(id(each) for each in view.graph.parameters if each.type.kind == "address")
    return frozenset(vouched)


def _gains(view: FunctionView) -> Iterator[tuple[Op, tuple[Op, ...]]]:
    """Yield payments and credits with the values that say to whom and how much."""
    for call in view.calls:
        target, value = call.call.target, call.call.value
        if is_payment(call) and target is not None and value is not None:
            yield call, (target, value)
    for each in token_calls(view):
        if each.name == "transfer":
            yield each.op, (each.receiver, each.amount)
    for write in view.writes:
        value = write.operands[-1]
        keys = [key for key in keys_of(write) if key.type.kind == "address"]
        if write.kind == "store" and keys and value.kind == "binary" and value.attribute == "+":
            yield write, (keys[0], *value.operands)


def _is_loose(view: FunctionView, gain: Op, value: Op, vouched: frozenset[int]) -> bool:
    """Whether a value is an argument that nothing vouches for and no condition looks at."""
    given = unwrapped(value)
    if given.kind != "param" or id(given) in vouched or given.type.is_reference:
        return False
    return not any(
        each is given
        for fact in all_facts(view, gain)
        if not _is_against_nothing(fact.test)
        for each in sources(fact.test)
        if not any(is_caller(other) for other in fact.test.operands) or each is given
    )


def _is_against_nothing(test: Op) -> bool:
    """Whether a condition holds an argument against a constant, such as the zero address."""
    return any(unwrapped(each).kind in ("const", "zero") for each in test.operands) or any(
        each.kind == "call" for each in (test, *test.operands)
    )


RULE = Rule(INFO, check)
