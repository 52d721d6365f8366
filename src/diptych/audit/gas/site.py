"""One contract as rewrites see it: its text, its graphs, and where code can be put."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from diptych.audit.analysis.contract import ContractGraph, FunctionView, build_contract, is_write
from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.walk import inside
from diptych.audit.graph.ops import Op
from diptych.audit.graph.program import ContractNode
from diptych.audit.graph.types import Type
from diptych.audit.source.text import SourceText
from diptych.audit.syntax.statements import Assembly, Block, Statement
from diptych.audit.syntax.tree import Assign, Index, Member, Name, Unary, Update
from diptych.audit.syntax.unit import Function, StateVariable

__all__ = ["VALUES", "GasSite", "root_name"]

VALUES: Final = frozenset({"uint", "int", "bool", "address", "fixed_bytes", "enum", "contract"})
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_HIDDEN_EFFECTS = frozenset({"call", "internal"})


@dataclass(frozen=True)
class GasSite:
    """A contract of a file.

    Attributes:
        text: the file.
        contract: the contract.
        heirs: every contract of the program that holds its code, itself included.
        version: of the compiler that the file is compiled with.
    """

    text: SourceText
    contract: ContractNode
    heirs: tuple[ContractNode, ...]
    version: tuple[int, int, int]

    # --- reading --------------------------------------------------------------------------------

    def source(self, node: Any) -> str:
        """Return the source text of a node."""
        return self.slice(node.start, node.end)

    def slice(self, start: int, end: int) -> str:
        """Return a stretch of the file."""
        return self.text.data[start:end].decode("utf-8", "replace")

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """The contract's own functions that have a body, modifiers left out."""
        return tuple(
            each
            for each in self.contract.tree.functions
            if each.body is not None and each.kind != "modifier"
        )

    @cached_property
    def variables(self) -> dict[str, StateVariable]:
        """The contract's state variables and those it inherits, by name."""
        return {
            each.name: each
            for owner in reversed(self.contract.ancestry)
            for each in owner.tree.variables
        }

    def is_own(self, variable: StateVariable) -> bool:
        """Whether a variable is declared here."""
        return any(each is variable for each in self.contract.tree.variables)

    def type_of(self, variable: StateVariable) -> Type:
        """Return a variable's type."""
        owner = next(
            each
            for each in self.contract.ancestry
            if any(one is variable for one in each.tree.variables)
        )
        return owner.type_of(variable.type)

    @cached_property
    def graphs(self) -> tuple[ContractGraph, ...]:
        """The program graph of every heir."""
        return tuple(build_contract(each, set()) for each in self.heirs)

    def views(self, function: Function) -> tuple[FunctionView, ...]:
        """Return the graphs of all functions that run a function, whole or inlined."""
        return self._views.get(id(function), ())

    @cached_property
    def _views(self) -> dict[int, tuple[FunctionView, ...]]:
        found: dict[int, dict[int, FunctionView]] = {}
        for graph in self.graphs:
            for view in graph.functions:
                for op in view.ops:
                    if op.frame.function is not None:
                        found.setdefault(id(op.frame.function), {})[id(view)] = view
        return {key: tuple(views.values()) for key, views in found.items()}

    def ops(self, function: Function, kind: str) -> Iterator[tuple[FunctionView, Op]]:
        """Yield a function's own ops of a kind, from every graph that holds it."""
        for view in self.views(function):
            for op in view.ops:
                if op.kind == kind and op.frame.function is function:
                    yield view, op

    def entries(self, function: Function) -> frozenset[str]:
        """Return the names of the functions through which a function runs."""
        return frozenset(
            view.function.name or view.function.kind
            for view in self.views(function)
            if view.function is not None and (view.is_entry or view.is_constructor)
        )

    # --- judging --------------------------------------------------------------------------------

    def is_calm(self, function: Function) -> bool:
        """Whether nothing that runs with a function leaves the contract or is out of sight."""
        views = self.views(function)
        if not views or any(isinstance(each, Assembly) for each in inside(function.body)):
            return False
        return not any(
            view.graph.truncated or any(op.kind in _HIDDEN_EFFECTS for op in view.ops)
            for view in views
        )

    def is_written(self, function: Function, variable: StateVariable) -> bool:
        """Whether anything that runs with a function changes a variable in storage."""
        return any(
            is_write(op) and op.place.variable in (None, variable)
            for view in self.views(function)
            for op in view.ops
        )

    def is_steady(self, function: Function, variable: StateVariable) -> bool:
        """Whether a variable keeps its value while a function runs."""
        return self.is_calm(function) and not self.is_written(function, variable)

    def assigned(self, function: Function) -> frozenset[str]:
        """Return the names that a function assigns to, or to parts of."""
        return frozenset(_assigned(function))

    def is_fixed(self, function: Function, key: Any) -> bool:
        """Whether an expression is a parameter that never changes, or the caller."""
        if isinstance(key, Name):
            names = {each.name for each in function.parameters}
            return key.text in names and key.text not in self.assigned(function)
        return isinstance(key, Member) and self.source(key) == "msg.sender"

    # --- writing --------------------------------------------------------------------------------

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

    def indent(self, offset: int) -> str:
        """Return the white space that the line of an offset begins with."""
        start = self.text.data.rfind(b"\n", 0, offset) + 1
        line = self.text.data[start:offset]
        return line[: len(line) - len(line.lstrip())].decode("utf-8", "replace")

    def at_body_start(self, function: Function, text: str) -> Edit:
        """Put a statement first in a function's body."""
        assert function.body is not None
        at = function.body.start + 1
        return Edit(at, at, f"\n{self.indent(function.start)}    {text}")

    def before(self, statement: Statement, text: str) -> Edit:
        """Put a statement before one that stands in a block."""
        start = statement.start
        return Edit(start, start, f"{text}\n{self.indent(start)}")

    def statement_end(self, statement: Statement) -> int:
        """Return the offset after a statement, its semicolon included."""
        end = statement.end
        if self.text.data[end - 1 : end] in (b";", b"}"):
            return end
        rest = self.text.data[end : end + 200]
        gap = len(rest) - len(rest.lstrip())
        return end + gap + 1 if rest[gap : gap + 1] == b";" else end

    def at_contract_end(self, lines: list[str]) -> Edit:
        """Append declarations to the contract."""
        at = self.contract.tree.end - 1
        outer = self.indent(self.contract.tree.start)
        text = "".join(f"{outer}    {line}\n" for line in lines)
        return Edit(at, at, f"\n{text}{outer}")


