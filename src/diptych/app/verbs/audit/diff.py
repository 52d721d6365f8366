"""`audit diff`: what a range of commits made worse, better, or only different."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from diptych.app.verbs.audit.revisions import (
    Revision,
    commits_of,
    read_revision,
    repository_root,
)
from diptych.app.verbs.audit.scan import Audited, Auditing, ranker_for, suppressions_of
from diptych.audit.cache.engine import engine_digest
from diptych.audit.catalogue import installed_rules
from diptych.audit.changes import FunctionChange, function_changes
from diptych.audit.ranking import Ranker
from diptych.audit.rules.rule import Rule
from diptych.audit.scan import Report, merged, scan_groups
from diptych.audit.source.groups import Group, groups_of
from diptych.audit.source.load import LoadedProgram, load_program
from diptych.audit.triage.baseline import known
from diptych.audit.triage.triaged import triage
from diptych.core.clock import Clock, system_clock
from diptych.core.progress import ProgressFactory, silent
from diptych_verify.errors import JsonValue

__all__ = ["Reviewed", "review"]


@dataclass(frozen=True)
class Reviewed:
    """What a review of a range came to.

    Attributes:
        audited: findings after the range, with those before it as their baseline.
        before: hex id of the commit that the range starts after.
        after: hex id of its last commit.
        functions: those that the range added, removed or changed.
    """

    audited: Audited
    before: str
    after: str
    functions: tuple[FunctionChange, ...]

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych audit diff --json` shows."""
        return {
            **self.audited.to_json(),
            "before": self.before,
            "after": self.after,
            "functions": [one.to_json() for one in self.functions],
        }


def review(
    span: str,
    paths: Sequence[Path],
    folder: Path,
    how: Auditing,
    *,
    progress: ProgressFactory = silent,
    clock: Clock = system_clock,
) -> Reviewed:
    """Compare the findings of two commits, in the files that the range touched or can affect.

    Args:
        span: `REV..REV`.
        paths: files and folders to look at; nothing means all.
        folder: in the repository; where files of suppressions are looked for.
        how: rules and suppressions.
        progress: how to show what is done.
        clock: to tell which suppressions have expired.

    Raises:
        BadRange: `span` names no commits.
        GitFailed: git failed.
        UnknownRule: a rule is not installed.
    """
    rules, ranker = installed_rules(how.rules), ranker_for(how)
    root = repository_root(folder)
    commits = commits_of(root, span)
    prefixes = [(folder.resolve() / path).resolve().relative_to(root.resolve()) for path in paths]
    with tempfile.TemporaryDirectory(prefix="diptych-audit-") as name:
        before, after = (_revision(root, commit, Path(name)) for commit in commits)
        programs = [_loaded(one, prefixes) for one in (before, after)]
        changed = {
            path
            for path in before.blobs.keys() | after.blobs.keys()
            if before.blobs.get(path) != after.blobs.get(path)
        }
        touched = _touched(programs, changed)
        reports = [_report(one, touched, (rules, ranker), progress) for one in programs]
        functions = function_changes(*programs)
    baseline = {mark: known(one, mark) for one, mark in reports[0].fingerprints}
    suppressions = suppressions_of(reports[1], rules, folder, how) if how.ignore else ()
    today = datetime.fromtimestamp(clock(), tz=UTC).date()
    triaged = triage(reports[1], suppressions, baseline, today=today)
    audited = Audited(triaged, rules, engine_digest(rules, ranker))
    return Reviewed(audited, *commits, functions)


def _revision(root: Path, commit: str, folder: Path) -> Revision:
    where = Path(tempfile.mkdtemp(dir=folder))
    return read_revision(root, commit, where)


def _loaded(revision: Revision, prefixes: Sequence[Path]) -> LoadedProgram:
    base = revision.folder
    sources = [
        path
        for path in revision.sources
        if not prefixes or any(path.relative_to(base).is_relative_to(each) for each in prefixes)
    ]
    return load_program(sources, base)


def _touched(programs: Sequence[LoadedProgram], changed: set[str]) -> set[str]:
    """Return the paths of groups that read what changed, before or after, and of their likes."""
    groups = [_read(program, group) for program in programs for group in groups_of(program)]
    touched = set(changed)
    while True:
        met = {path for paths, read in groups if read & touched for path in paths}
        if met <= touched:
            return touched
        touched |= met


def _read(program: LoadedProgram, group: Group) -> tuple[tuple[str, ...], set[str]]:
    inside = frozenset(group.paths)
    units = [unit for unit in program.program.units if unit.path in inside]
    return group.paths, {other.path for unit in units for other in unit.visible}


def _report(
    program: LoadedProgram,
    touched: set[str],
    judges: tuple[Sequence[Rule], Ranker | None],
    progress: ProgressFactory,
) -> Report:
    groups = [group for group in groups_of(program) if touched.intersection(group.paths)]
    found = scan_groups(program, groups, judges, progress)
    return merged(found, judges[0], program.texts)
