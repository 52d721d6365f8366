"""Rewrites contracts so that they cost less gas, and measures each rewrite on a throw-away node."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
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
    """What became of one file.

    Attributes:
        path: the file.
        savings: every rewrite that was tried, shown or dropped.
        total: gas before and after all that are shown; None where nothing is.
        before: its text.
        after: the text with everything that is shown.
        reason: why nothing was tried.
    """

    path: str
    savings: tuple[Saving, ...] = ()
    total: Measured | None = None
    before: bytes = field(default=b"", repr=False)
    after: bytes = field(default=b"", repr=False)
    reason: str = ""

    @property
    def shown(self) -> Iterator[Saving]:
        """The rewrites that save gas."""
        return (each for each in self.savings if each.gas is not None)


@dataclass(frozen=True)
class GasDone:
    """What became of all files; `runs` calls of each function are weighed against a deployment."""

    files: tuple[GasFile, ...]
    runs: int

    @property
    def changed(self) -> tuple[GasFile, ...]:
        """The files with a rewrite that is shown."""
        return tuple(each for each in self.files if each.before != each.after)

    @property
    def patch(self) -> str:
        """Everything that is shown as one unified diff."""
        return "".join(unified_diff(each.path, each.before, each.after) for each in self.changed)

    def apply(self) -> list[Path]:
        """Write the files; returns the backups."""
        return [write_fixed(Path(each.path), each.before, each.after) for each in self.changed]

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
        files = tuple(_measured(meter, path, loaded, task) for path in loaded.scanned)
    return GasDone(files, meter.runs)


def _measured(meter: GasMeter, path: str, before: LoadedProgram, task: Progress) -> GasFile:
    savings: list[Saving] = []
    text = before.texts[path].data
    try:
        for saving in meter.savings(path):
            savings.append(saving)
            task.advance(1)
        total = meter.total(path, before)
    except NotCompiled as error:
        return GasFile(path, before=text, after=text, reason=error.message.split("\n")[0])
    except Withheld as error:  # together they do something else: nothing is shown
        return GasFile(path, before=text, after=text, reason=error.message)
    return GasFile(path, tuple(savings), total, text, meter.loaded.texts[path].data)
