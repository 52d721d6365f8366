"""Classes that are rare, and subgroups that are rare, treated otherwise, or less well recorded.

Demographic parity difference: the greatest difference between subgroups in the share of rows with
the favourable label (Calders, Kamiran, Pechenizkiy 2009; Dwork et al. 2012). It says that labels
differ between subgroups, not why.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from diptych.data.quality.findings import NOTICE, Finding, finding
from diptych.data.quality.rules import BalanceRule, SubgroupRule
from diptych.data.quality.sample import GroupCounts
from diptych.data.quality.significance import MIN_ROWS, holm, same_counts


@dataclass(frozen=True)
class GroupRates:
    """Rows of each subgroup of a column, and the share of them with the favourable label."""

    column: str
    names: tuple[str, ...]
    rows: tuple[int, ...]
    rates: tuple[float, ...]


def balance_findings(classes: Counter[str], rule: BalanceRule, *, public: bool) -> list[Finding]:
    """Return classes that are much rarer than an even share."""
    total = sum(classes.values())
    found = []
    for place, (name, count) in enumerate(sorted(classes.items())):
        ratio = count / total * len(classes)
        if ratio < rule.min_ratio:
            said = f"class {name}" if public else f"one of {len(classes)} classes"
            text = f"{said} has {count} of {total} rows"
            numbers = {"ratio": ratio, "allowed": rule.min_ratio}
            found.append(finding(f"balance:{place + 1}", (), text, count=count, numbers=numbers))
    if len(classes) == 1:
        found.append(finding("balance", (), "all rows have the same label", count=total))
    return found


def subgroup_findings(
    counted: list[GroupCounts], rule: SubgroupRule, *, public: frozenset[str]
) -> tuple[list[Finding], list[GroupRates]]:
    """Return what differs between subgroups.

    Args:
        counted: counts by subgroup, for each column.
        rule: what they may differ in.
        public: columns whose values may be shown.

    Returns:
        Findings, and the rates that were compared.
    """
    found: list[Finding] = []
    tests: list[tuple[float, Finding]] = []
    rates = []
    for one in counted:
        if one.too_many:
            text = f"{one.column} has more than {one.MAX_GROUPS} values: make bands of it"
            found.append(finding(f"limit:{one.column}", (), text, severity=NOTICE, count=1))
            continue
        names = _Names(one, public=one.column in public)
        found += _rare(one, rule, names)
        tests += _missing(one, rule, names)
        parity = _parity(one, rule, names)
        if parity is not None:
            rates.append(parity[0])
            tests.append(parity[1])
    for (_, made), p in zip(tests, holm([p for p, _ in tests]), strict=True):
        if p < rule.alpha and made.numbers["gap"] > made.numbers["allowed"]:
            found.append(made)
    return found, rates


class _Names:
    """What a report calls the subgroups of a column."""

    def __init__(self, counts: GroupCounts, *, public: bool) -> None:
        self.names = sorted(counts.rows)
        self._public = public

    def __call__(self, name: str) -> str:
        return name if self._public else f"group {self.names.index(name) + 1}"


def _rare(one: GroupCounts, rule: SubgroupRule, names: _Names) -> list[Finding]:
    total = sum(one.rows.values())
    found = []
    for name in names.names:
        share = one.rows[name] / total
        if share < rule.min_share:
            text = f"{names(name)} of {one.column} has {share:.1%} of the rows"
            numbers = {"share": share, "allowed": rule.min_share}
            rule_id = f"representation:{one.column}"
            found.append(finding(rule_id, (), text, count=one.rows[name], numbers=numbers))
    return found


def _missing(one: GroupCounts, rule: SubgroupRule, names: _Names) -> list[tuple[float, Finding]]:
    large = [name for name in names.names if one.rows[name] >= MIN_ROWS]
    tests = []
    for column in sorted({column for _, column in one.empty}):
        rows = np.array([one.rows[name] for name in large], float)
        empty = np.array([one.empty[name, column] for name in large], float)
        if len(large) < 2:
            continue
        shares = empty / rows
        low, high = int(shares.argmin()), int(shares.argmax())
        text = (
            f"{column} is empty in {shares[high]:.1%} of {names(large[high])} of {one.column} and "
            f"in {shares[low]:.1%} of {names(large[low])}"
        )
        numbers = {"gap": float(shares[high] - shares[low]), "allowed": rule.max_missing_gap}
        made = finding(
            f"missing-gap:{column}/{one.column}", (), text, count=int(empty[high]), numbers=numbers
        )
        tests.append((same_counts(np.stack([empty, rows - empty], axis=1)), made))
    return tests


def _parity(
    one: GroupCounts, rule: SubgroupRule, names: _Names
) -> tuple[GroupRates, tuple[float, Finding]] | None:
    classes: Counter[str] = Counter()
    for (_, label), count in one.labels.items():
        classes[label] += count
    large = [name for name in names.names if one.rows[name] >= MIN_ROWS]
    if len(classes) < 2 or len(large) < 2:
        return None
    positive = min(sorted(classes), key=lambda label: classes[label])
    if rule.positive is not None:
        positive = _class_name(rule.positive)
    with_label = [sum(one.labels[name, label] for label in classes) for name in large]
    rows = np.maximum(np.array(with_label, float), 1.0)
    favoured = np.array([one.labels[name, positive] for name in large], float)
    rates = favoured / rows
    low, high = int(rates.argmin()), int(rates.argmax())
    text = (
        f"the favourable label has {rates[high]:.1%} of {names(large[high])} of {one.column} and "
        f"{rates[low]:.1%} of {names(large[low])}"
    )
    numbers = {"gap": float(rates[high] - rates[low]), "allowed": rule.max_parity_gap}
    made = finding(f"parity:{one.column}", (), text, count=one.rows[large[low]], numbers=numbers)
    p = same_counts(np.stack([favoured, rows - favoured], axis=1))
    shown = GroupRates(
        one.column, tuple(map(names, large)), tuple(map(int, rows)), tuple(rates.tolist())
    )
    return shown, (p, made)


def _class_name(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.15g}" if isinstance(value, int | float) else str(value)
