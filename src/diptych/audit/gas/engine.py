"""From contracts to savings: a rewrite that fits is made, checked, measured, shown or dropped."""

from collections.abc import Iterator
from dataclasses import replace
from types import TracebackType
from typing import Final, NamedTuple, Self

from diptych.audit.compile import NotCompiled, Settings
from diptych.audit.compile.toolchain import Toolchain
from diptych.audit.fixes.check import Build, compile_build, compile_problem, with_text
from diptych.audit.fixes.edit import applied
from diptych.audit.fixes.errors import Withheld
from diptych.audit.gas.measure import (
    CONSTRUCTOR,
    Effort,
    Measured,
    changed_subjects,
    measured,
    numbers_in,
)
from diptych.audit.gas.ownership import require_own_storage
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.rewrites.table import REWRITES
from diptych.audit.gas.saving import Saving
from diptych.audit.gas.site import GasSite
from diptych.audit.graph.program import ContractNode
from diptych.audit.replay.node import ReplayNode
from diptych.audit.source.load import LoadedProgram

__all__ = ["GasMeter"]

_MAX_TRIED = 400


class _Place(NamedTuple):
    site: GasSite
    rewrite: Rewrite
    candidate: Candidate


class GasMeter:
    """Rewrites the contracts of one program; holds a compiler and uses a node.

    Args:
        loaded: the program.
        node: where both versions are measured.
        settings: how sources are compiled, before and after.
        toolchain: where compilers come from.
        effort: how many calls are played.
        only: ids of rewrites to try; none means all.
        most: places that are tried for one root.
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
        most: int = _MAX_TRIED,
    ) -> None:
        self.loaded = loaded
        self._node: Final = node
        self._settings: Final = settings or Settings()
        self._toolchain: Final = toolchain or Toolchain()
        self._effort: Final = effort or Effort()
        self._rewrites: Final = tuple(each for each in REWRITES if not only or each.id in only)
        self._most: Final = most
        self._built: tuple[LoadedProgram, str, Build] | None = None

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

    @property
    def roots(self) -> tuple[str, ...]:
        """The files to measure: those that no other of the program's own files imports.

        What they import is rewritten in the contracts that use it, for a base has no gas alone.
        """
        units = {each.path: each for each in self.loaded.program.units}
        seen = {path: {unit.path for unit in units[path].visible} for path in self.loaded.scanned}
        first = [
            path
            for path in seen
            if not any(path in others for root, others in seen.items() if root != path)
        ]
        covered = set().union(*(seen[path] for path in first))
        return (*first, *(path for path in seen if path not in covered))

    def places(self, path: str) -> int:
        """Count the places in a root where some rewrite fits as it is now.

        Raises:
            NotCompiled: the file as it is does not compile.
        """
        keys = {_key(place) for place in self._places(self._build(path), path)}
        return min(len(keys), self._most)

    def savings(self, path: str) -> Iterator[Saving]:
        """Yield what became of each rewrite in a file and its own imports.

        Each is tried on top of those that were shown before.

        Args:
            path: a root; what it imports is rewritten too if it belongs to the scanned files.

        Raises:
            NotCompiled: the file as it is does not compile.
            OutOfTime: the node's budget is spent; what was yielded counts.
        """
        build = self._build(path)
        tried: set[tuple[str, ...]] = set()
        while True:
            for place in self._places(build, path):
                key = _key(place)
                if key in tried:
                    continue
                if len(tried) >= self._most:
                    return
                self._node.budget.require()
                tried.add(key)
                saving, changed = self._tried(build, path, place)
                yield saving
                if changed is not build:
                    build = changed
                    break
            else:
                return

    def total(self, path: str, before: LoadedProgram) -> Measured | None:
        """Measure a root as it is now against how it was, None where its code is the same.

        Raises:
            Withheld: the two do not do the same.
            NotCompiled: one of them does not compile.
        """
        old = compile_build(self._toolchain, before, path, self._settings)
        names = old.sources.names
        if all(before.texts[each].data == self.loaded.texts[each].data for each in names):
            return None
        version = old.compiled.version
        new = compile_build(self._toolchain, self.loaded, path, self._settings, version=version)
        pairs = changed_subjects(old, new, "", moves_storage=True)
        numbers = tuple(
            dict.fromkeys(
                number
                for each in old.loaded.program.contracts
                if each.unit.path == path
                for number in numbers_in(each)
            )
        )
        with self._node.unhurried():  # all of them together must hold, whatever the time
            return measured(self._node, pairs, self._effort, numbers=numbers)

    def again(self, saving: Saving, effort: Effort) -> Measured:
        """Measure a saving once more, from its two texts, with other calls.

        Raises:
            Withheld: it does not show.
            NotCompiled: a text does not compile.
        """
        path, root = saving.path, saving.root
        texts = [with_text(self.loaded, path, text) for text in (saving.before, saving.after)]
        old = compile_build(self._toolchain, texts[0], root, self._settings)
        new = self._compiled(texts[1], root, old.compiled.version)
        contract = next(
            each for each in old.loaded.program.contracts if each.tree.name == saving.contract
        )
        return self._measured((old, new), saving, numbers_in(contract), effort)

    def _build(self, path: str) -> Build:
        known = self._built
        if known is None or known[0] is not self.loaded or known[1] != path:
            build = compile_build(self._toolchain, self.loaded, path, self._settings)
            self._built = known = (self.loaded, path, build)
        return known[2]

    def _places(self, build: Build, root: str) -> Iterator[_Place]:
        for site in _sites(build, root):
            for rewrite in self._rewrites:
                for candidate in rewrite.candidates(site):
                    yield _Place(site, rewrite, candidate)

    def _tried(self, build: Build, root: str, place: _Place) -> tuple[Saving, Build]:
        site, rewrite, candidate = place
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
            root,
            () if function is None else tuple(sorted(site.entries(function))),
        )
        try:
            after = applied(text.data, candidate.edits)
            changed = with_text(build.loaded, text.path, after)
            if rewrite.moves_storage:
                require_own_storage(site)
            new = self._compiled(changed, root, build.compiled.version)
            gas = self._measured((build, new), made, numbers_in(site.contract), self._effort)
        except (Withheld, ValueError) as reason:
            return replace(made, dropped=str(reason)), build
        self.loaded = changed
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
        try:
            return compile_build(self._toolchain, changed, path, self._settings, version=version)
        except NotCompiled as error:
            raise Withheld(f"it does not compile: {compile_problem(error)}") from error


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


def _key(place: _Place) -> tuple[str, ...]:
    site, function = place.site, place.candidate.function
    head = ""
    if function is not None:
        types = ",".join(site.source(each) for each in function.parameters)
        head = f"{function.kind} {function.name}({types})"
    where = (site.text.path, site.contract.tree.name)
    return *where, place.rewrite.id, head, place.candidate.subject


def _sites(build: Build, root: str) -> Iterator[GasSite]:
    """Yield the contracts of a root's own file, then those of the scanned files it imports."""
    numbers = [int(part) for part in build.compiled.version.split(".")]
    version = (numbers[0], numbers[1], numbers[2])
    own = {root, *build.loaded.scanned} & build.sources.names.keys()
    contracts = [each for each in build.loaded.program.contracts if each.unit.path in own]
    for contract in sorted(contracts, key=lambda each: each.unit.path != root):
        text = build.loaded.texts[contract.unit.path]
        oldest = min(version, contract.unit.version)
        yield GasSite(text, contract, _heirs(build, contract), oldest)


def _heirs(build: Build, contract: ContractNode) -> tuple[ContractNode, ...]:
    return tuple(
        each
        for each in build.loaded.program.contracts
        if any(one is contract for one in each.ancestry)
    )
