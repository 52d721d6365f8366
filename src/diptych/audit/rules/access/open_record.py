"""Anybody can overwrite what those in charge keep."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_caller
from diptych.audit.analysis.cells import cell_of, keys_of, overlap
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.fresh import is_named_by_hash, is_new_entry
from diptych.audit.analysis.initialisers import is_initialiser, may_be_checked, runs_once
from diptych.audit.analysis.reach import anybody_reaches
from diptych.audit.analysis.syntax import way_in
from diptych.audit.analysis.taint import tainted
from diptych.audit.analysis.values import unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.access import owner_takeover
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="open-record",
    title="Anybody can overwrite what the contract keeps for all",
    category="access_control",
    severity="medium",
    swc="SWC-105",
    cwe="CWE-862",
    owasp="SC01:2025",
    description="A function sets stored state to its arguments and never asks who calls, although "
    "the contract knows callers with more rights than others.",
    scenario="The attacker sets a price, a limit, a rate or another account's entry as he likes.",
    fix="Restrict who calls, or keep the entry under the caller's own address.",
    reference="https://cwe.mitre.org/data/definitions/862.html",
)
_CALLERS = frozenset({"msg.sender", "tx.origin", "msg.value"})
_PASSED = frozenset({"memory", "calldata"})
_KEPT = frozenset({"param", "pick", "make", "load", "binary"})
_QUIET = frozenset({"view", "pure", "constant"})
_MANY = 4


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield writes of arguments by functions that never look at their caller."""
    if contract.node.tree.kind in ("library", "interface"):
        return
    if contract.node.tree.kind == "free":
        yield from _alone(contract)
        return
    found = [
        (view, write)
        for view in contract.entries
        if view.writes and _is_blind(view)
        for write in view.writes
        if _is_setting(view, write) and _is_free(view, write)
    ]
    if not found or not _has_authority(contract):
        return
    known = {id(match.op) for match in owner_takeover.check(contract)}
    told: set[int] = set()
    for view, write in found:
        if id(view) in told or not _is_used(contract, view, write):
            continue
        if id(write) in known:
            continue
        told.add(id(view))
        variable = write.place.variable
        name = f"'{variable.name}'" if variable is not None else "this"
        grade = "low" if _is_meant(contract, view, {id(each) for each, _ in found}) else ""
        yield Match(write, f"anybody can set {name}", way_in(view, write), grade)


def _is_meant(contract: ContractGraph, view: FunctionView, free: set[int]) -> bool:
    """Whether derivers are to restrict a setter, or whoever stands in front of the contract.

    A check that is forgotten is missing here and there, not in most functions that change state.
    """
    if owner_takeover.is_for_derivers(contract, view):
        return True
    kept = sum(
        not any(anybody_reaches(each, write) for write in each.writes)
        for each in contract.entries
        if each.writes
    )
    return len(free) >= max(_MANY, kept)


def _alone(contract: ContractGraph) -> Iterator[Match]:
    """Yield where a function without a contract around it keeps an account of the caller's choice.

    What the account is for, only the contract knows.
    """
    for view in contract.entries:
        if view.calls or any(op.attribute == "msg.value" for op in view.ops if op.kind == "env"):
            continue
        for write in view.writes:
            value = write.operands[-1]
            named = is_caller(value) or (value.kind == "param" and value.type.kind == "address")
            own = any(is_caller(key) for key in keys_of(write))
            if write.kind == "store" and named and not own and _is_free(view, write):
                yield Match(write, "anybody can have this account kept", (), "low")
                break


def _is_blind(view: FunctionView) -> bool:
    """Whether a function looks neither at its caller nor at ether, and asks nobody."""
    function = view.function
    if function is None or is_initialiser(function) or function.mutability in _QUIET:
        return False
    if function.kind != "function" or view.calls:
        return False
    return not any(op.kind == "env" and op.attribute in _CALLERS and _weighs(op) for op in view.ops)


def _weighs(op: Op) -> bool:
    """Whether a value goes anywhere but into the log."""
    return any(user.kind != "emit" for user in op.users)


def _is_setting(view: FunctionView, write: Op) -> bool:
    """Whether an argument is stored as it is, or an entry that it names is set or cleared."""
    if write.kind not in ("store", "push"):
        return False
    if is_new_entry(view, write) or is_named_by_hash(write):
        return False
    value = unwrapped(write.operands[-1])
    if write.kind == "push" and value.kind != "param":
        return False  # an entry of its own for each, as proposals are
    keyed = any(tainted(view, key, ("argument",), at=write) for key in keys_of(write))
    if value.kind in ("const", "zero"):
        return keyed
    if value.kind == "binary" and (value.attribute not in ("+", "-") or keys_of(write)):
        return False
    return value.kind in _KEPT and tainted(view, value, ("argument",), at=write)


def _is_free(view: FunctionView, write: Op) -> bool:
    if not anybody_reaches(view, write) or runs_once(view, write) or may_be_checked(view, write):
        return False
    return not any(
        each.kind in ("load", "call", "unknown", "env")
        and each.place.where not in _PASSED
        and each.place.field != "length"
        for fact in view.flow.facts(write)
        if not _is_named(fact.test)
        for each in sources(fact.test)
    )


def _is_named(test: Op) -> bool:
    """Whether a condition only asks that an argument says what is stored anyway."""
    sides = [unwrapped(each) for each in test.operands]
    kinds = {each.kind for each in sides}
    return test.kind == "binary" and test.attribute in ("==", "!=") and kinds == {"param", "load"}


def _has_authority(contract: ContractGraph) -> bool:
    """Whether some other function lets in only some callers."""
    return bool(contract.analysis(owner_takeover.deciding_cells)) or any(
        op.kind == "modifier" and str(op.attribute).startswith("only")
        for view in contract.entries
        for op in view.ops
    )


def _is_used(contract: ContractGraph, setter: FunctionView, write: Op) -> bool:
    """Whether another function reads what is set, or everybody can."""
    cell, variable = cell_of(write), write.place.variable
    if variable is not None and variable.visibility == "public":
        return True
    return any(
        overlap(cell_of(read), cell)
        for view in contract.functions
        if view is not setter
        for read in view.reads
    )


RULE = Rule(INFO, check)
