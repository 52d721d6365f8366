"""From files to a program: read, parsed, and linked to what they import."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from diptych.audit.graph.program import Program, Unit
from diptych.audit.source.files import read_source
from diptych.audit.source.imports import Project
from diptych.audit.source.text import SourceText
from diptych.audit.syntax.solidity.reader import read_solidity

__all__ = ["LoadedProgram", "load_program"]

_MAX_UNITS = 60_000
_MAX_SHOWN = 5


@dataclass(frozen=True)
class LoadedProgram:
    """A program with its texts.

    Attributes:
        program: the units, linked.
        texts: every file's text by path.
        scanned: paths that were asked for, in order; the others were imported.
        reasons: why the analysis of a path is partial.
    """

    program: Program
    texts: dict[str, SourceText]
    scanned: tuple[str, ...]
    reasons: dict[str, tuple[str, ...]]


def load_program(paths: Sequence[Path]) -> LoadedProgram:
    """Read files and all that they import.

    Args:
        paths: the files; what they import is looked for in their own project only.
    """
    loader = _Loader()
    scanned = tuple(loader.load(path) for path in paths)
    loader.follow()
    program = Program(tuple(loader.units.values()))
    reasons = {path: tuple(found) for path, found in loader.reasons.items() if found}
    return LoadedProgram(program, loader.texts, tuple(dict.fromkeys(scanned)), reasons)


class _Loader:
    def __init__(self) -> None:
        self.units: dict[str, Unit] = {}
        self.texts: dict[str, SourceText] = {}
        self.reasons: dict[str, list[str]] = {}
        self._files: dict[Path, str] = {}
        self._projects: dict[Path, Project] = {}
        self._pending: list[tuple[Unit, Path]] = []

    def load(self, path: Path) -> str:
        """Read and parse one file, once; returns the path it is known by."""
        real = path.resolve()
        if real in self._files:
            return self._files[real]
        text, reasons = read_source(path)
        tree = read_solidity(text.data)
        unit = Unit(text.path, tree, text.data)
        self._files[real] = text.path
        self.units[text.path], self.texts[text.path] = unit, text
        self.reasons[text.path] = list(reasons)
        for problem in tree.problems[:_MAX_SHOWN]:
            line, _ = text.position(problem.start - tree.shift)
            self.reasons[text.path].append(f"line {line}: {problem.reason}")
        self._pending.append((unit, real))
        return text.path

    def follow(self) -> None:
        """Load what is imported, and link it."""
        while self._pending:
            unit, real = self._pending.pop()
            project = self._projects.setdefault(real.parent, Project(real))
            linked: list[Unit] = []
            for each in unit.tree.imports:
                found = project.resolve(each.path, real)
                if found is None or len(self.units) >= _MAX_UNITS:
                    self.reasons[unit.path].append(f"import '{each.path}' is not there")
                else:
                    linked.append(self.units[self.load(found)])
            unit.imports = tuple(linked)
