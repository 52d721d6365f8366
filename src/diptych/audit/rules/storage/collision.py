"""Code that runs by delegatecall writes over variables that mean something else here."""

import re
from collections.abc import Iterator

from diptych.audit.analysis.access import is_caller
from diptych.audit.analysis.cells import keys_of
from diptych.audit.analysis.contract import ContractGraph, build_contract, sources
from diptych.audit.analysis.initialisers import runs_once
from diptych.audit.analysis.reach import anybody_reaches
from diptych.audit.analysis.storage import Delegation, delegations, layout, slots, strangers
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.graph.program import ContractNode
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="storage-collision",
    title="Delegated code and this contract disagree about storage",
    category="access_control",
    severity="medium",
    swc="SWC-124",
    cwe="CWE-787",
    owasp="SC01:2025",
    description="A contract delegates calls and keeps ordinary variables of its own, and the code "
    "it delegates to has other variables in the same slots.",
    scenario="The attacker calls a setter of the delegated code: it writes slot 0, which here is "
    "the owner or the address of the implementation.",
    fix="Keep a proxy's own state in ERC-1967 slots, or let both contracts inherit the same "
    "variables first.",
    reference="https://eips.ethereum.org/EIPS/eip-1967",
)
_SIGNATURE = re.compile(rb"(\w+)\(.*\)\Z")
_UNCHANGING = frozenset({"view", "pure"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield delegatecalls to code with another layout, and proxies with state in ordinary slots."""
    node = contract.node
    if node.tree.kind == "library" or not slots(node):
        return
    for each in delegations(contract):
        if _is_to_itself(each.call):
            continue
        others = [other for other in strangers(contract) if _is_meant(each, other)]
        clashing = next((other for other in others if _clashes(node, other)), None)
        if clashing is not None:
            text = f"'{clashing.tree.name}' keeps other variables in the slots that it would write"
            yield Match(each.call, text)
        elif not each.forwards:
            continue
        elif not others and _is_kept_in_a_variable(each.call):
            text = "the proxy's own variables lie where the implementation's first ones lie"
            yield Match(each.call, text, (), "low")
        elif (taken := next(_taken(others), None)) is not None:
            text = "through this anybody runs a function that writes him into this contract's state"
            yield Match(each.call, text, (taken,))


def _is_meant(each: Delegation, other: ContractNode) -> bool:
    """Whether a contract can be the one that is delegated to: it has the function, and writes."""
    if each.forwards:
        return any(
            f.visibility not in ("internal", "private")
            and f.kind == "function"
            and f.mutability not in _UNCHANGING
            for f in other.tree.functions
        )
    return any(
        found.mutability not in _UNCHANGING
        for name in _named(each.call, other)
        for _, found in other.functions.get(name, ())
    )


def _named(call: Op, other: ContractNode) -> Iterator[str]:
    """Yield the names of functions of a contract that a delegatecall's data selects."""
    for argument in call.call.arguments:
        for each in sources(argument):
            if each.kind == "const" and isinstance(each.attribute, bytes):
                written = _SIGNATURE.match(each.attribute)
                if written is not None:
                    yield written[1].decode("utf-8", "replace")
            if (
                each.kind == "member"
                and each.operands
                and each.operands[0].type.parts
                and each.operands[0].type.parts[0].declaration is other
            ):
                yield str(each.attribute)


def _clashes(node: ContractNode, other: ContractNode) -> bool:
    """Whether two layouts differ in a slot that both use."""
    ours, theirs = layout(node), layout(other)
    return any(mine != its for mine, its in zip(ours, theirs, strict=False))


def _taken(others: list[ContractNode]) -> Iterator[Op]:
    """Yield the writes of delegated code that put whoever calls into a plain variable."""
    for other in others:
        for view in build_contract(other, set()).entries:
            for write in view.writes:
                plain = write.kind == "store" and not keys_of(write)
                if (
                    plain
                    and is_caller(write.operands[-1])
                    and not runs_once(view, write)
                    and anybody_reaches(view, write)
                ):
                    yield write


def _is_to_itself(call: Op) -> bool:
    target = call.call.target
    return target is not None and any(
        each.kind == "env" and each.attribute == "this" for each in sources(target)
    )


def _is_kept_in_a_variable(call: Op) -> bool:
    target = call.call.target
    return target is not None and any(
        each.kind == "load" and each.place.where == "storage" and each.place.variable is not None
        for each in sources(target)
    )


RULE = Rule(INFO, check)
