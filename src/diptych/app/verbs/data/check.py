"""`data check`: run rules and detectors on a table and log a signed report."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from diptych.app.verbs.data.report_keys import (
    QUALITY_LABEL,
    ReportKey,
    keep_encrypted,
    keep_plain,
)
from diptych.app.verbs.data.reports import rule_failures
from diptych.app.verbs.data.sources import Source, Wanted, open_source
from diptych.app.verbs.records import record_at
from diptych.app.verbs.signing import append_drafts, current_signer
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue
from diptych.core.files import naming, system_error
from diptych.data.quality import QualityReport, RuleSet, Tables, check_table, parse_rules
from diptych.data.quality.errors import NothingToCheck
from diptych.data.quality.rules import SubgroupRule
from diptych.data.quality.rules_file import MAX_BYTES, dump_rules
from diptych.provenance.requirements import QualityClaim
from diptych.provenance.requirements.claims import KIND
from diptych.provenance.statement import Draft, Edge, Subject

COMMITMENT = "diptychCommitment1"
"""Name of the digest of a file that may be sealed after it was checked: a salted commitment."""


@dataclass(frozen=True)
class Checking:
    """How to check; what is given here replaces what the rules say.

    Attributes:
        rules: a rules file, or the rules themselves; None for all detectors that need none.
        label: column that a model is to learn.
        group: column of what must stay on one side of a split.
        subgroups: columns that say to what subgroup a row belongs.
        parent: reference or path of an earlier version.
        train: reference or path of training data.
        test: reference or path of test data; the table itself is the other side if only one
            of both is given.
        file: path of the table within the data, where there are several.
        path: where the content of sealed data is now.
        log: whether the report is logged.
    """

    rules: Path | RuleSet | None = None
    label: str | None = None
    group: str | None = None
    subgroups: Sequence[str] = ()
    parent: str | None = None
    train: str | None = None
    test: str | None = None
    file: str = ""
    path: Path | None = None
    log: bool = True


@dataclass(frozen=True)
class Checked:
    """What a check came to.

    Attributes:
        report: what was found.
        what: as it was named.
        about: hex id of the sealed record that was checked; empty if the table is not sealed.
        record: hex id of the logged report; empty if it was not logged.
        index: its place in the log, None if it was not logged.
    """

    report: QualityReport
    what: str
    about: str = ""
    record: str = ""
    index: int | None = field(default=None)

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych data check --json` shows."""
        return {
            "about": self.about,
            "record": self.record,
            "index": self.index,
            **self.report.to_json(),
        }


def check(workspace: Workspace, what: str, how: Checking | None = None) -> Checked:
    """Check a table and log the report.

    Args:
        workspace: where the log stands.
        what: reference to sealed data, or a path.
        how: rules, and what to compare with.

    Raises:
        NoSuchRecord: neither a path nor a record.
        NoTableThere: no table, several of them, or no content.
        BadRules: the rules are malformed.
        UnknownColumn: a rule names a column that is not there.
        BadTable: a table breaks its format.
        ChangedMeanwhile: it changed while it was checked.
        KeyLocked: nothing unlocks the keys.
    """
    how = how or Checking()
    rules = effective_rules(workspace, how)
    if how.log:
        with workspace.write_log() as log:
            current_signer(workspace, log)  # what can fail should fail before minutes of reading
    with ExitStack() as stack:
        source = open_source(workspace, Wanted(what, how.file, how.path), rules, stack)
        others = {
            name: open_source(workspace, Wanted(other), rules, stack)
            for name, other in (("parent", how.parent), ("train", how.train), ("test", how.test))
            if other is not None
        }
        openers = {name: one.opener for name, one in others.items()}
        tables = Tables(source.opener, **openers)
        with naming(Path(source.file or what), NothingToCheck):
            report = check_table(tables, rules, progress=workspace.progress)
        source.unchanged()
    about = "" if source.record is None else source.record.record
    if not how.log:
        return Checked(report, what, about)
    index = _log(workspace, source, (report, rules), others)
    with workspace.read_log() as log:
        return Checked(report, what, about, record_at(log, index).record, index)


def effective_rules(workspace: Workspace, how: Checking) -> RuleSet:
    """Return the rules with what was given besides.

    Raises:
        BadRules: the file is malformed.
    """
    rules = RuleSet()
    if isinstance(how.rules, RuleSet):
        rules = how.rules
    elif how.rules is not None:
        try:
            with naming(how.rules), (workspace.start / how.rules).open("rb") as stream:
                rules = parse_rules(stream.read(MAX_BYTES + 1))
        except OSError as error:
            raise system_error(error) from error
    if how.subgroups:
        groups = replace(rules.subgroups or SubgroupRule(), columns=tuple(how.subgroups))
        rules = replace(rules, subgroups=groups)
    return replace(
        rules,
        label=rules.label if how.label is None else how.label,
        group=rules.group if how.group is None else how.group,
    )


def _log(
    workspace: Workspace,
    source: Source,
    made: tuple[QualityReport, RuleSet],
    others: dict[str, Source],
) -> int:
    report, rules = made
    edges = [
        Edge("used", one.record.record, {"role": name})
        for name, one in others.items()
        if one.record
    ]
    if source.record is not None:
        edges.insert(0, Edge("used", source.record.record, {"role": "checked"}))
    if source.private:
        about = "" if source.record is None else source.record.record
        kept = keep_encrypted(workspace, report.dump(), about=about)
    else:
        workspace.objects.put([dump_rules(rules)])
        kept = keep_plain(workspace, report.dump(), salted=bool(source.digest))
    digest = kept.report
    claim = _claim(report, digest, source)
    subjects = tuple(_subjects(source, kept))
    draft = Draft(KIND, subjects, workspace.clock(), tuple(edges), {KIND: claim.to_json()})
    with workspace.write_log() as log:
        return append_drafts(workspace, log, [draft], labels={QUALITY_LABEL + digest: 0})[0]


def _subjects(source: Source, kept: ReportKey) -> Iterator[Subject]:
    """Yield what was checked: the sealed data, and a commitment to the file if it lies open."""
    if source.record is not None:
        name = "private" if source.private else source.record.name
        yield Subject(name, dict(source.record.statement.subjects[0].digests))
    if kept.salt:
        yield Subject("data", {COMMITMENT: kept.commitment(source.digest).hex()})


def _claim(report: QualityReport, digest: str, source: Source) -> QualityClaim:
    """Return what is said in public: of private data no rule, no row and no name."""
    failed = () if source.private else rule_failures(report)
    tool = f"diptych {report.tools.get('diptych', '0')}"
    file = "" if source.private else source.file
    return QualityClaim(report.verdict, report.rules, digest, tool, failed, file)
