"""Lets Vyper's compilers confirm what was read of its files and, from 0.4 on, say its types."""

from dataclasses import replace
from pathlib import PurePosixPath

from diptych.audit.compile.errors import CompilerUnavailable, NotCompiled
from diptych.audit.compile.refine import Refined, one_line
from diptych.audit.compile.source import source_names
from diptych.audit.compile.vyper import Checked, VyperSources, VyperToolchain
from diptych.audit.compile.vyper_tree import vyper_meanings
from diptych.audit.graph.program import Unit
from diptych.audit.source.load import LoadedProgram
from diptych.core.progress import ProgressFactory, silent

__all__ = ["refine_vyper"]

_MAX_FILES = 500
_MAX_TOLD = 3


def refine_vyper(
    loaded: LoadedProgram, toolchain: VyperToolchain, progress: ProgressFactory = silent
) -> Refined:
    """Compile the Vyper files of a scan, each by itself, with the version its pragma picks.

    Args:
        loaded: the program.
        toolchain: compilers, fetched when first needed.
        progress: how to show what is done.
    """
    scanned = set(loaded.scanned)
    wanted = [
        unit
        for unit in loaded.program.units
        if unit.path in scanned and unit.tree.language == "vyper" and unit.path.endswith(".vy")
    ]
    compilers, refused = dict(loaded.compilers), dict[str, str]()
    reasons = dict(loaded.reasons)
    with progress("compile", total=len(wanted), unit="file") as task:
        for unit in wanted:
            try:
                checked = toolchain.check(_sources(loaded, unit), unit.tree.pragmas)
            except (NotCompiled, CompilerUnavailable) as error:
                refused[unit.path] = one_line(error.message, error.hint)
            else:
                compilers[unit.path] = f"vyper {checked.version}"
                _attach(loaded, unit, checked)
                missing = sorted(checked.functions - _known(unit))[:_MAX_TOLD]
                why = (f"the compiler sees '{each}', which was not read" for each in missing)
                reasons[unit.path] = (*reasons.get(unit.path, ()), *why)
            task.advance(1)
    kept = {path: why for path, why in reasons.items() if why}
    return Refined(replace(loaded, compilers=compilers, reasons=kept), refused)


def _attach(loaded: LoadedProgram, unit: Unit, checked: Checked) -> None:
    """Give what the compiler knows to a file and to what it imports."""
    visible = tuple(each for each in unit.visible if not each.path.startswith("<"))
    names = source_names(loaded, visible)
    units = {names[each.path]: each for each in visible}
    found = vyper_meanings(checked.tree, units)
    for each in visible:
        if each.path in found and (each is unit or each.meanings is None):
            each.meanings = found[each.path]


def _sources(loaded: LoadedProgram, unit: Unit) -> VyperSources:
    """Collect a file and what it imports, and the folders that its imports count from."""
    units = tuple(each for each in unit.visible if not each.path.startswith("<"))
    if len(units) > _MAX_FILES:
        raise NotCompiled(f"got {len(units):,} files, expected at most {_MAX_FILES:,}")
    names = source_names(loaded, units)
    roots = {".": None, str(PurePosixPath(names[unit.path]).parent): None}
    for link in loaded.links:
        if link.importer in names and link.found in names and not link.said.startswith("."):
            module = PurePosixPath(names[link.found or ""]).with_suffix("")
            depth = link.said.count(".")
            if len(module.parts) > depth:
                roots[str(module.parents[depth])] = None
    texts = {names[each.path]: loaded.texts[each.path].data for each in units}
    return VyperSources(texts, names[unit.path], tuple(roots))


def _known(unit: Unit) -> frozenset[str]:
    """Return every name that can stand in the interface: ours, and those of imported modules."""
    contracts = [contract for one in unit.visible for contract in one.tree.contracts]
    functions = {each.name for contract in contracts for each in contract.functions}
    return frozenset(functions | {each.name for one in contracts for each in one.variables})
