"""Rewrites contracts so that they cost less gas, and measures each rewrite on a throw-away node."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from diptych.audit.compile import NotCompiled
from diptych.audit.compile.suited import partly_read, require_solidity
from diptych.audit.compile.toolchain import Toolchain, compiled_cache
from diptych.audit.errors import UnknownRewrite
from diptych.audit.fixes import write_fixed
from diptych.audit.fixes.edit import unified_diff
from diptych.audit.fixes.errors import Withheld
from diptych.audit.gas import GasMeter, Measured, Saving
from diptych.audit.gas.rewrites.table import REWRITES
from diptych.audit.replay import replay_node
from diptych.audit.replay.budget import Budget, OutOfTime
from diptych.audit.source.files import find_sources
from diptych.audit.source.load import LoadedProgram, load_program
from diptych.core.errors import JsonValue
from diptych.core.progress import ProgressFactory, silent

__all__ = ["GasDone", "GasFile", "measure_paths"]


@dataclass(frozen=True)
class GasFile:
    """What became of one file and what it imports of the files given.

    Attributes:
        path: the file.
        savings: every rewrite that was tried, shown or dropped.
        total: gas before and after all that are shown; None where nothing is.
        reason: why nothing was tried, or nothing is shown, or not all was tried.
        unread: whether it holds nothing that could be measured.
    """

    path: str
    savings: tuple[Saving, ...] = ()
    total: Measured | None = None
    reason: str = ""
    unread: bool = False

    @property
    def shown(self) -> Iterator[Saving]:
        """The rewrites that save gas."""
        return (each for each in self.savings if each.gas is not None)


@dataclass(frozen=True)
class GasDone:
    """What became of all files.

    Attributes:
        files: those that no other imports.
        texts: old and new text of each file that changes.
        runs: how many calls of each function are weighed against a deployment.
        partly: why a file was read in part, by path.
        stopped: why the work ended before its end; empty if it did not.
    """

    files: tuple[GasFile, ...]
    texts: dict[str, tuple[bytes, bytes]] = field(repr=False)
    runs: int
    partly: Mapping[str, str] = field(default_factory=dict)
    stopped: str = ""

    @property
    def unread(self) -> bool:
        """Whether no file holds anything that could be measured."""
        return all(each.unread for each in self.files)

    @property
    def patch(self) -> str:
        """Everything that is shown as one unified diff."""
        return "".join(unified_diff(path, *pair) for path, pair in self.texts.items())

    def apply(self) -> list[Path]:
        """Write the files; returns the backups."""
        return [write_fixed(Path(path), *pair) for path, pair in self.texts.items()]

    def to_json(self) -> dict[str, JsonValue]:
        """Return the results as plain data."""
        return {
            "runs": self.runs,
            "files": [
                {
                    "path": each.path,
                    "reason": each.reason,
                    "unread": each.unread,
                    "rewrites": [saving.to_json() for saving in each.savings],
                    "total": None if each.total is None else each.total.to_json(),
                }
                for each in self.files
            ],
            "patch": self.patch,
            "partial": dict(self.partly),
            "stopped": self.stopped,
        }


def measure_paths(
    paths: Sequence[Path],
    only: Iterable[str] = (),
    progress: ProgressFactory = silent,
    budget: Budget | None = None,
) -> GasDone:
    """Try every rewrite in Solidity files and folders, each on top of those that are shown.

    Args:
        paths: files and folders.
        only: ids of rewrites to try; none means all.
        progress: how to show that rewrites are done.
        budget: how long rewrites may be tried; at its end what is proven counts.

    Raises:
        UnknownRewrite: an id that no rewrite has.
        NoSolidity: no file holds Solidity.
        CompilerUnavailable: a compiler cannot be had.
        BinaryMissing: the node cannot be had.
    """
    wanted = frozenset(only)
    for name in sorted(wanted - {each.id for each in REWRITES}):
        known = ", ".join(each.id for each in REWRITES)
        raise UnknownRewrite(f"got rewrite '{name}', expected one of {known}")
    loaded = load_program(find_sources(paths))
    left_out = require_solidity(loaded)
    with Toolchain(compiled_cache()) as toolchain, replay_node(budget) as node:
        run = _Run(GasMeter(loaded, node, toolchain=toolchain, only=wanted), loaded, progress)
        for root, reason in left_out.items():
            run.found[root] = GasFile(root, reason=reason, unread=True)
        roots = [root for root in run.meter.roots if root not in left_out]
        for at, root in enumerate(roots):
            run.root(root, f"rewrites {at + 1}/{len(roots)}")
    after = run.meter.loaded.texts
    pairs = {path: (text.data, after[path].data) for path, text in loaded.texts.items()}
    texts = {path: pair for path, pair in pairs.items() if pair[0] != pair[1]}
    partly = {path: why for path, why in partly_read(loaded).items() if path not in left_out}
    return GasDone(tuple(run.found.values()), texts, run.meter.runs, partly, run.stopped)


class _Run:
    """The roots, one after the other."""

    def __init__(self, meter: GasMeter, before: LoadedProgram, progress: ProgressFactory) -> None:
        self.meter = meter
        self.found: dict[str, GasFile] = {}
        self.stopped = ""
        self._before = before
        self._progress = progress

    def root(self, root: str, label: str) -> None:
        """Rewrite one root; if that breaks it, or one before, all its rewrites are taken back."""
        if self.stopped:
            self.found[root] = GasFile(root, reason=f"not measured: {self.stopped}")
            return
        meter, kept = self.meter, self.meter.loaded
        try:
            places = meter.places(root)
        except NotCompiled as error:
            told = error.message.split("\n")[0]
            self.found[root] = GasFile(root, reason=f"does not compile: {told}", unread=True)
            return
        try:
            savings = self._savings(root, label, places)
            totals = {
                each: meter.total(each, self._before)
                for each in _touched(self.found, savings, root)
            }
        except (NotCompiled, Withheld) as error:
            meter.loaded = kept
            self.found[root] = GasFile(root, reason=error.message.split("\n")[0])
            return
        self.found[root] = GasFile(root, tuple(savings), reason=self._cut(len(savings), places))
        for each, total in totals.items():
            self.found[each] = replace(self.found[each], total=total)

    def _savings(self, root: str, label: str, places: int) -> list[Saving]:
        savings: list[Saving] = []
        with self._progress(label, total=places, unit="rewrite") as task:
            try:
                for saving in self.meter.savings(root):
                    savings.append(saving)
                    task.advance(1)
            except OutOfTime as error:
                self.stopped = error.message
        return savings

    def _cut(self, tried: int, places: int) -> str:
        if not self.stopped:
            return ""
        return f"partial: {self.stopped}; {tried} of about {max(tried, places)} rewrites tried"


def _touched(found: dict[str, GasFile], savings: list[Saving], root: str) -> list[str]:
    """Return the roots whose code rewrites may have changed: those before, if an import did."""
    shared = any(each.gas is not None and each.path != root for each in savings)
    earlier = [path for path, each in found.items() if not each.reason] if shared else []
    return [*earlier, root]
