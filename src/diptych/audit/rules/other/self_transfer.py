"""Two balances are read before either is written: a transfer to oneself makes money."""

from collections.abc import Iterator

from diptych.audit.analysis.cells import cell_of, keys_of
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.paths import all_facts
from diptych.audit.analysis.values import alike, unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="self-transfer",
    title="A transfer to oneself makes a balance grow",
    category="other",
    severity="medium",
    swc="",
    cwe="CWE-682",
    owasp="SC03:2025",
    description="The balances of sender and receiver are both read before the first of them is "
    "written. If they are one account, the second write undoes the debit.",
    scenario="The attacker sends his balance to himself and has twice as much.",
    fix="Read the receiver's balance after the sender's is written, or refuse equal accounts.",
    reference="https://cwe.mitre.org/data/definitions/682.html",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield credits by a balance that was read before the debit beside it."""
    for view in contract.entries:
        changes = [write for write in view.writes if write.kind == "store" and keys_of(write)]
        debits = [write for write in changes if _changes(write, "-") is not None]
        for credit in changes:
            read = _changes(credit, "+")
            if read is None or not debits:
                continue
            if any(_is_undone(view, debit, credit, read) for debit in debits):
                yield Match(credit, "this overwrites the debit if both accounts are one")


def _changes(write: Op, sign: str) -> Op | None:
    """Return the read of the same entry that a write adds to or takes from."""
    value = unwrapped(write.operands[-1])
    if value.kind != "binary" or value.attribute != sign:
        return None
    for side in map(unwrapped, value.operands):
        if side.kind == "load" and alike(side.operands[0], write.operands[0]):
            return side
    return None


def _is_undone(view: FunctionView, debit: Op, credit: Op, read: Op) -> bool:
    if cell_of(debit) != cell_of(credit) or debit is credit:
        return False
    pairs = list(zip(keys_of(debit), keys_of(credit), strict=True))
    if all(alike(one, other) for one, other in pairs):
        return False
    if not (view.flow.dominates(read, debit) and view.flow.dominates(debit, credit)):
        return False
    return not any(
        fact.test.kind == "binary"
        and fact.test.attribute in ("==", "!=")
        and any(_is_of(fact.test, one) and _is_of(fact.test, other) for one, other in pairs)
        for fact in all_facts(view, credit)
    )


def _is_of(test: Op, key: Op) -> bool:
    return any(alike(unwrapped(key), each) for side in test.operands for each in sources(side))


RULE = Rule(INFO, check)
