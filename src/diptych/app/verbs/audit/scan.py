"""`audit scan`: find sources, scan them, hold the findings against baseline and suppressions."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from diptych.audit.cache.engine import engine_digest
from diptych.audit.cache.loaded import scan_loaded
from diptych.audit.cache.scan import scan_kept
from diptych.audit.cache.store import ScanStore, cache_folder
from diptych.audit.catalogue import installed_rules
from diptych.audit.ranking import Ranker
from diptych.audit.rules.rule import Rule
from diptych.audit.scan import Report, scan_program
from diptych.audit.source.bundle import is_bundle
from diptych.audit.source.files import Survey, passed_notice, survey
from diptych.audit.source.load import LoadedProgram, load_program
from diptych.audit.source.text import SourceText
from diptych.audit.triage.baseline import read_baseline
from diptych.audit.triage.comments import comment_suppressions
from diptych.audit.triage.settings import SETTINGS_FILE, read_settings
from diptych.audit.triage.slither import SlitherImport
from diptych.audit.triage.suppression import Suppression
from diptych.audit.triage.triaged import Triaged, triage
from diptych.core.clock import Clock, system_clock
from diptych.core.progress import ProgressFactory, silent
from diptych.core.user_secret import UserSecret, secret_path
from diptych_verify.errors import JsonValue

__all__ = ["Audited", "Auditing", "audit", "ranker_for", "shown_path", "suppressions_of"]

_SLITHER = ("slither.config.json", "slither.db.json")


@dataclass(frozen=True)
class Auditing:
    """How to audit.

    Attributes:
        rules: ids of the rules to run; none means all.
        cache: use what earlier scans found, and keep what this one finds.
        ignore: honour suppressions.
        settings: file of suppressions; None for the one in the folder, if there is one.
        slither: also honour suppressions that are written for Slither.
        baseline: file of findings that are known.
        rules_only: let no network judge.
        everything: scan tests, scripts, mocks and libraries of projects, too.
        compiled: let compilers refine what was read.
        fetched: codes of contracts on a chain, by address, which are scanned too.
        jobs: how many processes scan; the result is the same.
    """

    rules: tuple[str, ...] = ()
    cache: bool = True
    ignore: bool = True
    settings: Path | None = None
    slither: bool = False
    baseline: Path | None = None
    rules_only: bool = False
    everything: bool = False
    compiled: bool = False
    fetched: tuple[SourceText, ...] = ()
    jobs: int = 1


@dataclass(frozen=True)
class Audited:
    """What an audit came to, and the rules that ran."""

    triaged: Triaged
    rules: tuple[Rule, ...]
    engine: str

    @property
    def unread(self) -> bool:
        """Whether nothing at all could be read."""
        files = self.triaged.report.files
        return not any(file.lines or not file.reasons for file in files)

    def to_json(self) -> dict[str, JsonValue]:
        """Return the report as plain data, with what made it."""
        return {
            "format": "diptych-audit/1",
            "tool": f"diptych {version('diptych')}",
            "engine": self.engine,
            **self.triaged.to_json(),
        }


def audit(
    paths: Sequence[Path],
    folder: Path,
    how: Auditing,
    *,
    progress: ProgressFactory = silent,
    clock: Clock = system_clock,
) -> Audited:
    """Scan files and folders and triage what is found.

    Args:
        paths: files and folders, as reports show them.
        folder: where files of suppressions are looked for.
        how: rules, cache, triage.
        progress: how to show what is done.
        clock: to tell which suppressions have expired.

    Raises:
        NothingToScan: no source file is there.
        UnknownRule: a rule is not installed.
        BadTriageFile: a baseline or a file of suppressions is malformed.
    """
    rules = installed_rules(how.rules)
    ranker = ranker_for(how)
    known = None if how.baseline is None else read_baseline(folder / how.baseline)
    sources = survey(paths, everything=how.everything) if paths else Survey([], {})
    engine = engine_digest(rules, ranker)
    notices: tuple[str, ...] = ()
    aside = how.compiled or how.fetched or any(map(is_bundle, sources.paths))
    store = None
    if how.cache:
        secret = UserSecret(secret_path(os.environ))
        store = ScanStore(cache_folder(os.environ), secret, Path.cwd(), engine)
    if store is not None and not aside:
        report = scan_kept(sources.paths, (rules, ranker), store, progress, jobs=how.jobs)
    else:
        loaded, notices = _loaded(sources, how, progress)
        if store is not None:
            report = scan_loaded(loaded, (rules, ranker), store, progress, jobs=how.jobs)
        else:
            report = scan_program(loaded, rules, progress, ranker, jobs=how.jobs)
    suppressions = list(suppressions_of(report, rules, folder, how)) if how.ignore else []
    today = datetime.fromtimestamp(clock(), tz=UTC).date()
    triaged = triage(report, suppressions, known, today=today)
    notices = (*triaged.notices, *notices, *([sources.notice] if sources.notice else []))
    return Audited(replace(triaged, notices=notices), rules, engine)


def _loaded(
    sources: Survey, how: Auditing, progress: ProgressFactory
) -> tuple[LoadedProgram, tuple[str, ...]]:
    """Load what is scanned; returns notices about bundles and compilers, too."""
    loaded = load_program(
        sources.paths, progress=progress, everything=how.everything, fetched=how.fetched
    )
    passed = passed_notice(loaded.passed)
    notices = [passed] if passed else []
    if how.compiled:
        from diptych.app.verbs.audit.refine import refined

        loaded, told = refined(loaded, progress)
        notices += told
    return loaded, tuple(notices)


def ranker_for(how: Auditing) -> Ranker | None:
    """Return who judges what rules match: the network that comes with diptych, if wanted."""
    if how.rules_only:
        return None
    from diptych.audit.learned.rank import shipped_ranker

    try:
        return shipped_ranker()
    except (FileNotFoundError, ModuleNotFoundError):  # built without the network
        return None


def suppressions_of(
    report: Report, rules: Sequence[Rule], folder: Path, how: Auditing
) -> Iterator[Suppression]:
    """Yield the suppressions that a report's sources and the folder hold.

    Raises:
        BadTriageFile: a file of suppressions is malformed.
    """
    for file in report.files:
        yield from comment_suppressions(report.texts[file.path])
    settings = folder / (how.settings or SETTINGS_FILE)
    if how.settings is not None or settings.is_file():
        yield from read_settings(settings)
    if how.slither:
        slither = SlitherImport(rule.info for rule in rules)
        for file in report.files:
            yield from slither.comments(report.texts[file.path])
        config, database = (folder / name for name in _SLITHER)
        if config.is_file():
            yield from slither.config(config)
        if database.is_file():
            yield from slither.database(database)


def shown_path(folder: Path, path: Path) -> Path:
    """Return a path as reports show it: below the working folder where it lies there."""
    full = folder / path
    here = Path.cwd()
    return full.relative_to(here) if full.is_relative_to(here) else full
