"""Who may call: the contract's own guard on the function, or the one who deployed it."""

import re
from collections.abc import Iterator

from diptych.audit.analysis.access import is_keyed_by_caller
from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.site import Site
from diptych.audit.fixes.template import Template, Writer
from diptych.audit.fixes.templates.callers import is_created, is_shared
from diptych.audit.fixes.upgrades import is_upgradeable
from diptych.audit.fixes.walk import Node, around, inside, names_in
from diptych.audit.graph.program import ContractNode
from diptych.audit.syntax.tree import Assign, Binary, Call, ElementaryType, Member, Name
from diptych.audit.syntax.unit import Function, StateVariable

__all__ = ["CALLER_NOT_ORIGIN", "DEPLOYER_ONLY", "HOLDER_ONLY", "ONCE", "OWNER_ONLY", "OWN_GUARD"]

_SWC: frozenset[str] = frozenset()  # SWC-105 is as well that of functions for everybody
_RULES = frozenset(
    {
        "arbitrary-call",
        "arbitrary-storage-write",
        "delegatecall-to-input",
        "open-amount",
        "open-inherited",
        "open-mint",
        "open-minting",
        "open-record",
        "open-setting",
        "open-switch",
        "open-withdrawal",
        "owner-takeover",
        "unprotected-selfdestruct",
        "unprotected-upgrade",
        "unsafe-implementation",
    }
)
_IMMUTABLE_FROM = (0, 6, 5)
_READ_ONLY = frozenset({"view", "pure", "constant"})
_SETS_UP = re.compile(r"_*(re)?(init|set_?up|construct)", re.IGNORECASE)


def _guardable(site: Site) -> Function | None:
    """Return the function, unless it serves its callers: it looks up the caller's own entry."""
    function = site.function
    if function is None or function.kind == "constructor" or function.body is None:
        return None
    served = any(
        op.kind in ("load", "store") and is_keyed_by_caller(op)
        for view in site.graph.functions
        if view.function is function
        for op in view.ops
    )
    return None if served or is_shared(site, function) else function


def _own_guard(site: Site, _writer: Writer) -> list[Edit]:
    """Put a modifier on the function that the contract guards others with."""
    function = _guardable(site)
    if function is None or function.kind != "function":
        return []
    held = {base.name for base in function.modifiers}
    name = next((name for name in _guards(site.contract) if name not in held), "")
    return site.with_modifier(function, name) if name else []


def _guards(contract: ContractNode) -> Iterator[str]:
    """Yield modifiers without parameters that hold the caller against an address in storage."""
    for owner in contract.ancestry:
        for modifier in owner.tree.functions:
            if modifier.kind != "modifier" or modifier.parameters or modifier.body is None:
                continue
            if any(_names_owner(contract, each) for each in _bodies(contract, modifier)):
                yield modifier.name


def _bodies(contract: ContractNode, modifier: Function) -> Iterator[Node]:
    """Yield a modifier's body and those of the functions that it calls."""
    yield modifier.body
    for each in inside(modifier.body):
        if isinstance(each, Call) and isinstance(each.function, Name):
            for _, function in contract.functions.get(each.function.text, ()):
                if function.body is not None:
                    yield function.body


def _names_owner(contract: ContractNode, body: Node) -> bool:
    return any(
        isinstance(each, Binary)
        and each.operator in ("==", "!=")
        and any(_is_sender(side) for side in (each.left, each.right))
        and any(_is_owner(contract, side) for side in (each.left, each.right))
        for each in inside(body)
    )


def _is_sender(node: Node) -> bool:
    if isinstance(node, Call) and isinstance(node.function, Name) and not node.arguments:
        return node.function.text == "_msgSender"
    return isinstance(node, Member) and node.name == "sender" and names_in([node]) == {"msg"}


def _is_owner(contract: ContractNode, node: Node) -> bool:
    """Whether an expression is an address in storage, or a getter without arguments of one."""
    if isinstance(node, Call) and isinstance(node.function, Name) and not node.arguments:
        found = contract.functions.get(node.function.text, [])
        return any(
            names_in([function.body]) & set(_addresses(contract))
            for _, function in found
            if function.body is not None
        )
    return isinstance(node, Name) and node.text in _addresses(contract)


def _addresses(contract: ContractNode) -> dict[str, StateVariable]:
    """Return the state variables that hold one address."""
    return {
        name: variable
        for name, (_, variable) in contract.variables.items()
        if isinstance(variable.type, ElementaryType) and variable.type.name == "address"
    }


