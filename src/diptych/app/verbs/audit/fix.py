"""Repairs what a scan finds, and proves each repair on a throw-away node."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from diptych.app.verbs.audit.scan import Audited, Auditing, audit
from diptych.audit.catalogue import installed_rules
from diptych.audit.compile.toolchain import Toolchain, compiled_cache
from diptych.audit.errors import UnknownRule
from diptych.audit.finding import Finding
from diptych.audit.fixes import Fixer, FixResult, fix_file, has_template, write_fixed
from diptych.audit.fixes.edit import unified_diff
from diptych.audit.patch import Patch
from diptych.audit.replay import replay_node
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
    """

    results: tuple[FixResult, ...]
    unfixable: tuple[Finding, ...]
    texts: dict[str, tuple[bytes, bytes]] = field(repr=False)

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
        }


def fix_paths(asked: Fixing, progress: ProgressFactory = silent) -> Fixed:
    """Scan files and repair what can be repaired, each fix on top of those before it.

    Args:
        asked: what to repair.
        progress: how to show that findings are done.

    Raises:
        UnknownRule: an id that no installed rule has.
        CompilerUnavailable: a compiler cannot be had.
        BinaryMissing: the node cannot be had.
    """
    job = _Job(asked, progress)
    if not job.fixable:
        return Fixed((), job.unfixable, {})
    results: list[FixResult] = []
    with job.fixer() as (fixer, task):
        before = fixer.loaded
        for path in dict.fromkeys(finding.location.path for finding, _ in job.fixable):
            for result in fix_file(fixer, path, job.is_wanted, job.skipped):
                results.append(result)
                task.advance(1)
        return Fixed(tuple(results), job.unfixable, _changed(before, fixer.loaded))


def report_with_fixes(asked: Fixing, progress: ProgressFactory = silent) -> Audited:
    """Scan files and add to each finding the fix that repairs it alone, for SARIF reports.

    Raises:
        UnknownRule: as `fix_paths`, like the others.
    """
    job = _Job(asked, progress)
    patches: dict[str, Patch] = {}
    if job.fixable:
        with job.fixer() as (fixer, task):
            for finding, name in job.fixable:
                result = fixer.fix(finding)
                if result.fix is not None:
                    patches[name] = result.fix.patch
                task.advance(1)
    return replace(job.audited, triaged=with_patches(job.audited.triaged, patches))


class _Job:
    """The findings to repair, and with what."""

    def __init__(self, asked: Fixing, progress: ProgressFactory) -> None:
        self.rules = installed_rules()
        self._only = frozenset(asked.only)
        for name in sorted(self._only - {rule.info.id for rule in self.rules}):
            raise UnknownRule(f"got rule '{name}'", hint="see diptych audit rules")
        self._paths = asked.paths
        self._progress = progress
        how = Auditing(rules_only=True)
        self.audited = audit(asked.paths, asked.folder, how, progress=progress)
        shown = [
            (finding, name)
            for finding, name in self.audited.triaged.shown.fingerprints
            if not self._only or finding.rule.id in self._only
        ]
        self.skipped = frozenset(self.audited.triaged.suppressed)
        self.fixable = [pair for pair in shown if has_template(pair[0])]
        self.unfixable = tuple(finding for finding, _ in shown if not has_template(finding))

    def is_wanted(self, finding: Finding) -> bool:
        return has_template(finding) and (not self._only or finding.rule.id in self._only)

    @contextmanager
    def fixer(self) -> Iterator[tuple[Fixer, Progress]]:
        loaded = load_program(find_sources(self._paths))
        toolchain = Toolchain(compiled_cache())
        with (
            replay_node() as node,
            Fixer(loaded, self.rules, node, toolchain=toolchain) as fixer,
            self._progress("fixes", total=len(self.fixable), unit="finding") as task,
        ):
            yield fixer, task


def _changed(before: LoadedProgram, after: LoadedProgram) -> dict[str, tuple[bytes, bytes]]:
    pairs = {path: (text.data, after.texts[path].data) for path, text in before.texts.items()}
    return {path: (old, new) for path, (old, new) in pairs.items() if old != new}
