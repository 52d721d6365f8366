"""What a compiler is given: the import closure of one file, under names that know no machine."""

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from diptych.audit.compile.errors import NotCompiled
from diptych.audit.graph.program import Unit
from diptych.audit.source.load import LoadedProgram

__all__ = ["Sources", "closure", "source_names"]

_MAX_FILES = 2000


@dataclass(frozen=True)
class Sources:
    """The sources of one compilation.

    Attributes:
        texts: content by name, as the compiler gets to see it.
        names: the compiler's name of each path of the program.
        remappings: one exact remapping for each import that is not relative.
        pragmas: all pragmas of the closure.
    """

    texts: dict[str, bytes]
    names: dict[str, str]
    remappings: tuple[str, ...]
    pragmas: tuple[str, ...]


def closure(loaded: LoadedProgram, path: str, others: Collection[str] = ()) -> Sources:
    """Collect a file and all that it imports, as our own loader resolved it.

    Args:
        loaded: the program.
        path: the file, by its path there.
        others: files to collect with it, and all that they import.

    Raises:
        NotCompiled: an import is missing, a file is no whole source, or there are too many.
    """
    starts = [unit for unit in loaded.program.units if unit.path == path or unit.path in others]
    starts.sort(key=lambda unit: unit.path != path)
    found = {unit.path: unit for start in starts for unit in start.visible}
    units = tuple(found.values())
    if len(units) > _MAX_FILES:
        raise NotCompiled(f"{path}: got {len(units):,} files, expected at most {_MAX_FILES:,}")
    _require_whole(units)
    names = source_names(loaded, units)
    remappings: set[str] = set()
    for link in loaded.links:
        if link.importer not in names:
            continue
        if link.found is None or link.found not in names:
            raise NotCompiled(
                f"{link.importer}: import '{link.said}' is not there",
                hint="install the project's packages, then run the same command again",
            )
        if not link.said.startswith("."):
            remappings.add(f"{names[link.importer]}:{link.said}={names[link.found]}")
    return Sources(
        texts={names[unit.path]: loaded.texts[unit.path].data for unit in units},
        names=names,
        remappings=tuple(sorted(remappings)),
        pragmas=tuple(pragma for unit in units for pragma in unit.tree.pragmas),
    )


def source_names(loaded: LoadedProgram, units: tuple[Unit, ...]) -> dict[str, str]:
    """Name sources from the folder that holds them all; those of bundles have their names."""
    if any(unit.path in loaded.virtual for unit in units):
        return {unit.path: unit.path for unit in units}
    reals = {Path(unit.path).resolve(): unit for unit in units}
    root = os.path.commonpath([real.parent for real in reals])
    return {unit.path: real.relative_to(root).as_posix() for real, unit in sorted(reals.items())}


def _require_whole(units: tuple[Unit, ...]) -> None:
    for unit in units:
        if unit.tree.language != "solidity":
            raise NotCompiled(f"{unit.path}: got {unit.tree.language}, expected Solidity")
        if unit.tree.shift:
            raise NotCompiled(f"{unit.path}: got a fragment, expected a whole Solidity file")
