"""What is marked as done is never asked for."""

from collections.abc import Iterator

from diptych.audit.analysis.access import caller_conditions, is_caller, is_signed
from diptych.audit.analysis.cells import cell_of, keys_of, overlap
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.payments import is_payment
from diptych.audit.analysis.tokens import token_calls
from diptych.audit.analysis.values import unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="unread-mark",
    title="A mark is set that nothing asks for",
    category="access_control",
    severity="medium",
    swc="SWC-105",
    cwe="CWE-841",
    owasp="SC03:2025",
    description="A function that pays or credits somebody marks a key as done, but no condition "
    "anywhere looks at the mark.",
    scenario="The attacker claims again and again; each time the mark is set once more.",
    fix="Require that the mark is not set before it is set.",
    reference="https://cwe.mitre.org/data/definitions/841.html",
)
_MADE = frozenset({"_mint", "_safeMint", "mint", "safeMint", "mintTo"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield marks beside payments that no function reads."""
    if contract.node.missing and not any(view.calls for view in contract.functions):
        return
    for view in contract.entries:
        marks = [write for write in view.writes if _is_mark(write)]
        if not marks or not _gives(view):
            continue
        for mark in marks:
            if not _is_read(contract, mark) and not _is_kept(view, mark):
                name = "" if mark.place.variable is None else f"'{mark.place.variable.name}' "
                yield Match(mark, f"nothing looks at {name}before this is done again")
                break


def _is_mark(write: Op) -> bool:
    """Whether an entry of a mapping is set to true."""
    if write.kind != "store" or write.place.where != "storage" or not keys_of(write):
        return False
    if write.operands[0].type.kind != "bool" or write.place.field != "[]":
        return False
    value = unwrapped(write.operands[-1])
    return value.kind == "const" and bool(value.attribute)


def _is_kept(view: FunctionView, mark: Op) -> bool:
    """Whether only some callers get there, a signature or proof apart."""
    if any(op.kind == "modifier" for op in view.ops):
        return True
    facts = view.flow.facts(mark)
    return any(caller_conditions(fact) and not is_signed(fact) for fact in facts)


def _gives(view: FunctionView) -> bool:
    """Whether a function pays, mints or credits."""
    if any(is_payment(call) or call.call.name in _MADE for call in view.calls):
        return True
    if any(each.name == "transfer" for each in token_calls(view)):
        return True
    return any(_is_credit(write) for write in view.writes)


def _is_credit(write: Op) -> bool:
    if write.kind != "store" or not keys_of(write):
        return False
    value = write.operands[-1]
    given = any(is_caller(key) or key.type.kind == "address" for key in keys_of(write))
    return given and value.kind == "binary" and value.attribute == "+"


def _is_read(contract: ContractGraph, mark: Op) -> bool:
    """Whether some function reads the mark and does something by it."""
    cell = cell_of(mark)
    return any(
        overlap(cell_of(load), cell) or any(each is load for each in sources(mark))
        for view in contract.functions
        for load in view.reads
    )


RULE = Rule(INFO, check)
