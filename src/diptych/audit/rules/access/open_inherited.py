"""Anybody can use a power that a base whose source is not there keeps for its derivers."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_caller
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.fresh import is_numbered
from diptych.audit.analysis.initialisers import runs_once
from diptych.audit.analysis.locks import is_lock_test
from diptych.audit.analysis.reach import anybody_reaches
from diptych.audit.analysis.taint import tainted
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="open-inherited",
    title="Anybody can use a power that a base keeps for its derivers",
    category="access_control",
    severity="high",
    swc="SWC-105",
    cwe="CWE-862",
    owasp="SC01:2025",
    description="A function that anybody can call hands its arguments to an internal function of "
    "OpenZeppelin's that checks nobody, such as `_mint`, `_burn`, `_transfer` or `_grantRole`.",
    scenario="The attacker mints to himself, burns or moves what others hold, gives himself a "
    "role, or stops the contract.",
    fix="Restrict who calls, or take what the caller himself owns.",
    reference="https://docs.openzeppelin.com/contracts/5.x/access-control",
)

_FIRST = (0,)
_ANY = (0, 1)
# Internal functions of OpenZeppelin's contracts that check nobody, with the arguments of which one
# must be the caller's choice; of `_pause`, none.
_POWERS = {
    "_mint": _ANY,
    "_safeMint": _ANY,
    "_burn": _FIRST,
    "_transfer": _FIRST,
    "_safeTransfer": _FIRST,
    "_approve": _FIRST,
    "_grantRole": _ANY,
    "_setupRole": _ANY,
    "_revokeRole": _ANY,
    "_transferOwnership": _FIRST,
    "_upgradeTo": _FIRST,
    "_upgradeToAndCall": _FIRST,
    "_setImplementation": _FIRST,
    "_setTokenURI": _ANY,
    "_setURI": _ANY,
    "_setDefaultRoyalty": _ANY,
    "_pause": (),
    "_unpause": (),
}


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield free calls of what a missing base gives."""
    node = contract.node
    if not node.missing and node.tree.kind != "free":
        return
    for view in contract.entries:
        for call in view.calls:
            if _is_power(call) and _is_free(view, call):
                grade = "medium" if is_numbered(view, call) else ""
                yield Match(call, f"anybody can have '{call.call.name}' done", (), grade)
                break


def _is_power(call: Op) -> bool:
    site = call.call
    return site.kind == "internal" and site.declaration is None and site.name in _POWERS


def _is_free(view: FunctionView, call: Op) -> bool:
    """Whether the caller has a say in it, and neither pays, nor shows a right to it."""
    wanted = _POWERS[call.call.name]
    given = [call.call.arguments[at] for at in wanted if at < len(call.call.arguments)]
    if wanted and not any(_is_asked(view, each, call) for each in given):
        return False
    if any(each is not call and not _is_power(each) for each in view.calls):
        return False
    if not anybody_reaches(view, call) or runs_once(view, call):
        return False
    return not _is_paid(view) and not _is_meant(view, call)


def _is_asked(view: FunctionView, value: Op, call: Op) -> bool:
    named = any(each.kind == "env" and each.attribute == "msg.sender" for each in sources(value))
    return not (named or is_caller(value)) and tainted(view, value, ("argument",), at=call)


def _is_paid(view: FunctionView) -> bool:
    return any(op.kind == "env" and op.attribute == "msg.value" for op in view.ops)


def _is_meant(view: FunctionView, call: Op) -> bool:
    """Whether a condition looks at state, at others or at the caller."""
    return any(
        each.kind in ("load", "call", "unknown") or is_caller(each)
        for fact in view.flow.facts(call)
        if not is_lock_test(view, fact.test)
        for each in sources(fact.test)
    )


RULE = Rule(INFO, check)
