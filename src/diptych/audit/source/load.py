"""From files to a program: read, parsed, and linked to what they import."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from diptych.audit.graph.program import Program, Unit
from diptych.audit.source.files import read_source
from diptych.audit.source.imports import Resolver
from diptych.audit.source.modules import is_vyper
from diptych.audit.source.text import SourceText
from diptych.audit.syntax.evm.reader import read_bytecode
from diptych.audit.syntax.solidity.reader import read_solidity
from diptych.audit.syntax.unit import Import, SourceUnit
from diptych.audit.syntax.vyper.reader import read_vyper
from diptych.audit.syntax.vyper.standards import STANDARDS
from diptych.core.progress import ProgressFactory, silent

__all__ = ["Link", "LoadedProgram", "load_program"]

_MAX_UNITS = 60_000
_MAX_SHOWN = 5


class Link(NamedTuple):
    """An import: the file that says it, what it says, and the path that it led to, if any."""

    importer: str
    said: str
    found: str | None


@dataclass(frozen=True)
class LoadedProgram:
    """A program with its texts.

    Attributes:
        program: the units, linked.
        texts: every file's text by path.
        scanned: paths that were asked for, in order; the others were imported.
        reasons: why the analysis of a path is partial.
        links: every import of every file.
    """

    program: Program
    texts: dict[str, SourceText]
    scanned: tuple[str, ...]
    reasons: dict[str, tuple[str, ...]]
    links: tuple[Link, ...] = field(default=(), repr=False)


def load_program(
    paths: Sequence[Path], base: Path | None = None, progress: ProgressFactory = silent
) -> LoadedProgram:
    """Read files and all that they import.

    Args:
        paths: the files; what they import is looked for in their own project only.
        base: folder that paths are shown from, if they lie in it; None shows them as given.
        progress: how to show that files are read.
    """
    loader = _Loader(base)
    named: dict[str, None] = {}
    with progress("files", total=len(paths), unit="file") as task:
        for path in paths:
            named[loader.load(path)] = None
            task.advance(1)
    loader.follow()
    program = Program(tuple(loader.units.values()))
    reasons = {path: tuple(found) for path, found in loader.reasons.items() if found}
    return LoadedProgram(program, loader.texts, tuple(named), reasons, tuple(loader.links))


class _Loader:
    def __init__(self, base: Path | None) -> None:
        self._base = base
        self.units: dict[str, Unit] = {}
        self.texts: dict[str, SourceText] = {}
        self.reasons: dict[str, list[str]] = {}
        self.links: list[Link] = []
        self._files: dict[Path, str] = {}
        self._resolver = Resolver()
        self._pending: list[tuple[Unit, Path]] = []

    def load(self, path: Path) -> str:
        """Read and parse one file, once; returns the path it is known by."""
        real = path.resolve()
        if real in self._files:
            return self._files[real]
        text, reasons = read_source(path)
        if self._base is not None and path.is_relative_to(self._base):
            text = SourceText(path.relative_to(self._base).as_posix(), text.data)
        tree = _parse(text)
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
            linked: list[Unit] = []
            for each in unit.tree.imports:
                found = self._resolver.find(each.path, real)
                if found is None and is_vyper(real) and each.path in STANDARDS:
                    linked.append(self._standard(each.path))
                    _name(unit, each, linked[-1])
                    self.links.append(Link(unit.path, each.path, None))
                elif found is None or len(self.units) >= _MAX_UNITS:
                    self.reasons[unit.path].append(f"import '{each.path}' is not there")
                    self.links.append(Link(unit.path, each.path, None))
                else:
                    linked.append(self.units[self.load(found)])
                    _name(unit, each, linked[-1])
                    self.links.append(Link(unit.path, each.path, linked[-1].path))
            unit.imports = tuple(linked)

    def _standard(self, said: str) -> Unit:
        """Return an interface that comes with Vyper's compiler."""
        name = f"<{said}>"
        if name not in self.units:
            text = SourceText(name, STANDARDS[said].encode())
            tree = read_vyper(text.data, said.rpartition(".")[2], interface=True)
            self.units[name], self.texts[name] = Unit(name, tree, text.data), text
        return self.units[name]


def _name(unit: Unit, said: Import, module: Unit) -> None:
    """Note what a Vyper module is called where it is imported."""
    if unit.tree.language == "vyper" and said.alias and module.tree.contracts:
        unit.modules[said.alias] = module


def _parse(text: SourceText) -> SourceUnit:
    """Read a file as the language that its ending says."""
    path = Path(text.path)
    if is_vyper(path):
        return read_vyper(text.data, path.stem, interface=path.suffix == ".vyi")
    if path.suffix == ".hex":
        return read_bytecode(text.data, path.stem)
    return read_solidity(text.data)
