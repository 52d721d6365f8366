"""Rewrites contracts so that they cost less gas, and measures each rewrite on a throw-away node."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from diptych.audit.compile import NotCompiled
from diptych.audit.compile.toolchain import Toolchain, compiled_cache
from diptych.audit.errors import UnknownRewrite
from diptych.audit.fixes import write_fixed
from diptych.audit.fixes.edit import unified_diff
from diptych.audit.fixes.errors import Withheld
from diptych.audit.gas import GasMeter, Measured, Saving
from diptych.audit.gas.rewrites.table import REWRITES
from diptych.audit.replay import replay_node
from diptych.audit.source.files import find_sources
from diptych.audit.source.load import LoadedProgram, load_program
from diptych.core.errors import JsonValue
from diptych.core.progress import Progress, ProgressFactory, silent

__all__ = ["GasDone", "GasFile", "measure_paths"]


@dataclass(frozen=True)
class GasFile:
    """What became of one file and what it imports of the files given.

    Attributes:
        path: the file.
        savings: every rewrite that was tried, shown or dropped.
        total: gas before and after all that are shown; None where nothing is.
        reason: why nothing was tried, or nothing is shown.
    """

    path: str
    savings: tuple[Saving, ...] = ()
    total: Measured | None = None
    reason: str = ""

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
    """

    files: tuple[GasFile, ...]
    texts: dict[str, tuple[bytes, bytes]] = field(repr=False)
    runs: int

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
                    "rewrites": [saving.to_json() for saving in each.savings],
                    "total": None if each.total is None else each.total.to_json(),
                }
                for each in self.files
            ],
            "patch": self.patch,
        }


def measure_paths(
    paths: Sequence[Path], only: Iterable[str] = (), progress: ProgressFactory = silent
) -> GasDone:
    """Try every rewrite in Solidity files and folders, each on top of those that are shown.

    Args:
        paths: files and folders.
        only: ids of rewrites to try; none means all.
        progress: how to show that rewrites are done.

    Raises:
        UnknownRewrite: an id that no rewrite has.
        CompilerUnavailable: a compiler cannot be had.
        BinaryMissing: the node cannot be had.
    """
    wanted = frozenset(only)
    for name in sorted(wanted - {each.id for each in REWRITES}):
        known = ", ".join(each.id for each in REWRITES)
        raise UnknownRewrite(f"got rewrite '{name}', expected one of {known}")
    loaded = load_program(find_sources(paths))
    with (
        Toolchain(compiled_cache()) as toolchain,
        replay_node() as node,
        progress("rewrites", unit="rewrite") as task,
    ):
        meter = GasMeter(loaded, node, toolchain=toolchain, only=wanted)
        found: dict[str, GasFile] = {}
        for root in meter.roots:
            _measure(meter, root, loaded, (found, task))
    pairs = {
        path: (text.data, meter.loaded.texts[path].data) for path, text in loaded.texts.items()
    }
    texts = {path: pair for path, pair in pairs.items() if pair[0] != pair[1]}
    return GasDone(tuple(found.values()), texts, meter.runs)


def _measure(
    meter: GasMeter, root: str, before: LoadedProgram, given: tuple[dict[str, GasFile], Progress]
) -> None:
    """Rewrite one root; if that breaks it, or a root before it, all its rewrites are taken back."""
    found, task = given
    kept = meter.loaded
    savings: list[Saving] = []
    try:
        for saving in meter.savings(root):
            savings.append(saving)
            task.advance(1)
        totals = {each: meter.total(each, before) for each in _touched(found, savings, root)}
    except (NotCompiled, Withheld) as error:
        meter.loaded = kept
        found[root] = GasFile(root, reason=error.message.split("\n")[0])
        return
    found[root] = GasFile(root, tuple(savings))
    for each, total in totals.items():
        found[each] = replace(found[each], total=total)


def _touched(found: dict[str, GasFile], savings: list[Saving], root: str) -> list[str]:
    """Return the roots whose code rewrites may have changed: those before, if an import did."""
    shared = any(each.gas is not None and each.path != root for each in savings)
    earlier = [path for path, each in found.items() if not each.reason] if shared else []
    return [*earlier, root]
