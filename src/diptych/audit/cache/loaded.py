"""Scans of programs that are loaded already, as from standard JSON, or that compilers spoke of.

What a group's scan finds depends on its sources, on where their imports lead, on what loading and
compilers said of them, and on rules and judge. A digest of the first three is its key; the store is
for the last two.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

from diptych.audit.cache.entry import KeptLoaded
from diptych.audit.cache.store import ScanStore
from diptych.audit.ranking import Ranker
from diptych.audit.rules.rule import Rule
from diptych.audit.scan import GroupFound, Report, merged, scan_groups
from diptych.audit.source.groups import Group, groups_of
from diptych.audit.source.load import LoadedProgram
from diptych.core.progress import ProgressFactory, silent

__all__ = ["scan_loaded"]


def scan_loaded(
    loaded: LoadedProgram,
    judges: tuple[Sequence[Rule], Ranker | None],
    store: ScanStore,
    progress: ProgressFactory = silent,
    *,
    jobs: int = 1,
) -> Report:
    """Scan a program as `scan_program` does, with the same result, using what is kept.

    Args:
        loaded: the program.
        judges: rules, and who judges what they match; the store is for these.
        store: what is kept, and where this scan's findings go.
        progress: how to show that contracts are done.
        jobs: how many processes scan; the result is the same.
    """
    kept = {one.key: one for one in store.load_loaded()}
    groups = groups_of(loaded)
    keys = [_key(loaded, group) for group in groups]
    fresh = [at for at, key in enumerate(keys) if key not in kept]
    found = scan_groups(loaded, [groups[at] for at in fresh], judges, progress, jobs=jobs)
    made = dict(zip(fresh, found, strict=True))
    whole = {keys[at]: KeptLoaded(keys[at], each) for at, each in made.items() if each.is_whole}
    if whole:
        used = {key: kept[key] for key in keys if key in kept}
        store.save_loaded([*{**whole, **used, **kept}.values()])
    results: list[GroupFound] = [
        made[at] if at in made else kept[key].found for at, key in enumerate(keys)
    ]
    return replace(merged(results, judges[0], loaded.texts), virtual=loaded.virtual)


def _key(loaded: LoadedProgram, group: Group) -> str:
    """Return a hex SHA-256 of all that a group's scan depends on, apart from rules and judge."""
    scanned = frozenset(group.paths)
    units = {
        other.path: other
        for unit in loaded.program.units
        if unit.path in scanned
        for other in (unit, *unit.visible)
    }
    told = [
        [
            path,
            loaded.texts[path].digest,
            unit.meanings is not None,
            loaded.compilers.get(path, ""),
            loaded.reasons.get(path, ()),
            [each.path for each in unit.imports],
            sorted((name, module.path) for name, module in unit.modules.items()),
        ]
        for path, unit in units.items()
    ]
    return hashlib.sha256(json.dumps([group.paths, told]).encode()).hexdigest()
