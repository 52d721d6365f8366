"""Findings about labels: single ones that are probably wrong, and classes that were flipped."""

import numpy as np
import pandas as pd

from diptych.data.quality.findings import FAIL, MAX_ROWS, NOTICE, Finding, finding
from diptych.data.quality.labels.features import feature_matrix
from diptych.data.quality.labels.peer import peer_suspects
from diptych.data.quality.labels.probabilities import FOLDS, Labels
from diptych.data.quality.labels.suspects import Suspects, suspects
from diptych.data.quality.rules import LabelRule
from diptych.data.quality.sample import names_of
from diptych.data.quality.significance import holm

MIN_ROWS = 50
MAX_CLASSES = 50
_ALPHA = 0.01
_FLIPPED = 0.05


def label_findings(
    frame: pd.DataFrame, label: str, rule: LabelRule, *, total: int
) -> tuple[list[Finding], str]:
    """Look for labels that contradict the rest of their row.

    Args:
        frame: rows that are looked at; the index is the row number.
        label: the column of labels.
        rule: what passes.
        total: rows of the table.

    Returns:
        Findings, and what was looked at.
    """
    frame = frame[frame[label].notna()]
    names = names_of(frame[label])
    sizes = names.value_counts()
    kept = names.isin(sizes[sizes >= FOLDS].index)
    frame, names = frame[kept.to_numpy()], names[kept]
    classes = sorted(names.unique())
    features = feature_matrix(frame.drop(columns=[label, *rule.ignore], errors="ignore"))
    if len(frame) < MIN_ROWS or not 2 <= len(classes) <= MAX_CLASSES or not features.shape[1]:
        return [_limit("too few rows, classes or columns to judge single labels")], "nothing"
    labels = np.searchsorted(classes, names.to_numpy(str))
    judge = peer_suspects if rule.method == "cleanlab" else suspects
    found = judge(features, labels, seed=rule.seed)
    looked = f"{len(frame)} of {total} rows"
    if not found.learnable:
        return [_limit("the other columns do not tell the label: no label can be judged")], looked
    return _findings(frame, labels, (found, rule)), looked


def _findings(
    frame: pd.DataFrame, labels: Labels, judged: tuple[Suspects, LabelRule]
) -> list[Finding]:
    found, rule = judged
    rows = frame.index.to_numpy(np.int64)[found.places]
    made = []
    if len(rows):
        share = len(rows) / len(frame)
        text = (
            f"labels contradict the rest of their row: {len(rows)} of {len(frame)} ({share:.1%}), "
            "most suspect first"
        )
        numbers = {"share": share, "allowed": rule.max_share, "accuracy": found.accuracy}
        severity = FAIL if share > rule.max_share else NOTICE
        listed = tuple(int(row) for row in rows[:MAX_ROWS])
        made.append(Finding("label-error", severity, len(rows), listed, text, numbers))
    return made + _flips(labels, found, rows)


def _flips(labels: Labels, found: Suspects, rows: Labels) -> list[Finding]:
    """Return directions in which labels were turned more often than the other way round.

    Honest mistakes between two classes go both ways; whoever poisons data turns one class into
    another. Sign test on the suspects of each pair of classes, Holm-adjusted.
    """
    from scipy.stats import binomtest

    classes = int(labels.max()) + 1
    turned = np.zeros((classes, classes), dtype=int)  # [likely, given]
    np.add.at(turned, (found.likely, labels[found.places]), 1)
    pairs = [(a, b) for a in range(classes) for b in range(classes) if turned[a, b] > turned[b, a]]
    tests = [
        float(
            binomtest(
                int(turned[a, b]), int(turned[a, b] + turned[b, a]), 0.5, alternative="greater"
            ).pvalue
        )
        for a, b in pairs
    ]
    sizes = np.bincount(labels, minlength=classes)
    made = []
    for (a, b), p in zip(pairs, holm(tests), strict=True):
        share = turned[a, b] / max(1, sizes[a] + turned[a, b])
        if p >= _ALPHA or share < _FLIPPED:
            continue
        mask = (found.likely == a) & (labels[found.places] == b)
        text = (
            f"{turned[a, b]} rows of class {a + 1} seem to carry the label of class {b + 1}, only "
            f"{turned[b, a]} the other way round"
        )
        numbers = {"p": p, "share": float(share)}
        made.append(finding(f"label-flips:{a + 1}-{b + 1}", rows[mask], text, numbers=numbers))
    return made


def _limit(text: str) -> Finding:
    return finding("limit:labels", (), text, severity=NOTICE, count=1)
