"""Rows that occur twice, in one table or in training and test data."""

import numpy as np
import numpy.typing as npt

from diptych.data.quality.findings import FAIL, NOTICE, Finding, finding
from diptych.data.quality.hashing import HashedRows, Rows
from diptych.data.quality.near import Searched, joined, near_pairs
from diptych.data.quality.rules import DuplicateRule, LeakageRule

_LISTED = 10


def duplicate_findings(hashed: HashedRows, rule: DuplicateRule) -> list[Finding]:
    """Return rows that repeat an earlier row, wholly or but for a few cells."""
    total = len(hashed.rows)
    repeats = hashed.rows[_repeated(hashed)]
    found = []
    if len(repeats):
        severity = _severity(len(repeats), total, rule.max_share)
        text = f"rows repeat an earlier row: {len(repeats)} of {total}"
        found.append(finding("duplicate", repeats, text, severity=severity))
    if rule.near is None:
        return found
    pairs = near_pairs(Searched(hashed.cells, hashed.exact[: len(hashed.cells)]), rule.near)
    later = np.setdiff1d(hashed.rows[np.unique(pairs[:, 1])], repeats)
    if len(later):
        severity = _severity(len(later), total, rule.max_share)
        text = (
            f"rows agree with an earlier row but for spelling or at most "
            f"{1 - rule.near:.0%} of the cells: {_named(hashed.rows, hashed.rows, pairs)}"
        )
        found.append(finding("near-duplicate", later, text, severity=severity))
    return found + _unseen(hashed)


def unique_findings(hashed: HashedRows, name: str) -> list[Finding]:
    """Return rows whose cell of a column occurred in an earlier row."""
    rows = hashed.rows[_repeated(hashed)]
    if not len(rows):
        return []
    return [finding(f"unique:{name}", rows, f"values of {name} occur twice")]


def leak_findings(train: HashedRows, test: HashedRows, rule: LeakageRule) -> list[Finding]:
    """Return rows of the test data that are in the training data; row numbers are of the test."""
    total = len(test.rows)
    equal = np.isin(test.exact, train.exact)
    leaked = test.rows[equal]
    found = []
    if len(leaked):
        severity = _severity(len(leaked), total, rule.max_share)
        text = f"rows of the test data are in the training data: {len(leaked)} of {total}"
        found.append(finding("leak", leaked, text, severity=severity))
    if rule.near is None:
        return found
    both = joined(train, test)
    pairs = near_pairs(both, rule.near)
    pairs = pairs - np.array([0, both.split])
    later = np.setdiff1d(test.rows[np.unique(pairs[:, 1])], leaked)
    if len(later):
        severity = _severity(len(later), total, rule.max_share)
        text = (
            f"rows of the test data agree with one of the training data but for spelling or at "
            f"most {1 - rule.near:.0%} of the cells: {_named(train.rows, test.rows, pairs)}"
        )
        found.append(finding("near-leak", later, text, severity=severity))
    return found + _unseen(train) + _unseen(test)


def _repeated(hashed: HashedRows) -> npt.NDArray[np.bool_]:
    order = np.argsort(hashed.exact, kind="stable")
    ordered = hashed.exact[order]
    repeats = np.zeros(len(order), dtype=bool)
    repeats[order[1:]] = ordered[1:] == ordered[:-1]
    return repeats


def _named(first: Rows, second: Rows, pairs: npt.NDArray[np.int64]) -> str:
    named = [f"{second[b]} with {first[a]}" for a, b in pairs[:_LISTED]]
    more = len(pairs) - len(named)
    return ", ".join(named) + (f" and {more} more pairs" if more > 0 else "")


def _severity(count: int, total: int, allowed: float) -> str:
    return FAIL if count > allowed * total else NOTICE


def _unseen(hashed: HashedRows) -> list[Finding]:
    left = len(hashed.rows) - len(hashed.cells)
    if not left:
        return []
    text = f"the table is too wide to look for near duplicates in its last {left} rows"
    return [finding("limit:near", (), text, severity=NOTICE, count=left)]