def in_blocks(function: Function) -> Iterator[tuple[Block, Statement]]:
    """Yield every statement of a function that stands in a block of its own, with the block."""
    for node in inside(function.body):
        if isinstance(node, Block):
            yield from ((node, each) for each in node.statements)


def root_name(node: Any) -> str:
    """Return the name at the root of `a.b[c]`, empty if there is none."""
    while isinstance(node, Member | Index):
        node = node.base
    return node.text if isinstance(node, Name) else ""


def _assigned(function: Function) -> Iterator[str]:
    for node in inside(function.body):
        if isinstance(node, Assign):
            for each in getattr(node.left, "items", (node.left,)):
                yield root_name(each)
        elif isinstance(node, Update) or (isinstance(node, Unary) and node.operator == "delete"):
            yield root_name(node.operand)
        elif isinstance(node, Member) and node.name in ("push", "pop"):
            yield root_name(node.base)


def type_words(kind: Type) -> str:
    """Return how a value type is written, empty for others."""
    if kind.kind in ("uint", "int"):
        return f"{kind.kind}{kind.bits}"
    if kind.kind == "fixed_bytes":
        return f"bytes{kind.bits // 8}"
    if kind.kind in ("bool", "address"):
        return kind.kind
    return kind.name if kind.kind in ("enum", "contract") else ""
