"""From contracts to savings: a rewrite that fits is made, checked, measured, shown or dropped."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from types import TracebackType
from typing import Final, Self

from diptych.audit.compile import NotCompiled, Settings
from diptych.audit.compile.toolchain import Toolchain
from diptych.audit.fixes.check import Build, compile_build, compile_problem, with_text
from diptych.audit.fixes.edit import applied
from diptych.audit.fixes.errors import Withheld
from diptych.audit.fixes.upgrades import is_upgradeable
from diptych.audit.gas.measure import (
    CONSTRUCTOR,
    Effort,
    Measured,
    changed_subjects,
    measured,
    numbers_in,
)
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.rewrites.table import REWRITES
from diptych.audit.gas.saving import Saving
from diptych.audit.gas.site import GasSite
from diptych.audit.graph.program import ContractNode
from diptych.audit.replay.node import ReplayNode
from diptych.audit.source.groups import groups_of
from diptych.audit.source.load import LoadedProgram

__all__ = ["GasMeter"]

_MAX_TRIED = 400


class GasMeter:
    """Rewrites the contracts of one program; holds a compiler and uses a node.

    Args:
        loaded: the program.
        node: where both versions are measured.
        settings: how sources are compiled, before and after.
        toolchain: where compilers come from.
        effort: how many calls are played.
        only: ids of rewrites to try; none means all.
    """

    def __init__(
        self,
        loaded: LoadedProgram,
        node: ReplayNode,
        *,
        settings: Settings | None = None,
        toolchain: Toolchain | None = None,
        effort: Effort | None = None,
        only: frozenset[str] = frozenset(),
    ) -> None:
        self.loaded = loaded
        self._node: Final = node
        self._settings: Final = settings or Settings()
        self._toolchain: Final = toolchain or Toolchain()
        self._effort: Final = effort or Effort()
        self._rewrites: Final = tuple(each for each in REWRITES if not only or each.id in only)
        self._version: str = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._toolchain.__exit__(kind, error, trace)

    @property
    def runs(self) -> int:
        """How many calls to each function a deployment is weighed against."""
        return self._settings.optimizer_runs or 1

    def savings(
        self, path: str, counted: Callable[[int], None] = lambda _: None
    ) -> Iterator[Saving]:
        """Yield what became of each rewrite in a file, each on top of those that were shown.

        Args:
            path: the file.
            counted: told how many places a contract has, before they are tried.

        Raises:
            NotCompiled: the file as it is does not compile.
        """
        part = self._part(path)
        build = compile_build(self._toolchain, part, path, self._settings)
        tried: set[tuple[str, ...]] = set()
        while len(tried) < _MAX_TRIED:
            found = self._next(build, path, tried)
            if found is None:
                return
            counted(1)
            saving, build = self._tried(build, *found)
            yield saving

    def total(self, path: str, before: LoadedProgram) -> Measured | None:
        """Measure a file as it is now against how it was, None where nothing changed."""
        if self.loaded.texts[path].data == before.texts[path].data:
            return None
        old = compile_build(self._toolchain, _part(before, path), path, self._settings)
        version = old.compiled.version
        new = compile_build(
            self._toolchain, self._part(path), path, self._settings, version=version
        )
        names = [n for n in old.loaded.program.contracts if n.unit.path == path]
        pairs = changed_subjects(old, new, names[0].tree.name, moves_storage=True)
        return measured(self._node, pairs, self._effort, numbers=numbers_in(names[0]))

    def again(self, saving: Saving, effort: Effort) -> Measured:
        """Measure a saving once more, from its two texts, with other calls.

        Raises:
            Withheld: it does not show.
            NotCompiled: a text does not compile.
        """
        part = self._part(saving.path)
        texts = [with_text(part, saving.path, text) for text in (saving.before, saving.after)]
        old = compile_build(self._toolchain, texts[0], saving.path, self._settings)
        new = self._compiled(texts[1], saving.path, old.compiled.version)
        contract = next(
            each for each in old.loaded.program.contracts if each.tree.name == saving.contract
        )
        return self._measured((old, new), saving, numbers_in(contract), effort)

    def _next(
        self, build: Build, path: str, tried: set[tuple[str, ...]]
    ) -> tuple[GasSite, Rewrite, Candidate] | None:
        for site in _sites(build, path):
            for rewrite in self._rewrites:
                for candidate in rewrite.candidates(site):
                    key = _key(site, rewrite, candidate)
                    if key not in tried:
                        tried.add(key)
                        return site, rewrite, candidate
        return None

    def _tried(
        self, build: Build, site: GasSite, rewrite: Rewrite, candidate: Candidate
    ) -> tuple[Saving, Build]:
        text, function = site.text, candidate.function
        made = Saving(
            rewrite,
            text.path,
            text.position(candidate.start)[0],
            site.contract.tree.name,
            "" if function is None else function.name or function.kind,
            candidate.subject,
            text.data,
            text.data,
            () if function is None else tuple(sorted(site.entries(function))),
        )
        try:
            after = applied(text.data, candidate.edits)
            changed = with_text(build.loaded, text.path, after)
            new = self._compiled(changed, text.path, build.compiled.version)
            _require_free(site, rewrite)
            numbers = numbers_in(site.contract)
            gas = self._measured((build, new), made, numbers, self._effort)
        except (Withheld, ValueError) as reason:
            return replace(made, dropped=str(reason)), build
        self.loaded = with_text(self.loaded, text.path, after)
        return replace(made, after=after, gas=gas), new

    def _measured(
        self, builds: tuple[Build, Build], saving: Saving, numbers: tuple[int, ...], effort: Effort
    ) -> Measured:
        """Measure with each seed by itself: a saving must show with every one."""
        moves = saving.rewrite.moves_storage
        pairs = changed_subjects(*builds, saving.contract, moves_storage=moves)
        found = Measured()
        for seed in effort.seeds:
            one = measured(
                self._node,
                pairs,
                replace(effort, seeds=(seed,)),
                focus=saving.entries,
                numbers=numbers,
            )
            _require_saving(one, self.runs, saving.entries)
            found.join(one)
        return found

    def _compiled(self, changed: LoadedProgram, path: str, version: str) -> Build:
        unit = next(each for each in changed.program.units if each.path == path)
        if unit.tree.problems:
            raise Withheld("the changed file cannot be read")
        try:
            return compile_build(self._toolchain, changed, path, self._settings, version=version)
        except NotCompiled as error:
            raise Withheld(f"it does not compile: {compile_problem(error)}") from error

    def _part(self, path: str) -> LoadedProgram:
        return _part(self.loaded, path)


def _part(loaded: LoadedProgram, path: str) -> LoadedProgram:
    """Return the program with only those files scanned that belong together with one."""
    group = next((each.paths for each in groups_of(loaded) if path in each.paths), (path,))
    return replace(loaded, scanned=group)


def _require_free(site: GasSite, rewrite: Rewrite) -> None:
    """Refuse to move storage behind a proxy.

    Raises:
        Withheld: it would.
    """
    if rewrite.moves_storage and any(is_upgradeable(each) for each in site.heirs):
        raise Withheld("it runs behind a proxy, so its storage must not move")


def _require_saving(found: Measured, runs: int, focus: tuple[str, ...]) -> None:
    """Demand that the changed code ran, and that it costs less.

    Raises:
        Withheld: it did not, or does not.
    """
    ran = {name.partition("(")[0] for (_, name), use in found.functions.items() if use.calls}
    if focus and not ran & set(focus):
        raise Withheld("no generated call got through the changed function")
    if focus == () and not ran - {CONSTRUCTOR}:
        raise Withheld("no generated call got through")
    before, after = found.runtime
    if after > before:
        raise Withheld(f"calls would cost {after - before:.0f} gas more")
    if found.saved(runs) <= 0:
        raise Withheld(f"it saves nothing over a deployment and {runs} calls of each function")


def _key(site: GasSite, rewrite: Rewrite, candidate: Candidate) -> tuple[str, ...]:
    function = candidate.function
    head = ""
    if function is not None:
        types = ",".join(site.source(each) for each in function.parameters)
        head = f"{function.kind} {function.name}({types})"
    return site.contract.tree.name, rewrite.id, head, candidate.subject


def _sites(build: Build, path: str) -> Iterator[GasSite]:
    numbers = [int(part) for part in build.compiled.version.split(".")]
    version = (numbers[0], numbers[1], numbers[2])
    for contract in build.loaded.program.contracts:
        if contract.unit.path == path:
            oldest = min(version, contract.unit.version)
            yield GasSite(build.loaded.texts[path], contract, _heirs(build, contract), oldest)


def _heirs(build: Build, contract: ContractNode) -> tuple[ContractNode, ...]:
    return tuple(
        each
        for each in build.loaded.program.contracts
        if any(one is contract for one in each.ancestry)
    )
