"""The place of a finding in its source, as templates see it."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from diptych.audit.analysis.contract import ContractGraph, build_contract
from diptych.audit.finding import Finding, Location
from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.walk import Node, around, inside
from diptych.audit.graph.ops import Op
from diptych.audit.graph.program import ContractNode, Program
from diptych.audit.source.load import LoadedProgram
from diptych.audit.source.text import SourceText
from diptych.audit.syntax import statements
from diptych.audit.syntax.statements import Block, Statement
from diptych.audit.syntax.unit import Function

__all__ = ["Place", "Site", "site_of"]

_STATEMENTS = (
    statements.Declare,
    statements.Evaluate,
    statements.If,
    statements.Loop,
    statements.Return,
    statements.Revert,
    statements.Emit,
    statements.Try,
    statements.Assembly,
)
_Kind = TypeVar("_Kind")
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_RETURNS = re.compile(rb"\breturns\b")


@dataclass(frozen=True)
class Place:
    """A statement, the block it stands in directly (if any), and what leads to an expression."""

    statement: Statement
    block: Block | None
    path: tuple[Node, ...]


@dataclass(frozen=True)
class Site:
    """Where a fix is to be made.

    Attributes:
        finding: what is to be repaired.
        text: the file.
        contract: the contract that holds the place.
        function: the function that holds it, None outside of functions.
        start: byte offset of the finding's first byte.
        end: offset after its last byte.
        version: of the compiler that the file is compiled with.
        program: everything that was loaded.
    """

    finding: Finding
    text: SourceText
    contract: ContractNode
    function: Function | None
    start: int
    end: int
    version: tuple[int, int, int]
    program: Program

    # --- reading --------------------------------------------------------------------------------

    def slice(self, start: int, end: int) -> str:
        """Return a stretch of the file."""
        return self.text.data[start:end].decode("utf-8", "replace")

    def source(self, node: Node) -> str:
        """Return the source text of a node."""
        return self.slice(node.start, node.end)

    def place(self, start: int | None = None, end: int | None = None) -> Place | None:
        """Return the innermost statement that holds a stretch, by default the finding's."""
        if self.function is None or self.function.body is None:
            return None
        first = self.start if start is None else start
        last = self.end if end is None else end
        path = around(self.function.body, first, last)
        for at in range(len(path) - 1, 0, -1):
            if isinstance(path[at], _STATEMENTS):
                outer = path[at - 1]
                return Place(path[at], outer if isinstance(outer, Block) else None, tuple(path))
        return None

    def offsets(self, location: Location) -> tuple[int, int]:
        """Return the byte offsets of a location in this file."""
        return offset(self.text, location.line, location.column), offset(
            self.text, location.end_line, location.end_column
        )

    @cached_property
    def names(self) -> frozenset[str]:
        """Every word of the file."""
        return frozenset(_WORD.findall(self.text.data.decode("utf-8", "replace")))

    def free_name(self, wanted: str) -> str:
        """Return a name that nothing in the file bears."""
        name, count = wanted, 1
        while name in self.names:
            count += 1
            name = f"{wanted}{count}"
        return name

    @cached_property
    def graph(self) -> ContractGraph:
        """The contract's program graph."""
        return build_contract(self.contract, set())

    def op(self, kind: str, start: int, end: int) -> Op | None:
        """Return an op of a kind that stands at a stretch of this file."""
        return next(
            (
                op
                for view in self.graph.functions
                for op in view.ops
                if op.kind == kind
                and (op.start, op.end) == (start, end)
                and op.frame.owner.unit.path == self.text.path
            ),
            None,
        )

    # --- writing --------------------------------------------------------------------------------

    def indent(self, offset_: int) -> str:
        """Return the white space that the line of an offset begins with."""
        start = self.text.data.rfind(b"\n", 0, offset_) + 1
        line = self.text.data[start:offset_]
        return line[: len(line) - len(line.lstrip())].decode("utf-8", "replace")

    def before(self, place: Place, text: str) -> list[Edit]:
        """Put a statement before another one, in braces where it was alone."""
        start = place.statement.start
        if place.block is not None:
            return [Edit(start, start, f"{text}\n{self.indent(start)}")]
        end = self.statement_end(place.statement)
        return [Edit(start, start, f"{{ {text} "), Edit(end, end, " }")]

    def after(self, place: Place, text: str) -> list[Edit]:
        """Put a statement after another one, in braces where it was alone."""
        start, end = place.statement.start, self.statement_end(place.statement)
        if place.block is not None:
            return [Edit(end, end, f"\n{self.indent(start)}{text}")]
        return [Edit(start, start, "{ "), Edit(end, end, f" {text} }}")]

    def statement_end(self, statement: Statement) -> int:
        """Return the offset after a statement, its semicolon included."""
        end = statement.end
        if self.text.data[end - 1 : end] in (b";", b"}"):
            return end
        rest = self.text.data[end : end + 200]
        gap = len(rest) - len(rest.lstrip())
        return end + gap + 1 if rest[gap : gap + 1] == b";" else end

    def at_body_start(self, function: Function, text: str) -> list[Edit]:
        """Put a statement first in a function's body."""
        assert function.body is not None
        at = function.body.start + 1
        return [Edit(at, at, f"\n{self.indent(function.start)}    {text}")]

    def with_modifier(self, function: Function, name: str) -> list[Edit]:
        """Add a modifier to a function's head."""
        assert function.body is not None
        head = bytearray(self.text.data[function.start : function.body.start])
        for start, end in self.contract.unit.tree.comments:
            if function.start <= start and end <= function.body.start:
                at = start - function.start
                head[at : at + end - start] = b" " * (end - start)
        returns = [found.start() for found in _RETURNS.finditer(bytes(head))]
        if returns:
            at = function.start + returns[-1]
            return [Edit(at, at, f"{name} ")]
        at = function.start + len(bytes(head).rstrip())
        return [Edit(at, at, f" {name}")]

    def at_body_end(self, function: Function, text: str) -> list[Edit]:
        """Put a statement last in a function's body."""
        assert function.body is not None
        at, outer = function.body.end - 1, self.indent(function.start)
        return [Edit(at, at, f"    {text}\n{outer}")]

    def at_contract_end(self, text: str) -> list[Edit]:
        """Append declarations to the contract."""
        at = self.contract.tree.end - 1
        outer = self.indent(self.contract.tree.start)
        lines = "".join(f"{outer}    {line}\n" if line else "\n" for line in text.split("\n"))
        return [Edit(at, at, f"\n{lines}{outer}")]


