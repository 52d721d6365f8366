"""Check one table against its rules: the one entry point to all of them."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diptych.core.progress import ProgressFactory, silent
from diptych.data.quality.charts import charts_of
from diptych.data.quality.drift import ColumnDrift, drift_findings
from diptych.data.quality.duplicates import duplicate_findings, leak_findings, unique_findings
from diptych.data.quality.errors import NothingToCheck
from diptych.data.quality.findings import NOTICE, Finding, finding
from diptych.data.quality.groups import GroupRates, balance_findings, subgroup_findings
from diptych.data.quality.labels.findings import label_findings
from diptych.data.quality.passes import (
    MAX_CLASSES,
    Collected,
    Opener,
    collect,
    column_names,
    sample_of,
    side_of,
)
from diptych.data.quality.report import QualityReport, ordered, tool_versions
from diptych.data.quality.rules import LeakageRule, RuleSet
from diptych.data.quality.rules_file import rules_digest


@dataclass(frozen=True)
class Tables:
    """What is checked, and what it is held against.

    Attributes:
        table: the table itself.
        parent: an earlier version; None compares with none.
        train: training data, None if the table itself is it, or if nothing is split.
        test: test data, None if the table itself is it, or if nothing is split.
    """

    table: Opener
    parent: Opener | None = None
    train: Opener | None = None
    test: Opener | None = None


@dataclass
class _Found:
    findings: list[Finding]
    looked: dict[str, str]
    drifts: Sequence[ColumnDrift] = ()
    rates: Sequence[GroupRates] = ()


def check_table(
    tables: Tables, rules: RuleSet, *, progress: ProgressFactory = silent
) -> QualityReport:
    """Check a table.

    The table is read once (CSV twice, to find out types), in parts; what is kept is a sample,
    counts, and a hash for each cell.

    Args:
        tables: what is checked and what it is held against.
        rules: what it must satisfy.
        progress: how to report.

    Raises:
        UnknownColumn: a rule names a column that is not there.
        NothingToCheck: a table is empty.
        BadTable: a table breaks its format.
    """
    seen = collect(tables.table, rules, progress=progress)
    found = _Found(seen.schema.findings(), {"schema": _counted(seen.rows)})
    _look_at_rows(seen, rules, found)
    _look_at_groups(seen, rules, found)
    _look_at_labels(seen, rules, found)
    if tables.parent is not None and rules.drift is not None:
        parent = sample_of(tables.parent, rules)
        if parent.empty:
            raise NothingToCheck("the parent has no rows")
        made, found.drifts = drift_findings(parent, seen.sample.frame(), rules.drift)
        found.findings += made
        found.looked["drift"] = f"{len(found.drifts)} comparisons"
    if rules.leakage is not None and (tables.train or tables.test):
        _look_at_leaks(tables, rules, rules.leakage, found)
    return QualityReport(
        rules=rules_digest(rules),
        rows=seen.rows,
        columns=len(seen.names),
        looked=found.looked,
        findings=ordered(found.findings),
        tools=tool_versions(),
        charts=charts_of(seen, rules, drifts=found.drifts, rates=found.rates),
    )


def _look_at_rows(seen: Collected, rules: RuleSet, found: _Found) -> None:
    for name, cells in seen.unique.items():
        found.findings += unique_findings(cells.done(), name)
    if seen.hasher is not None and rules.duplicates is not None:
        found.findings += duplicate_findings(seen.hasher.done(), rules.duplicates)
        found.looked["duplicates"] = _counted(seen.rows)
    if seen.readings is not None:
        found.findings += seen.readings.findings()
        found.looked["sensor"] = _counted(seen.rows)


def _look_at_groups(seen: Collected, rules: RuleSet, found: _Found) -> None:
    if rules.label and rules.balance is not None:
        if len(seen.classes) > MAX_CLASSES:
            text = f"{rules.label} has more than {MAX_CLASSES} values: it is no class"
            found.findings.append(finding("limit:balance", (), text, severity=NOTICE, count=1))
        else:
            public = rules.is_public(rules.label)
            found.findings += balance_findings(seen.classes, rules.balance, public=public)
        found.looked["balance"] = rules.label[:256]
    if seen.groups and rules.subgroups is not None:
        public_columns = frozenset(one.column for one in seen.groups if rules.is_public(one.column))
        made, found.rates = subgroup_findings(seen.groups, rules.subgroups, public=public_columns)
        found.findings += made
        found.looked["subgroups"] = ", ".join(one.column for one in seen.groups)[:256]


def _look_at_labels(seen: Collected, rules: RuleSet, found: _Found) -> None:
    if not rules.label or rules.labels is None:
        return
    frame = seen.sample.frame()
    if len(frame) > rules.labels.rows:
        chance = np.random.default_rng(rules.labels.seed)
        chosen = np.sort(chance.choice(len(frame), rules.labels.rows, replace=False))
        frame = frame.iloc[chosen]
    made, looked = label_findings(frame, rules.label, rules.labels, total=seen.rows)
    found.findings += made
    found.looked["labels"] = looked


def _look_at_leaks(tables: Tables, rules: RuleSet, rule: LeakageRule, found: _Found) -> None:
    train, test = tables.train or tables.table, tables.test or tables.table
    first, second = column_names(train), column_names(test)
    common = [name for name in first if name in second and name not in rule.ignore]
    if not common:
        raise NothingToCheck("training and test data have no column in common")
    secret = secrets.token_hex(8)
    sides = [side_of(one, rules, common, secret) for one in (train, test)]
    found.findings += leak_findings(sides[0].hashed, sides[1].hashed, rule)
    both = np.intersect1d(sides[0].groups, sides[1].groups)
    if len(both):
        text = f"{len(both)} values of {rules.group} are both in training and in test data"
        found.findings.append(finding(f"group-leak:{rules.group}", (), text, count=len(both)))
    found.looked["leakage"] = _counted(len(sides[1].hashed.rows))


def _counted(rows: int) -> str:
    return f"{rows} rows"
