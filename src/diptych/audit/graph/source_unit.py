"""One source file of a program, and what its compiler would be."""

import re
from functools import cached_property
from typing import Final

from diptych.audit.graph.age import looks_old
from diptych.audit.graph.meanings import Meanings
from diptych.audit.syntax.unit import SourceUnit

__all__ = ["Unit"]

_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")


class Unit:
    """One source file in a program; `text` is what its offsets count in, less the shift."""

    def __init__(self, path: str, tree: SourceUnit, text: bytes = b"") -> None:
        self.path: Final = path
        self.tree: Final = tree
        self.text: Final = text
        self.imports: tuple[Unit, ...] = ()
        self.modules: dict[str, Unit] = {}  # of Vyper, by the name they have here
        self.meanings: Meanings | None = None  # what a compiler knows, where one was asked

    @cached_property
    def version(self) -> tuple[int, int, int]:
        """The lowest compiler version that the pragma names.

        Where it names none: 0.4.0 if something could not be written so since, else 0.8.0.
        """
        found = [
            (int(m[1]), int(m[2]), int(m[3] or 0))
            for pragma in self.tree.pragmas
            if "solidity" in pragma
            for m in _VERSION.finditer(pragma)
        ]
        return min(found) if found else ((0, 4, 0) if self._is_old else (0, 8, 0))

    @property
    def _is_old(self) -> bool:
        """Whether a function says nothing of who may call it, or other things are of old."""
        if self.tree.language != "solidity":
            return False
        return looks_old(self.text) or any(
            function.kind == "function" and function.name and not function.visibility
            for contract in self.tree.contracts
            if contract.kind == "contract"
            for function in contract.functions
        )

    @cached_property
    def is_undated(self) -> bool:
        """Whether this is functions without a contract, of whose compiler nothing is known."""
        dated = self.tree.pragmas or self.tree.contracts or self._is_old
        return self.tree.language == "solidity" and not dated

    @property
    def visible(self) -> tuple["Unit", ...]:
        """This unit and all that it imports, nearest first."""
        found = {self.path: self}
        pending = [self]
        for unit in pending:
            for each in unit.imports:
                if each.path not in found:
                    found[each.path] = each
                    pending.append(each)
        return tuple(found.values())

    @cached_property
    def is_scoped(self) -> bool:
        """Whether locals live in their block alone, not in their whole function."""
        return self.version >= (0, 5, 0)

    @cached_property
    def checks_overflow(self) -> bool:
        """Whether plain arithmetic reverts on overflow here."""
        return self.tree.language != "solidity" or self.version >= (0, 8, 0)