def site_of(loaded: LoadedProgram, finding: Finding, version: tuple[int, int, int]) -> Site | None:
    """Locate a finding; None in a file without contracts."""
    where = finding.location
    text = loaded.texts[where.path]
    start = offset(text, where.line, where.column)
    end = offset(text, where.end_line, where.end_column)
    for contract in loaded.program.contracts:
        tree = contract.tree
        if contract.unit.path == where.path and tree.start <= start < tree.end:
            function = next((f for f in tree.functions if f.start <= start < f.end), None)
            return Site(finding, text, contract, function, start, end, version, loaded.program)
    # What stands outside of contracts, such as a pragma, is judged with the first of them.
    here = [each for each in loaded.program.contracts if each.unit.path == where.path]
    first = next(iter(sorted(here, key=lambda each: each.tree.kind != "contract")), None)
    if first is None:
        return None
    return Site(finding, text, first, None, start, end, version, loaded.program)


def offset(text: SourceText, line: int, column: int) -> int:
    """Return the byte offset of a line and a column, both counted from 1."""
    start = text.line_starts[min(line, len(text.line_starts)) - 1]
    return start + len(text.line(line)[: column - 1].encode())


def expression_at(site: Site, kind: type[_Kind]) -> _Kind | None:
    """Return the innermost node of a kind that holds the finding, else the first inside it."""
    if site.function is None or site.function.body is None:
        return None
    path = around(site.function.body, site.start, site.end)
    held = next((node for node in reversed(path) if isinstance(node, kind)), None)
    if held is not None and not isinstance(path[-1], Block):
        return held
    found = (each for each in inside(path[-1]) if isinstance(each, kind))
    within = (each for each in found if _spans(site, each))
    return next(within, held)


def _spans(site: Site, node: Node) -> bool:
    return bool(site.start <= node.start and node.end <= site.end)