def _owner_only(site: Site, writer: Writer) -> list[Edit]:
    """Demand that the caller is whom the constructor made the owner."""
    owner = owner_variable(site.contract)
    function = _guardable(site)
    if not owner or function is None or is_created(site):
        return []
    return site.at_body_start(function, writer.check(f"msg.sender == {owner}", "not the owner"))


def owner_variable(contract: ContractNode) -> str:
    """Return the state variable that holds whoever deployed the contract, or nothing."""
    known = _addresses(contract)
    for name, variable in known.items():
        if variable.value is not None and _is_sender(variable.value):
            return name
    for owner in contract.ancestry:
        for function in owner.tree.functions:
            if function.kind != "constructor" or function.body is None:
                continue
            for each in inside(function.body):
                if (
                    isinstance(each, Assign)
                    and isinstance(each.left, Name)
                    and each.left.text in known
                    and _is_sender(each.right)
                ):
                    return each.left.text
    return ""


def _deployer_only(site: Site, writer: Writer) -> list[Edit]:
    """Remember who deployed the contract, and demand that it is the caller."""
    function = _guardable(site)
    if function is None or function.kind != "function":
        return []
    if is_upgradeable(site.contract) or site.contract.tree.kind != "contract":
        return []
    if is_created(site) or _is_set_up_later(site.contract):
        return []
    name = site.free_name("_deployer")
    return [
        *site.at_body_start(function, writer.check(f"msg.sender == {name}", "not the deployer")),
        *site.at_contract_end(deployer_variable(writer, name)),
    ]


def _is_set_up_later(contract: ContractNode) -> bool:
    """Whether the contract may be cloned: it has an initialiser, and a clone has no deployer."""
    return any(
        each.kind == "function" and _SETS_UP.match(each.name)
        for owner in contract.ancestry
        for each in owner.tree.functions
    )


def deployer_variable(writer: Writer, name: str) -> str:
    """Declare a variable that holds whoever deploys the contract; outside of storage if it can."""
    word = "immutable " if writer.oldest >= _IMMUTABLE_FROM else ""
    return f"address private {word}{name} = msg.sender;"


def _once(site: Site, writer: Writer) -> list[Edit]:
    """Let an initialiser run once."""
    function = site.function
    if function is None or function.kind != "function" or function.body is None:
        return []
    if is_shared(site, function):
        return []
    named = {each.tree.name.lower() for each in site.contract.ancestry}
    if not _SETS_UP.match(function.name) and function.name.lower() not in named:
        return []  # whoever comes first would still take it
    name = site.free_name("_initialised")
    text = f"{writer.check(f'!{name}', 'initialised before')} {name} = true;"
    return [
        *site.at_body_start(function, text),
        *site.at_contract_end(f"bool private {name};"),
    ]


def _holder_only(site: Site, writer: Writer) -> list[Edit]:
    """Demand that whoever is drawn from is the caller."""
    function, place = site.function, site.place()
    if function is None or function.body is None or place is None:
        return []
    if is_shared(site, function):
        return []
    used = names_in([place.statement])
    name = next(
        (
            each.name
            for each in function.parameters
            if each.name in used
            and isinstance(each.type, ElementaryType)
            and each.type.name == "address"
        ),
        "",
    )
    check = writer.check(f"{name} == msg.sender", "not the holder")
    return site.at_body_start(function, check) if name else []


def _caller_not_origin(site: Site, _writer: Writer) -> list[Edit]:
    if site.function is None or site.function.body is None:
        return []
    path = around(site.function.body, site.start, site.end)
    return [
        Edit(each.start, each.end, "msg.sender")
        for each in inside(path[-1])
        if isinstance(each, Member) and each.name == "origin" and names_in([each]) == {"tx"}
    ]


OWN_GUARD = Template("use the contract's own guard", _SWC, _RULES, _own_guard, gated=True)
OWNER_ONLY = Template("let only the owner call", _SWC, _RULES, _owner_only)
DEPLOYER_ONLY = Template("let only the deployer call", _SWC, _RULES, _deployer_only)
ONCE = Template(
    "let it run once", _SWC, frozenset({"owner-takeover", "unlocked-implementation"}), _once
)
HOLDER_ONLY = Template(
    "let only the holder call",
    frozenset(),
    frozenset({"arbitrary-from", "open-burn"}),
    _holder_only,
)
CALLER_NOT_ORIGIN = Template(
    "ask for the caller, not for who signed",
    frozenset({"SWC-115"}),
    frozenset({"tx-origin"}),
    _caller_not_origin,
)
