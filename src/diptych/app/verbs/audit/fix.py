"""Repairs what a scan finds, and proves each repair on a throw-away node."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from diptych.app.verbs.audit.scan import Audited, Auditing, audit
from diptych.audit.catalogue import installed_rules
from diptych.audit.compile.suited import partly_read, require_solidity, uncompiled
from diptych.audit.compile.toolchain import Toolchain, compiled_cache
from diptych.audit.errors import UnknownRule
from diptych.audit.finding import Finding
from diptych.audit.fixes import Fixer, FixResult, fix_file, has_template, write_fixed
from diptych.audit.fixes.edit import unified_diff
from diptych.audit.patch import Patch
from diptych.audit.replay import replay_node
from diptych.audit.replay.budget import Budget, OutOfTime
from diptych.audit.source.files import find_sources
from diptych.audit.source.load import LoadedProgram, load_program
from diptych.audit.triage.triaged import with_patches
from diptych.core.errors import JsonValue
from diptych.core.progress import Progress, ProgressFactory, silent

__all__ = ["Fixed", "Fixing", "fix_paths", "report_with_fixes"]


@dataclass(frozen=True)
class Fixing:
    """What to repair.

    Attributes:
        paths: files and folders.
        folder: where files of suppressions are looked for; what they cover is left alone.
        only: ids of rules whose findings are repaired; none means all.
    """

    paths: Sequence[Path]
    folder: Path
    only: Iterable[str] = ()


@dataclass(frozen=True)
class Fixed:
    """What became of the findings.

    Attributes:
        results: one for each finding that some template is for.
        unfixable: findings that no template is for.
        texts: old and new text of each file that fixes change.
        unread: why a file was left out or read in part, by path.
        stopped: why the work ended before its end; empty if it did not.
        left: findings that were not tried for that.
        is_void: whether no file holds Solidity that compiles.
    """

    results: tuple[FixResult, ...]
    unfixable: tuple[Finding, ...]
    texts: dict[str, tuple[bytes, bytes]] = field(repr=False)
    unread: Mapping[str, str] = field(default_factory=dict)
    stopped: str = ""
    left: tuple[Finding, ...] = ()
    is_void: bool = False

    @property
    def patch(self) -> str:
        """All fixes as one unified diff."""
        return "".join(unified_diff(path, *pair) for path, pair in self.texts.items())

    def apply(self) -> list[Path]:
        """Write the fixed files; returns the backups."""
        return [write_fixed(Path(path), *pair) for path, pair in self.texts.items()]

    def to_json(self) -> dict[str, JsonValue]:
        """Return the results as plain data."""
        rules = sorted({finding.rule.id for finding in self.unfixable})
        return {
            "results": [result.to_json() for result in self.results],
            "fixed": sum(result.fix is not None for result in self.results),
            "without_template": {
                rule: sum(each.rule.id == rule for each in self.unfixable) for rule in rules
            },
            "patch": self.patch,
            "unread": dict(self.unread),
            "stopped": self.stopped,
            "left": [
                {"rule": each.rule.id, "location": each.location.to_json()} for each in self.left
            ],
        }


def fix_paths(
    asked: Fixing, progress: ProgressFactory = silent, budget: Budget | None = None
) -> Fixed:
    """Scan files and repair what can be repaired, each fix on top of those before it.

    Args:
        asked: what to repair.
        progress: how to show that findings are done.
        budget: how long it may go on; at its end what is proven counts, the rest is `left`.

    Raises:
        UnknownRule: an id that no installed rule has.
        NoSolidity: no file holds Solidity.
        CompilerUnavailable: a compiler cannot be had.
        BinaryMissing: the node cannot be had.
    """
    job = _Job(asked, progress, budget)
    done = Fixed((), job.unfixable, {}, job.unread, is_void=job.is_void)
    if not job.fixable:
        return done
    results: list[FixResult] = []
    stopped = ""
    with job.fixer() as (fixer, task):
        before = fixer.loaded
        try:
            for path in dict.fromkeys(finding.location.path for finding, _ in job.fixable):
                for result in fix_file(fixer, path, job.is_wanted, job.skipped):
                    results.append(result)
                    task.advance(1)
        except OutOfTime as error:
            stopped = error.message
        texts = _changed(before, fixer.loaded)
    left = tuple(_untried(job, results)) if stopped else ()
    void = job.is_void or (bool(results) and all(each.uncompiled for each in results))
    return replace(
        done, results=tuple(results), texts=texts, stopped=stopped, left=left, is_void=void
    )


def report_with_fixes(
    asked: Fixing, progress: ProgressFactory = silent, budget: Budget | None = None
) -> tuple[Audited, str]:
    """Scan files and add to each finding the fix that repairs it alone, for SARIF reports.

    Returns:
        The report, and why the work ended before its end (empty if it did not).

    Raises:
        UnknownRule: as `fix_paths`, like the others.
    """
    job = _Job(asked, progress, budget)
    patches: dict[str, Patch] = {}
    stopped = ""
    if job.fixable:
        with job.fixer() as (fixer, task):
            try:
                for finding, name in job.fixable:
                    result = fixer.fix(finding)
                    if result.fix is not None:
                        patches[name] = result.fix.patch
                    task.advance(1)
            except OutOfTime as error:
                stopped = error.message
    triaged = with_patches(job.audited.triaged, patches)
    if stopped:
        notice = f"{stopped}: not every finding was tried for a fix"
        triaged = replace(triaged, notices=(*triaged.notices, notice))
    return replace(job.audited, triaged=triaged), stopped


def _untried(job: "_Job", results: Sequence[FixResult]) -> Iterator[Finding]:
    """Yield the findings that no result is about; lines may have moved, so functions count."""
    done = Counter(_about(result.finding) for result in results)
    for finding, _ in job.fixable:
        if done[_about(finding)]:
            done[_about(finding)] -= 1
        else:
            yield finding


def _about(finding: Finding) -> tuple[str, str, str, str]:
    place = finding.location
    return finding.rule.id, place.path, place.contract, place.function


class _Job:
    """The findings to repair, and with what."""

    def __init__(self, asked: Fixing, progress: ProgressFactory, budget: Budget | None) -> None:
        self._budget = budget
        self.rules = installed_rules()
        self._only = frozenset(asked.only)
        for name in sorted(self._only - {rule.info.id for rule in self.rules}):
            raise UnknownRule(f"got rule '{name}'", hint="see diptych audit rules")
        self._progress = progress
        self._loaded = load_program(find_sources(asked.paths))
        left_out = require_solidity(self._loaded)
        broken = self._broken()
        self.unread = {**partly_read(self._loaded), **broken, **left_out}
        self.is_void = broken.keys() | left_out.keys() >= frozenset(self._loaded.scanned)
        how = Auditing(rules_only=True)
        self.audited = audit(asked.paths, asked.folder, how, progress=progress)
        shown = [
            (finding, name)
            for finding, name in self.audited.triaged.shown.fingerprints
            if (not self._only or finding.rule.id in self._only)
            and finding.location.path not in left_out
        ]
        self.skipped = frozenset(self.audited.triaged.suppressed)
        self.fixable = [pair for pair in shown if has_template(pair[0])]
        self.unfixable = tuple(finding for finding, _ in shown if not has_template(finding))

    def _broken(self) -> dict[str, str]:
        """Return which of the files that are read in part no compiler takes, and why."""
        with Toolchain(compiled_cache()) as toolchain:
            found = {
                path: uncompiled(self._loaded, path, toolchain)
                for path in partly_read(self._loaded)
            }
        return {path: reason for path, reason in found.items() if reason}

    def is_wanted(self, finding: Finding) -> bool:
        return has_template(finding) and (not self._only or finding.rule.id in self._only)

    @contextmanager
    def fixer(self) -> Iterator[tuple[Fixer, Progress]]:
        toolchain = Toolchain(compiled_cache())
        with (
            replay_node(self._budget) as node,
            Fixer(self._loaded, self.rules, node, toolchain=toolchain) as fixer,
            self._progress("fixes", total=len(self.fixable), unit="finding") as task,
        ):
            yield fixer, task


def _changed(before: LoadedProgram, after: LoadedProgram) -> dict[str, tuple[bytes, bytes]]:
    pairs = {path: (text.data, after.texts[path].data) for path, text in before.texts.items()}
    return {path: (old, new) for path, (old, new) in pairs.items() if old != new}
