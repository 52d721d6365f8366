"""A compiler's syntax trees, read for what our own reading cannot know.

Format: the compact JSON of Solidity 0.4.12 and later (Solidity documentation, "AST output").
"""

from collections.abc import Iterator, Mapping
from typing import Any

from diptych.audit.graph.meanings import Meanings, Span, Target
from diptych.audit.graph.program import Unit

__all__ = ["disagreements", "meanings_of"]

_EXPRESSIONS = frozenset(
    {
        "Assignment",
        "BinaryOperation",
        "Conditional",
        "FunctionCall",
        "FunctionCallOptions",
        "Identifier",
        "IndexAccess",
        "IndexRangeAccess",
        "MemberAccess",
        "TupleExpression",
        "UnaryOperation",
    }
)
_FUNCTIONS = frozenset({"FunctionDefinition", "ModifierDefinition"})
_MAX_NODES = 3_000_000
_MAX_TYPE_CHARS = 2_000
_MAX_TOLD = 3


def meanings_of(trees: Mapping[str, Any], paths: Mapping[str, str]) -> dict[str, Meanings]:
    """Return what a compilation says of each file.

    Args:
        trees: syntax trees by the compiler's name of the source.
        paths: our path of each such name.
    """
    types: dict[str, dict[Span, str]] = {path: {} for path in paths.values()}
    uses: dict[str, dict[Span, int]] = {path: {} for path in paths.values()}
    declared: dict[int, Target] = {}
    for name, tree in trees.items():
        path = paths.get(name)
        if path is None:
            continue
        for node in _nodes(tree):
            span = _span(node)
            kind, number = node.get("nodeType"), node.get("id")
            if span is None:
                continue
            if kind in _FUNCTIONS and isinstance(number, int):
                declared[number] = Target(path, span[0])
            elif kind in _EXPRESSIONS:
                _note(node, span, types[path], uses[path])
    return {
        path: Meanings(found, {s: declared[n] for s, n in uses[path].items() if n in declared})
        for path, found in types.items()
    }


def _note(node: dict[str, Any], span: Span, types: dict[Span, str], uses: dict[Span, int]) -> None:
    """Take the type of an expression and what it refers to."""
    about = node.get("typeDescriptions")
    written = about.get("typeString") if isinstance(about, dict) else None
    if isinstance(written, str) and len(written) <= _MAX_TYPE_CHARS:
        types.setdefault(span, written)
    meant = node.get("referencedDeclaration")
    if isinstance(meant, int):
        uses.setdefault(span, meant)


def disagreements(unit: Unit, tree: Any) -> list[str]:
    """Say which contracts and functions the compiler sees that were not read, a few of them."""
    own = {contract.name: contract for contract in unit.tree.contracts}
    found: list[str] = []
    for contract in _parts(tree, "ContractDefinition"):
        name = str(contract.get("name"))
        if name not in own:
            found.append(f"the compiler sees contract '{name}', which was not read")
            continue
        read = {function.name for function in own[name].functions}
        seen = {str(each.get("name")) for kind in _FUNCTIONS for each in _parts(contract, kind)}
        for missing in sorted(seen - read - {"", name}):
            found.append(f"the compiler sees '{name}.{missing}', which was not read")
    return found[:_MAX_TOLD]


def _parts(node: Any, kind: str) -> Iterator[dict[str, Any]]:
    parts = node.get("nodes") if isinstance(node, dict) else None
    for each in parts if isinstance(parts, list) else ():
        if isinstance(each, dict) and each.get("nodeType") == kind:
            yield each


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Yield all nodes of a tree, a bounded number, however deep."""
    pending = [tree]
    left = _MAX_NODES
    while pending and left:
        left -= 1
        node = pending.pop()
        if isinstance(node, dict):
            yield node
            pending += [each for each in node.values() if isinstance(each, dict | list)]
        elif isinstance(node, list):
            pending += [each for each in node if isinstance(each, dict | list)]


def _span(node: dict[str, Any]) -> Span | None:
    """Read `start:length:source`."""
    parts = str(node.get("src", ""))[:60].split(":")
    if len(parts) != 3 or not (parts[0].isdecimal() and parts[1].isdecimal()):
        return None
    start, length = int(parts[0]), int(parts[1])
    return start, start + length
