"""Who runs a function or makes a contract: what must be known before anybody is kept out."""

from diptych.audit.fixes.site import Site
from diptych.audit.fixes.walk import Node, inside
from diptych.audit.syntax.tree import Call, Member, Name, NamedType, New
from diptych.audit.syntax.unit import Function

__all__ = ["calls_own_functions", "is_called", "is_created", "is_guest", "is_shared"]


def is_called(site: Site, function: Function) -> bool:
    """Whether code of the program calls a function, from inside or by `super` and the like."""
    return any(
        _names(each, function.name)
        for contract in site.program.contracts
        for other in contract.tree.functions
        if other.body is not None
        for each in inside(other.body)
        if isinstance(each, Call)
    )


def _names(call: Call, name: str) -> bool:
    function = call.function
    if isinstance(function, Member):
        return function.name == name and not isinstance(function.base, Call)
    return isinstance(function, Name) and function.text == name


def is_shared(site: Site, function: Function) -> bool:
    """Whether more than one function that can be entered runs this one."""
    entered = {
        id(view.function)
        for view in site.graph.entries
        if view.function is function or any(op.frame.function is function for op in view.ops)
    }
    return len(entered) > 1


def is_created(site: Site) -> bool:
    """Whether another contract of the program makes this one: then that one is its deployer."""
    heirs = {
        each.tree.name
        for each in site.program.contracts
        if any(one is site.contract for one in each.ancestry)
    }
    return any(
        isinstance(each, New) and isinstance(each.type, NamedType) and _last(each.type) in heirs
        for contract in site.program.contracts
        for function in contract.tree.functions
        if function.body is not None
        for each in inside(function.body)
    )


def _last(kind: NamedType) -> str:
    return kind.name.rpartition(".")[2]


def calls_own_functions(site: Site, nodes: list[Node]) -> bool:
    """Whether some code runs a function of the contract, which reads and writes what it likes."""
    return any(
        isinstance(each, Call)
        and isinstance(each.function, Name)
        and each.function.text in site.contract.functions
        for node in nodes
        for each in inside(node)
    )


def is_guest(function: Function) -> bool:
    """Whether another contract calls a function back while one of ours is running."""
    name = function.name
    return (
        function.kind != "function"
        or (name.startswith("on") and name[2:3].isupper())
        or name.endswith(("Callback", "Received", "Call"))
        or name.startswith(("before", "after", "tokensToSend", "executeOperation"))
    )
