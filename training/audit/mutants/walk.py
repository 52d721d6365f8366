"""Ways through the syntax tree that the operators share."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from diptych.audit.syntax.statements import Block, Evaluate, If, Revert
from diptych.audit.syntax.tree import Call, Member, Name
from diptych.audit.syntax.unit import Contract, Function

__all__ = ["Site", "blocks", "called", "check_of", "names_in", "nodes", "root_name"]


class Site(NamedTuple):
    """One function that can be entered, in its contract and file."""

    source: bytes
    contract: Contract
    function: Function

    def text(self, node: Any) -> bytes:
        """Return the source of a node."""
        return self.source[node.start : node.end]

    @property
    def state(self) -> frozenset[str]:
        """Names of the contract's own variables."""
        return frozenset(
            each.name for each in self.contract.variables if each.mutability in ("", "transient")
        )

    @property
    def parameters(self) -> frozenset[str]:
        """Names of the function's parameters."""
        return frozenset(each.name for each in self.function.parameters if each.name)


def nodes(node: Any) -> Iterator[Any]:
    """Yield a node and all below it."""
    pending = [node]
    while pending:
        current = pending.pop()
        if not isinstance(current, tuple):
            continue
        if hasattr(current, "_fields"):
            yield current
        pending.extend(reversed(current))


def blocks(function: Function) -> Iterator[Block]:
    """Yield all blocks of a function."""
    return (each for each in nodes(function.body) if isinstance(each, Block))


def names_in(node: Any) -> frozenset[str]:
    """Return the identifiers below a node."""
    return frozenset(each.text for each in nodes(node) if isinstance(each, Name))


def called(node: Any) -> str:
    """Return the name of what a call calls."""
    if isinstance(node, Call):
        function = node.function
        return function.text if isinstance(function, Name) else getattr(function, "name", "")
    return ""


def root_name(node: Any) -> str:
    """Return the variable at the root of `a.b[c]`."""
    while hasattr(node, "base"):
        node = node.base
    return node.text if isinstance(node, Name) else ""


def check_of(statement: Any) -> Any:
    """Return the condition of `require(c)`, `assert(c)` or `if (c) revert`, else None."""
    if isinstance(statement, Evaluate) and called(statement.expression) in ("require", "assert"):
        arguments = statement.expression.arguments
        return arguments[0] if arguments else None
    if isinstance(statement, If) and statement.no is None and _reverts(statement.yes):
        return statement.test
    return None


def _reverts(statement: Any) -> bool:
    if isinstance(statement, Block):
        return len(statement.statements) == 1 and _reverts(statement.statements[0])
    if isinstance(statement, Evaluate):
        return called(statement.expression) == "revert"
    return isinstance(statement, Revert)


def is_sender(node: Any) -> bool:
    """Whether a node is `msg.sender`."""
    return (
        isinstance(node, Member)
        and node.name == "sender"
        and isinstance(node.base, Name)
        and node.base.text == "msg"
    )
