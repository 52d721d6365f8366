"""From files to a program: read, parsed, and linked to what they import."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeAlias

from diptych.audit.graph.program import Program, Unit
from diptych.audit.source.bundle import Bundle, is_bundle, read_bundle
from diptych.audit.source.files import read_source
from diptych.audit.source.imports import Resolver
from diptych.audit.source.modules import is_vyper
from diptych.audit.source.scope import own_names
from diptych.audit.source.text import SourceText
from diptych.audit.syntax.evm.reader import LANGUAGE, is_bytecode, read_bytecode
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
        passed: how many sources of bundles were passed over, by what they are for.
        virtual: paths that are names inside of bundles, not files.
        compilers: which compiler refined what was read of a path.
    """

    program: Program
    texts: dict[str, SourceText]
    scanned: tuple[str, ...]
    reasons: dict[str, tuple[str, ...]]
    links: tuple[Link, ...] = field(default=(), repr=False)
    passed: Mapping[str, int] = field(default_factory=dict)
    virtual: frozenset[str] = frozenset()
    compilers: Mapping[str, str] = field(default_factory=dict)


def load_program(
    paths: Sequence[Path],
    base: Path | None = None,
    progress: ProgressFactory = silent,
    *,
    everything: bool = False,
    fetched: Sequence[SourceText] = (),
) -> LoadedProgram:
    """Read files and all that they import.

    Args:
        paths: the files; what they import is looked for in their own project only. One that ends
            in `.json` holds sources, which are known by their names inside; where several paths
            are given, the file's stands before them.
        base: folder that paths are shown from, if they lie in it; None shows them as given.
        progress: how to show that files are read.
        everything: ask for sources of libraries in bundles, too.
        fetched: codes by address, which stand in no file.
    """
    loader = _Loader(base)
    named: dict[str, None] = {}
    with progress("files", total=len(paths), unit="file") as task:
        for path in paths:
            if is_bundle(path):
                prefix = f"{path}:" if len(paths) > 1 else ""
                named.update(dict.fromkeys(loader.unpack(path, prefix, everything=everything)))
            else:
                named[loader.load(path)] = None
            task.advance(1)
    named.update(dict.fromkeys(loader.take(text) for text in fetched))
    loader.follow()
    return LoadedProgram(
        Program(tuple(loader.units.values())),
        loader.texts,
        tuple(named),
        {path: tuple(found) for path, found in loader.reasons.items() if found},
        tuple(loader.links),
        dict(loader.passed),
        frozenset(loader.virtual),
    )


_Finder: TypeAlias = Callable[[str], Unit | None]


class _Loader:
    def __init__(self, base: Path | None) -> None:
        self._base = base
        self.units: dict[str, Unit] = {}
        self.texts: dict[str, SourceText] = {}
        self.reasons: dict[str, list[str]] = {}
        self.links: list[Link] = []
        self.passed: Counter[str] = Counter()
        self.virtual: set[str] = set()
        self._files: dict[Path, str] = {}
        self._resolver = Resolver()
        self._pending: list[tuple[Unit, _Finder]] = []

    def load(self, path: Path) -> str:
        """Read and parse one file, once; returns the path it is known by."""
        real = path.resolve()
        if real in self._files:
            return self._files[real]
        text, reasons = read_source(path)
        if self._base is not None and path.is_relative_to(self._base):
            text = SourceText(path.relative_to(self._base).as_posix(), text.data)
        self._files[real] = text.path
        self._add(text, reasons, lambda said: self._on_disk(said, real))
        return text.path

    def _on_disk(self, said: str, importer: Path) -> Unit | None:
        found = self._resolver.find(said, importer)
        if found is None or len(self.units) >= _MAX_UNITS:
            return None
        if found in self._files:
            return self.units[self._files[found]]
        return self.units[self.load(found)]

    def unpack(self, path: Path, prefix: str, *, everything: bool) -> list[str]:
        """Read and parse the sources of a bundle; returns the paths of those to scan."""
        bundle, reason = read_bundle(path)
        if reason or not bundle.texts:
            shown = str(path)
            self._add(SourceText(shown, b""), (reason or "holds no sources",), lambda _: None)
            return [shown]
        for name, data in bundle.texts.items():
            if prefix + name not in self.units:
                text = SourceText(prefix + name, data)
                self._add(text, bundle.reasons.get(name, ()), _inside(self, bundle, name, prefix))
                self.virtual.add(text.path)
        own, passed = (bundle.texts, {}) if everything else own_names(bundle.texts)
        self.passed.update(passed)
        return [prefix + name for name in own]

    def take(self, text: SourceText) -> str:
        """Parse what stands in no file; returns the path it is known by."""
        if text.path not in self.units:
            self._add(text, (), lambda _: None)
            self.virtual.add(text.path)
        return text.path

    def _add(self, text: SourceText, reasons: Iterable[str], find: _Finder) -> None:
        tree = _parse(text)
        if tree.language == LANGUAGE and tree.code is None:
            text = SourceText(text.path, b"")  # as of any file that is not what its ending says
        unit = Unit(text.path, tree, text.data)
        self.units[text.path], self.texts[text.path] = unit, text
        told = self.reasons[text.path] = list(reasons)
        for problem in tree.problems[:_MAX_SHOWN]:
            line, _ = text.position(problem.start - tree.shift)
            told.append(f"line {line}: {problem.reason}")
        self._pending.append((unit, find))

    def follow(self) -> None:
        """Load what is imported, and link it."""
        while self._pending:
            unit, find = self._pending.pop()
            linked: list[Unit] = []
            for each in unit.tree.imports:
                found = find(each.path)
                self.links.append(Link(unit.path, each.path, None if found is None else found.path))
                if found is None and is_vyper(Path(unit.path)) and each.path in STANDARDS:
                    found = self._standard(each.path)
                if found is None:
                    self.reasons[unit.path].append(f"import '{each.path}' is not there")
                else:
                    linked.append(found)
                    _name(unit, each, found)
            unit.imports = tuple(linked)

    def _standard(self, said: str) -> Unit:
        """Return an interface that comes with Vyper's compiler."""
        name = f"<{said}>"
        if name not in self.units:
            text = SourceText(name, STANDARDS[said].encode())
            tree = read_vyper(text.data, said.rpartition(".")[2], interface=True)
            self.units[name], self.texts[name] = Unit(name, tree, text.data), text
        return self.units[name]


def _inside(loader: _Loader, bundle: Bundle, importer: str, prefix: str) -> _Finder:
    """Return what finds the imports of one source of a bundle."""

    def find(said: str) -> Unit | None:
        name = bundle.find(said, importer)
        return None if name is None else loader.units.get(prefix + name)

    return find


def _name(unit: Unit, said: Import, module: Unit) -> None:
    """Note what a Vyper module is called where it is imported."""
    if unit.tree.language == "vyper" and said.alias and module.tree.contracts:
        unit.modules[said.alias] = module


def _parse(text: SourceText) -> SourceUnit:
    """Read a file as the language that its ending says."""
    path = Path(text.path)
    if is_vyper(path):
        return read_vyper(text.data, path.stem, interface=path.suffix == ".vyi")
    if is_bytecode(path):
        return read_bytecode(text.data, path.stem)
    return read_solidity(text.data)
