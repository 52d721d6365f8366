"""Rules alone, network alone, both: the same measures, with intervals over clusters."""

import json
import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from findings import Row, found_in
from numpy.typing import NDArray

__all__ = ["Measure", "Said", "measures"]

DRAWS = 1_000
SEED = 20261123
_GRAVE = ("high", "medium")
_SHOWN = ("high", "medium", "low")
Said = Callable[[Row], str]
"""The severity that a system gives a finding; `info` or empty where it stays silent."""


class Measure(NamedTuple):
    """One figure with its 95 % interval by bootstrap over clusters."""

    name: str
    value: float
    low: float
    high: float

    def text(self) -> str:
        """Return the figure as it is printed."""
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


Counts = dict[str, NDArray[np.float64]]


def measures(
    rows: Sequence[Row], said: Said, sets: Path, lines: Mapping[str, int]
) -> list[Measure]:
    """Return every measure of one system."""
    curated = _curated(rows, said, sets / "smartbugs-curated")
    real = _real(rows, said, sets / "reentrancy-aggregated")
    pairs = _pairs(rows, said)
    clean = _clean(rows, said, lines)
    known = _precision(rows, said)
    return [
        _measure("curated set: recall by function", curated, lambda s: s[0] / s[1]),
        _measure("findings of known truth: precision", known, lambda s: s[0] / max(s[1], 1)),
        _measure("real contracts, reentrancy: MCC", real, _matthews),
        _measure("training pairs: fault flagged, twin silent", pairs, lambda s: s[0] / s[1]),
        _measure("clean libraries: medium+ per kLoC", clean, lambda s: 1000 * s[0] / s[2]),
        _measure("clean libraries: high per kLoC", clean, lambda s: 1000 * s[1] / s[2]),
    ]


def _measure(name: str, counts: Counts, value: Callable[[Any], float]) -> Measure:
    table = np.array([counts[key] for key in sorted(counts)])
    chance = np.random.default_rng(SEED)
    drawn = [value(table[chance.integers(0, len(table), len(table))].sum(0)) for _ in range(DRAWS)]
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return Measure(name, float(value(table.sum(0))), float(low), float(high))


def _counts(size: int) -> Counts:
    return defaultdict(lambda: np.zeros(size))


def _by_file(rows: Sequence[Row], said: Said, part: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.part == part and said(row) in _SHOWN:
            found["/src/" + row.finding["location"]["path"].rpartition("/src/")[2]].append(row)
    return found


def _curated(rows: Sequence[Row], said: Said, folder: Path) -> Counts:
    groups = {
        "/src/" + row.finding["location"]["path"].rpartition("/src/")[2]: row.group
        for row in rows
        if row.part == folder.name
    }
    shown = _by_file(rows, said, folder.name)
    counts = _counts(2)
    for label in _lines(folder / "labels.jsonl"):
        name = "/" + label["file"]
        hit = any(found_in(label, row.finding) for row in shown.get(name, ()))
        counts[groups.get(name, name)] += (hit, 1)
    return counts


def _real(rows: Sequence[Row], said: Said, folder: Path) -> Counts:
    groups = {
        "/src/" + row.finding["location"]["path"].rpartition("/src/")[2]: row.group
        for row in rows
        if row.part == folder.name
    }
    labels = _lines(folder / "labels.jsonl")
    wanted = {"/" + each["file"] for each in labels if each["category"] == "reentrancy"}
    shown = _by_file(rows, said, folder.name)
    counts = _counts(4)
    for file in _lines(folder / "files.jsonl"):
        name = "/" + file["file"]
        flagged = any(row.finding["category"] == "reentrancy" for row in shown.get(name, ()))
        cell = 2 * (name in wanted) + flagged
        counts[groups.get(name, name)][cell] += 1
    return counts


def _matthews(cells: Sequence[float]) -> float:
    quiet, false, missed, hit = cells
    below = math.sqrt((hit + false) * (hit + missed) * (quiet + false) * (quiet + missed))
    return float((hit * quiet - false * missed) / below) if below else math.nan


def _pairs(rows: Sequence[Row], said: Said) -> Counts:
    group: dict[str, str] = {}
    flagged: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.part == "pairs" and not row.finding["rule"]:
            group[row.pair] = row.group
        elif row.pair and said(row) in _SHOWN:
            flagged[row.pair].add(row.side)
    counts = _counts(2)
    for pair, name in group.items():
        counts[name] += (flagged[pair] == {"fault"}, 1)
    return counts


def _clean(rows: Sequence[Row], said: Said, lines: Mapping[str, int]) -> Counts:
    counts = _counts(3)
    for group, count in lines.items():
        counts[group] += (0, 0, count)
    for row in rows:
        if row.part == "clean":
            severity = said(row)
            counts[row.group] += (severity in _GRAVE, severity == "high", 0)
    return counts


def _precision(rows: Sequence[Row], said: Said) -> Counts:
    counts = _counts(2)
    for row in rows:
        if row.truth is not None and said(row) in _SHOWN:
            counts[row.group] += (row.truth, 1)
    return counts


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
