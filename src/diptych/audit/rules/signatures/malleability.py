"""Used signatures are remembered by their bytes, which anybody can change."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.signatures import Recovery, digest_sources, marked, recoveries
from diptych.audit.analysis.uses import compared
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule, asked_for

INFO = RuleInfo(
    id="signature-malleability",
    title="Used signatures are told apart by bytes that can be changed",
    category="access_control",
    severity="medium",
    swc="SWC-117",
    cwe="CWE-347",
    owasp="SC01:2025",
    description="The record of used signatures is kept under the signature itself, and the upper "
    "half of the values of s is accepted: every signature has a second form that is also valid.",
    scenario="From a used signature (r, s, v) anybody computes (r, n - s, v flipped): the same "
    "signer, the same digest, no record of it. The order is carried out a second time.",
    fix="Keep the record under the digest or a nonce, and refuse s above n / 2.",
    reference="https://swcregistry.io/docs/SWC-117/",
)
_ORDER = frozenset({"<", ">", "<=", ">="})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield recoveries whose mark of use is keyed by the signature."""
    for view in contract.entries:
        for recovery in recoveries(view):
            if recovery.raw and not _is_bounded(view, recovery):
                write = _mark_by_signature(view, recovery)
                if write is not None:
                    text = "a second form of this signature passes, and is not recorded as used"
                    yield Match(asked_for(recovery.op, entry=True), text, (write, recovery.op))


def _is_bounded(view: FunctionView, recovery: Recovery) -> bool:
    """Whether a condition bounds s."""
    last = {id(each) for each in sources(recovery.signature[-1])}
    return any(
        test.attribute in _ORDER and any(id(operand) in last for operand in _held(test))
        for test in compared(view)
    )


def _held(test: Op) -> Iterator[Op]:
    for operand in test.operands:
        value = operand
        while value.kind == "cast":
            yield value
            value = value.operands[0]
        yield value


def _mark_by_signature(view: FunctionView, recovery: Recovery) -> Op | None:
    """Return a mark whose every key is made from the signature, not from what was signed."""
    digest = digest_sources(view, recovery)
    parts = {id(each) for part in recovery.signature for each in sources(part)}
    parts -= {id(each) for each in digest}
    marks = list(marked(view, digest))
    keyed = [write for write in marks if any(id(key) in parts for key in _keys(write))]
    return keyed[0] if keyed and len(keyed) == len(marks) else None


def _keys(write: Op) -> Iterator[Op]:
    place = write.operands[0]
    while place.kind == "element":
        for key in place.operands[1:2]:
            found = [each for each in sources(key) if each.kind != "const"]
            if not any(each.attribute == "ecrecover" for each in found):  # both forms have a signer
                yield from found
        place = place.operands[0]


RULE = Rule(INFO, check)
