"""Scans that use what earlier ones found: only what changed, or meets what changed, is analysed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from diptych.audit.cache.entry import KeptGroup, Member
from diptych.audit.cache.store import ScanStore
from diptych.audit.ranking import Ranker
from diptych.audit.rules.rule import Rule
from diptych.audit.scan import GroupFound, Report, merged, scan_groups
from diptych.audit.source.files import read_source
from diptych.audit.source.groups import Group, groups_of
from diptych.audit.source.imports import Resolver
from diptych.audit.source.load import LoadedProgram, load_program
from diptych.audit.source.text import SourceText
from diptych.core.progress import ProgressFactory, silent

__all__ = ["scan_kept"]


def scan_kept(
    paths: Sequence[Path],
    judges: tuple[Sequence[Rule], Ranker | None],
    store: ScanStore,
    progress: ProgressFactory = silent,
    *,
    jobs: int = 1,
) -> Report:
    """Scan files as `scan_files` does, with the same result, using what is kept where it holds.

    A group of files is used again if every file that was read for it is the same, every import
    leads where it led, and no other file of this scan belongs to it by now.

    Args:
        paths: the files.
        judges: rules, and who judges what they match; the store is for these.
        store: what is kept, and where this scan's findings go.
        progress: how to show that contracts are done.
        jobs: how many processes scan; the result is the same.
    """
    kept = store.load()
    wanted = {str(path.resolve()): path for path in paths}
    checker = _Checker(frozenset(wanted))
    holding = [group for group in kept if checker.holds(group)]
    loaded, holding = _load_rest(wanted, holding, progress)
    groups = groups_of(loaded)
    found = scan_groups(loaded, groups, judges, progress, jobs=jobs)
    fresh = [
        _kept(loaded, group, result)
        for group, result in zip(groups, found, strict=True)
        if result.is_whole
    ]
    if fresh:
        scanned = {path for group in (*fresh, *holding) for path in group.scanned}
        others = [group for group in kept if scanned.isdisjoint(group.scanned)]
        store.save([*fresh, *holding, *others])
    texts = {one.path: checker.read(one.path) for group in holding for one in group.members}
    return merged([*(group.found for group in holding), *found], judges[0], texts | loaded.texts)


class _Checker:
    """Holds kept groups against what is there now."""

    def __init__(self, wanted: frozenset[str]) -> None:
        self._wanted: Final = wanted
        self._texts: Final[dict[str, SourceText]] = {}
        self._resolver: Final = Resolver()

    def read(self, path: str) -> SourceText:
        """Return the text of a path, read once."""
        if path not in self._texts:
            self._texts[path] = read_source(Path(path))[0]
        return self._texts[path]

    def holds(self, group: KeptGroup) -> bool:
        """Whether a group is still what it was, and all that this scan asks for of it."""
        reals = {one.path: one.real for one in group.members}
        asked = {one.real for one in group.members if one.real in self._wanted}
        if not asked or asked != {reals[path] for path in group.scanned}:
            return False
        return all(map(self._is_same, group.members)) and all(map(self._leads, group.links))

    def _is_same(self, member: Member) -> bool:
        path = Path(member.path)
        return str(path.resolve()) == member.real and self.read(member.path).digest == member.digest

    def _leads(self, link: tuple[str, str, str | None]) -> bool:
        importer, said, found = link
        now = self._resolver.find(said, Path(importer))
        return (None if now is None else str(now)) == found


def _load_rest(
    wanted: Mapping[str, Path], holding: list[KeptGroup], progress: ProgressFactory
) -> tuple[LoadedProgram, list[KeptGroup]]:
    """Load what no group covers; groups that this meets by its imports hold no longer."""
    while True:
        covered = {one.real for group in holding for one in group.members}
        left = [path for real, path in wanted.items() if real not in covered]
        loaded = load_program(left, progress=progress)
        met = {str(Path(path).resolve()) for path in loaded.texts}
        apart = [group for group in holding if met.isdisjoint(_scanned(group))]
        if len(apart) == len(holding):
            return loaded, holding
        holding = apart


def _scanned(group: KeptGroup) -> set[str]:
    return {one.real for one in group.members if one.path in group.scanned}


def _kept(loaded: LoadedProgram, group: Group, found: GroupFound) -> KeptGroup:
    scanned = frozenset(group.paths)
    read = dict.fromkeys(group.paths)
    for unit in loaded.program.units:
        if unit.path in scanned:
            files = (other.path for other in unit.visible if not other.path.startswith("<"))
            read.update(dict.fromkeys(files))  # `<…>` comes with us and is no file
    reals = {path: str(Path(path).resolve()) for path in read}
    return KeptGroup(
        scanned=group.paths,
        members=tuple(
            Member(path, real, loaded.texts[path].digest) for path, real in reals.items()
        ),
        links=tuple(
            (reals[one.importer], one.said, None if one.found is None else reals[one.found])
            for one in loaded.links
            if one.importer in reals
        ),
        found=found,
    )
