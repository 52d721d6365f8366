"""An answer that wins money says nothing about who found it."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_caller, is_keyed_by_caller
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.dominance import Fact
from diptych.audit.analysis.payments import is_payment
from diptych.audit.analysis.reach import anybody_reaches
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="unbound-answer",
    title="Who copies a winning answer wins",
    category="front_running",
    severity="medium",
    swc="SWC-114",
    cwe="CWE-362",
    owasp="SC07:2025",
    description="The caller is paid, or becomes the winner, for an argument that equals a stored "
    "value, by itself or by its hash; nothing ties the argument to the caller.",
    scenario="Somebody sees the answer in a waiting transaction, sends it with a higher fee, and "
    "is paid first.",
    fix="Commit to a hash of answer, caller and salt first, and reveal the answer later.",
    reference="https://swcregistry.io/docs/SWC-114/",
)
_HASHES = frozenset({"keccak256", "sha256", "ripemd160"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield payments and titles for answers that anybody could have copied."""
    for view in contract.entries:
        if not view.graph.parameters:
            continue
        for prize in _prizes(view):
            facts = list(view.flow.facts(prize))
            if any(_is_own(fact) for fact in facts):
                continue
            if any(_is_answer(fact) for fact in facts) and anybody_reaches(view, prize):
                yield Match(prize, "who sees this answer waiting can send it first")
                break


def _prizes(view: FunctionView) -> Iterator[Op]:
    """Yield payments to the caller, and stores of the caller in a plain variable."""
    for call in view.calls:
        if is_payment(call) and call.call.target is not None and is_caller(call.call.target):
            yield call
    for write in view.writes:
        if write.kind == "store" and not write.place.field and is_caller(write.operands[-1]):
            yield write


def _is_own(fact: Fact) -> bool:
    """Whether a condition looks at what the caller did before, or how much he sends."""
    return any(is_keyed_by_caller(each) for each in sources(fact.test))


def _is_answer(fact: Fact) -> bool:
    """Whether a condition holds an argument, and nothing of the caller, against a fixed value."""
    test, holds = fact
    if test.kind != "binary" or (test.attribute, holds) not in (("==", True), ("!=", False)):
        return False
    left, right = test.operands
    return (_is_given(left) and _is_fixed(right)) or (_is_given(right) and _is_fixed(left))


def _is_given(value: Op) -> bool:
    found = list(sources(value))
    free = not any(each.kind in ("env", "load", "call") for each in found if not _is_memory(each))
    return free and any(each.kind == "param" for each in found)


def _is_memory(op: Op) -> bool:
    return op.kind == "load" and op.place.where in ("memory", "calldata")


def _is_fixed(value: Op) -> bool:
    """Whether a value is a stored secret: a number or a digest, neither an account nor a switch."""
    if value.type.kind in ("address", "contract", "bool", "enum"):
        return False
    found = list(sources(value))
    if any(each.kind in ("param", "env", "call") for each in found):
        return False
    digest = any(each.kind == "const" and _is_large(each) for each in found)
    return digest or any(each.kind == "load" for each in found)


def _is_large(op: Op) -> bool:
    return (
        isinstance(op.attribute, int)
        and not isinstance(op.attribute, bool)
        and (op.attribute >> 64 > 0)
    )


RULE = Rule(INFO, check)
