"""Lets compilers confirm and refine what was read; without one, all stays as it was read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from diptych.audit.compile.errors import CompilerUnavailable, NotCompiled
from diptych.audit.compile.settings import Settings
from diptych.audit.compile.source import Sources, closure
from diptych.audit.compile.toolchain import Toolchain
from diptych.audit.compile.tree import disagreements, meanings_of
from diptych.audit.graph.program import Unit
from diptych.audit.source.load import LoadedProgram
from diptych.core.errors import DiptychError
from diptych.core.progress import ProgressFactory, silent

__all__ = ["Refined", "one_line", "refine_solidity"]

_MAX_TOLD = 600
_SETTINGS = Settings(optimizer_runs=None, ast=True, code=False)


@dataclass(frozen=True)
class Refined:
    """A program with what compilers know of it, and why they know nothing of some files."""

    loaded: LoadedProgram
    refused: Mapping[str, str]


def one_line(*parts: str) -> str:
    """Write a compiler's complaint, which quotes a stranger's source, for one line of a report."""
    text = " ".join("; ".join(part for part in parts if part).split())
    return "".join(char if char.isprintable() else "\ufffd" for char in text[:_MAX_TOLD])


def refine_solidity(
    loaded: LoadedProgram, toolchain: Toolchain, progress: ProgressFactory = silent
) -> Refined:
    """Compile what can be, and attach types and meanings of names to the units.

    Files that others import are compiled with them, so the largest closures come first.

    Args:
        loaded: the program; its units take on what the compiler knows.
        toolchain: compilers, fetched when first needed.
        progress: how to show what is done.
    """
    work = _Work(loaded, toolchain)
    units = [unit for unit in loaded.program.units if unit.tree.language == "solidity"]
    wanted = [unit for unit in units if unit.path in set(loaded.scanned)]
    wanted.sort(key=lambda unit: -len(unit.visible))
    with progress("compile", total=len(wanted), unit="file") as task:
        for unit in wanted:
            work.take(unit)
            task.advance(1)
    made = {**loaded.compilers, **work.compilers}
    reasons = {path: (*loaded.reasons.get(path, ()), *why) for path, why in work.reasons.items()}
    refined = replace(loaded, compilers=made, reasons={**loaded.reasons, **reasons})
    return Refined(refined, work.refused)


class _Work:
    def __init__(self, loaded: LoadedProgram, toolchain: Toolchain) -> None:
        self._loaded = loaded
        self._toolchain = toolchain
        self._gone = ""
        self.compilers: dict[str, str] = {}
        self.reasons: dict[str, tuple[str, ...]] = {}
        self.refused: dict[str, str] = {}

    def take(self, unit: Unit) -> None:
        """Refine one file and all that it imports, unless that is done."""
        if unit.path in self.compilers:
            return
        try:
            sources = closure(self._loaded, unit.path)
            if self._gone:
                raise CompilerUnavailable(self._gone)
            compiled = self._toolchain.compile(sources, _SETTINGS)
        except NotCompiled as error:
            self.refused[unit.path] = one_line(error.message)
            return
        except DiptychError as error:  # neither node nor network: the others would fail, too
            self._gone = error.message
            self.refused[unit.path] = one_line(error.message, error.hint)
            return
        self._attach(sources, compiled.asts, f"solc {compiled.version}")

    def _attach(self, sources: Sources, trees: dict[str, object], compiler: str) -> None:
        paths = {name: path for path, name in sources.names.items()}
        found = meanings_of(trees, paths)
        for unit, name in self._fresh(sources):
            if name not in trees or not _is_text(sources.texts[name]):
                continue
            unit.meanings = found[unit.path]
            self.compilers[unit.path] = compiler
            why = disagreements(unit, trees[name])
            if why:
                self.reasons[unit.path] = tuple(why)

    def _fresh(self, sources: Sources) -> Iterator[tuple[Unit, str]]:
        """Yield the units of a closure that no compiler has spoken of yet."""
        for unit in self._loaded.program.units:
            name = sources.names.get(unit.path)
            if name is not None and unit.path not in self.compilers:
                yield unit, name


def _is_text(data: bytes) -> bool:
    """Whether the compiler's offsets count in these bytes: it saw others in place of bad ones."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
