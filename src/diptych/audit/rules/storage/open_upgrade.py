"""Anybody can change the code that a proxy runs."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_caller
from diptych.audit.analysis.cells import cell_of, overlap
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.initialisers import may_be_checked, runs_once
from diptych.audit.analysis.reach import anybody_reaches
from diptych.audit.analysis.storage import delegations
from diptych.audit.analysis.syntax import header, way_in
from diptych.audit.analysis.values import alike
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="unprotected-upgrade",
    title="Anybody can change the code that runs",
    category="access_control",
    severity="high",
    swc="SWC-112",
    cwe="CWE-284",
    owasp="SC01:2025",
    description="The address that delegatecall goes to is written by a function that anybody can "
    "call, or the hook that ERC-1822 upgrades ask for leave lets everybody pass.",
    scenario="The attacker upgrades to a contract of his own and owns the proxy's whole state.",
    fix="Restrict the function, or check the caller in `_authorizeUpgrade`.",
    reference="https://eips.ethereum.org/EIPS/eip-1822",
)
_HOOK = "_authorizeUpgrade"  # the name that ERC-1822 libraries give it
_EVENT = "Upgraded"  # ERC-1967


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield open writes of delegatecall targets, and hooks that check nothing."""
    if contract.node.tree.kind in ("abstract", "interface", "library"):
        return
    yield from _open_hooks(contract)
    targets = [load for each in delegations(contract) for load in _stored(each.call)]
    for view in contract.entries:
        upgraded = any(op.kind == "emit" and op.attribute == _EVENT for op in view.ops)
        for write in view.writes:
            is_target = any(_same(write, load) for load in targets)
            if (is_target or upgraded) and _is_open(view, write):
                text = "anybody can set the address whose code runs here"
                yield Match(write, text, way_in(view, write))
                break


def _open_hooks(contract: ContractGraph) -> Iterator[Match]:
    found = contract.node.functions.get(_HOOK, ())
    for owner, function in found[:1]:
        if function.body is None or function.modifiers or owner.tree.kind == "abstract":
            continue
        view = next((v for v in contract.functions if v.function is function), None)
        if view is not None and not _refuses(view):
            yield Match(header(owner, function), "the hook lets anybody upgrade")


def _refuses(view: FunctionView) -> bool:
    """Whether anything in a hook could refuse: a condition on the caller, or unknown code."""
    return any(
        (op.kind == "env" and op.attribute in ("msg.sender", "tx.origin"))
        or op.kind in ("revert", "modifier", "unknown")
        or op.kind == "call"
        for op in view.ops
    )


def _stored(call: Op) -> Iterator[Op]:
    """Yield the reads of storage that decide where a delegatecall goes."""
    for each in () if call.call.target is None else sources(call.call.target):
        if each.kind == "load" and each.place.where == "storage":
            yield each


def _same(write: Op, load: Op) -> bool:
    if write.place.variable is not None or load.place.variable is not None:
        return overlap(cell_of(write), cell_of(load))
    return write.kind == "store" and alike(write.operands[0], load.operands[0])


def _is_open(view: FunctionView, write: Op) -> bool:
    value = write.operands[-1]
    chosen = is_caller(value) or any(each.kind == "param" for each in sources(value))
    if write.kind != "store" or not chosen or value.type.kind in ("bool", "uint", "int"):
        return False
    return not (
        not anybody_reaches(view, write) or may_be_checked(view, write) or runs_once(view, write)
    )


RULE = Rule(INFO, check)
