"""One Solidity file: tree-sitter's tree into ours.

A file that does not compile still gives every declaration that can be read; what cannot be read
is listed in `problems`.
"""

import warnings
from collections.abc import Iterator
from functools import cache

import tree_sitter_solidity
from tree_sitter import Language, Node, Parser, Query, QueryCursor

from diptych.audit.syntax.solidity import expressions
from diptych.audit.syntax.solidity.declarations import CONTRACTS, read_contract, read_members
from diptych.audit.syntax.solidity.repair import best_reading
from diptych.audit.syntax.solidity.text import Source, named, string_bytes
from diptych.audit.syntax.unit import Contract, Import, Problem, SourceUnit

__all__ = ["read_solidity"]

_WORDS = frozenset({"import", "from", "as"})


@cache
def _language() -> Language:
    with warnings.catch_warnings():
        # The grammar's wheel hands its pointer over as a plain integer.
        warnings.simplefilter("ignore", DeprecationWarning)
        return Language(tree_sitter_solidity.language())


def read_solidity(data: bytes) -> SourceUnit:
    """Read one Solidity file, whole or fragment.

    Args:
        data: the file's bytes; what is not UTF-8 is kept out of names.

    Returns:
        Everything that could be read, and in `problems` what could not.
    """
    reading = best_reading(Parser(_language()), data)
    source = Source(reading.data, expressions.read)
    root = reading.tree.root_node
    if reading.repair:
        source.problems.append(Problem(len(data), len(data), reading.repair))
    top = list(_top(source, root))
    free = Contract(0, len(data), "free", "", *[()] * 8)
    contracts = tuple(read_contract(source, node) for node in top if node.type in CONTRACTS)
    others = [node for node in top if node.type not in CONTRACTS]
    members = read_members(source, others, free)
    if reading.error_bytes and not source.problems:
        source.problems.append(Problem(len(data), len(data), "does not read to its end"))
    return SourceUnit(
        "solidity",
        tuple(source.text(n) for n in others if n.type == "pragma_directive"),
        tuple(_import(source, n) for n in others if n.type == "import_directive"),
        contracts,
        members,
        tuple(_comments(root)),
        tuple(source.problems),
        len(reading.prefix),
    )


def _top(source: Source, root: Node) -> Iterator[Node]:
    """Yield the declarations of a file, also those inside of what is otherwise in error."""
    pending = list(reversed(list(named(root))))
    while pending:
        node = pending.pop()
        if node.type == "ERROR":
            source.problem(node, "syntax error")
            pending.extend(reversed(list(named(node))))
        else:
            yield node


def _import(source: Source, node: Node) -> Import:
    path = node.child_by_field_name("source")
    where = b"" if path is None else string_bytes(source.data[path.start_byte : path.end_byte])
    words = [source.text(child) for child in node.children if child.type not in ("{", "}", ",")]
    names: list[tuple[str, str]] = []
    whole = ""
    for at, (child, name) in enumerate(zip(words, [*words[1:], ""], strict=True)):
        if child == "as" and (words[at - 1] == "*" or words[at - 1].startswith(("'", '"'))):
            whole = name
        elif child == "as" and names:
            names[-1] = (names[-1][0], name)
        elif child.isidentifier() and child not in _WORDS and words[at - 1] != "as":
            names.append((child, child))
    start, end = node.start_byte, node.end_byte
    return Import(start, end, where.decode("utf-8", "replace"), tuple(names), whole)


@cache
def _comment_query() -> Query:
    return Query(_language(), "(comment) @comment")


def _comments(root: Node) -> list[tuple[int, int]]:
    """Return where comments stand, in order."""
    found = QueryCursor(_comment_query()).captures(root).get("comment", [])
    return sorted((node.start_byte, node.end_byte) for node in found)
