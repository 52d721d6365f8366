"""What a Vyper file takes from other files, and what it offers of them."""

import ast
from collections.abc import Iterator

from diptych.audit.syntax.unit import Import
from diptych.audit.syntax.vyper.lines import Line
from diptych.audit.syntax.vyper.parse import parse_line
from diptych.audit.syntax.vyper.text import Source

__all__ = ["WORDS", "exported", "read_imports"]

WORDS = frozenset({"implements", "uses", "initializes", "exports", "units"})


def read_imports(source: Source, line: Line) -> Iterator[Import]:
    """Yield one import for each module that a line names.

    `path` is dotted as the source writes it, with leading dots where it is relative; `alias` is
    what the module is called here.
    """
    parsed = parse_line(line.text)
    for each in parsed or ():
        if isinstance(each, ast.Import):
            for name in each.names:
                alias = name.asname or name.name.rpartition(".")[2]
                yield Import(line.start, line.end, name.name, (), alias)
        elif isinstance(each, ast.ImportFrom):
            stem = "." * each.level + (each.module + "." if each.module else "")
            for name in each.names:
                alias = name.asname or name.name
                yield Import(line.start, line.end, stem + name.name, (), alias)
    if parsed is None:
        source.problem(line.start, line.end, "syntax error")


def exported(node: ast.expr) -> Iterator[str]:
    """Yield what `exports: (module.function, module.__interface__)` names."""
    for item in node.elts if isinstance(node, ast.Tuple) else [node]:
        parts: list[str] = []
        current: ast.expr = item
        while isinstance(current, ast.Attribute):
            parts.append(current.attr)
            current = current.value
        if isinstance(current, ast.Name):
            yield ".".join([current.id, *reversed(parts)])
