"""Sensors: faults found and false alarms on real logs, real failures, forecasts, signed readings.

Usage: python benchmarks/bench_sensors.py [--quick] [--json FILE]

Each sensor is judged with a sensitivity chosen on the logs of other sources only.
"""

import shutil
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from diptych.data.sensors.check import PROVEN, check_part, check_series, history_length
from diptych.data.sensors.excursion import excursion_findings
from diptych.data.sensors.findings import Limits
from diptych.data.sensors.profile import LEVEL_WIDTH, Sensitivity, learn_profile
from harness import WORK, Row, arguments, report, row
from sensor_faults import ACCEPTED, FAULTS, inject
from sensor_forecast import forecast_rows
from sensor_logs import Log, Window, load_logs, windows_of

HISTORY, CHECKED = 672, 336
GRID = [Sensitivity(tail, level) for tail in (1.1, 1.3, 1.5) for level in (1.0, 2.0, 3.0)]
ALARM_COST = 0.05
"""How much recall one false alarm per sensor-week is worth when the sensitivity is chosen."""


@dataclass
class Score:
    """What one detector did on some windows."""

    found: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    named: list[bool] = field(default_factory=list)
    alarms: int = 0
    weeks: float = 0.0

    @property
    def recall(self) -> float:
        """Share of all injected faults that were found."""
        hits = [hit for hits in self.found.values() for hit in hits]
        return float(np.mean(hits)) if hits else 0.0

    @property
    def alarm_rate(self) -> float:
        """False alarms per sensor-week on the clean windows."""
        return self.alarms / self.weeks

    def add(self, other: "Score") -> None:
        """Add another score."""
        for kind, hits in other.found.items():
            self.found[kind] += hits
        self.named += other.named
        self.alarms += other.alarms
        self.weeks += other.weeks


def score(windows: list[tuple[int, Window]], sensitivity: Sensitivity, seeds: int) -> Score:
    """Check every window clean, then with each fault."""
    total = Score()
    for number, window in windows:
        profile = learn_profile(window.series.part(0, window.history), sensitivity)
        span = (window.history, len(window.series))
        total.alarms += len(check_part(window.series, span, profile))
        total.weeks += window.weeks
        for place, kind in enumerate(FAULTS):
            for seed in range(seeds):
                random = np.random.default_rng([number, place, seed])
                faulty = inject(kind, window.series, window.history, random)
                found = check_part(faulty.series, (window.history, len(faulty.series)), profile)
                hits = [
                    one.rule
                    for one in found
                    if one.rule in ACCEPTED[kind]
                    and one.first <= faulty.last + 2 * LEVEL_WIDTH
                    and one.last >= faulty.first - 2
                ]
                total.found[kind].append(bool(hits))
                total.named.append(kind in hits)
    return total


def score_limits(windows: list[tuple[int, Window]], seeds: int) -> Score:
    """The peer: an alarm wherever the value leaves the range of the history."""
    total = Score()
    for number, window in windows:
        past = window.series.values[: window.history]
        limits = Limits(float(past.min()), float(past.max()))
        clean = window.series.part(window.history, len(window.series))
        total.alarms += len(list(excursion_findings(clean, limits)))
        total.weeks += window.weeks
        for place, kind in enumerate(FAULTS):
            for seed in range(seeds):
                random = np.random.default_rng([number, place, seed])
                faulty = inject(kind, window.series, window.history, random)
                part = faulty.series.values[faulty.first : faulty.last + 1]
                total.found[kind].append(bool(np.any((part < limits.low) | (part > limits.high))))
    return total


def cross_fitted(windows: list[tuple[int, Window]], seeds: int) -> tuple[Score, dict[str, Score]]:
    """Judge each source with what was chosen on the other sources."""
    by_group: dict[str, list[tuple[int, Window]]] = defaultdict(list)
    for number, window in windows:
        by_group[window.group].append((number, window))
    grid = [{g: score(ws, one, seeds) for g, ws in by_group.items()} for one in GRID]
    total, each = Score(), {}
    for group in by_group:
        others = []
        for scores in grid:
            joined = Score()
            for name, one in scores.items():
                if name != group:
                    joined.add(one)
            others.append(joined)
        chosen = max(range(len(GRID)), key=lambda i: _worth(others[i]))
        each[group] = grid[chosen][group]
        total.add(grid[chosen][group])
    return total, each


def _worth(one: Score) -> float:
    """Return what a sensitivity is worth; less than a week of clean logs counts as one."""
    return one.recall - ALARM_COST * one.alarms / max(one.weeks, 1.0)


def fault_rows(logs: list[Log], *, quick: bool) -> list[Row]:
    """Recall and false alarms, beside fixed limits."""
    cut = [w for log in logs for w in windows_of(log, history=HISTORY, checked=CHECKED)]
    windows = list(enumerate(cut[:6] if quick else cut))
    seeds = 1 if quick else 3
    ours, each = cross_fitted(windows, seeds)
    peer = score_limits(windows, seeds)
    series = sum(map(len, ours.found.values()))
    recalls = {kind: round(float(np.mean(hits)), 3) for kind, hits in ours.found.items()}
    theirs = {kind: round(float(np.mean(hits)), 3) for kind, hits in peer.found.items()}
    shared = {
        "faulty_series": series,
        "clean_windows": len(windows),
        "sensors": len({w.sensor for _, w in windows}),
        "fault_kinds": len(FAULTS),
        "sensor_weeks": round(ours.weeks, 2),
    }
    rule_named = float(np.mean(ours.named))
    more = {**shared, "by_kind": recalls, "right_name": round(rule_named, 3)}
    rows = [
        row("faults found, sensors not tuned on", ours.recall, "of all", at_least=0.9, more=more),
        row(
            "false alarms on clean real logs, same run",
            ours.alarm_rate,
            "per sensor-week",
            at_most=1.0,
            more=shared,
        ),
        row("fixed limits: faults found", peer.recall, "of all", more={"by_kind": theirs}),
        row("fixed limits: false alarms", peer.alarm_rate, "per sensor-week"),
    ]
    for group, one in each.items():
        more = {"alarms": one.alarms, "sensor_weeks": round(one.weeks, 3)}
        rows.append(row(f"{group}: faults found", one.recall, "of all", more=more))
    return rows


def failure_rows(logs: list[Log]) -> list[Row]:
    """Labelled real failures, with the settings that ship, walking through the whole log."""
    rows = []
    for log in logs:
        if not log.windows_s:
            continue
        series = log.series
        found = check_series(series)
        start = history_length(series)
        past = series.values[:start]
        limits = Limits(float(past.min()), float(past.max()))
        rest = series.part(start, len(series))
        ours = [(one.from_s, one.to_s) for one in found]
        estimates = [(one.from_s, one.to_s) for one in found if one.rule not in PROVEN]
        peer = [(one.from_s, one.to_s) for one in excursion_findings(rest, limits)]
        weeks = float(series.times_s[-1] - series.times_s[start]) / 604_800
        more: dict[str, object] = {
            "labelled": len(log.windows_s),
            "alarms_outside": _outside(estimates, log.windows_s),
            "alarms_outside_peer": _outside(peer, log.windows_s),
            "sensor_weeks": round(weeks, 2),
            "proven_by_clock_or_counter": len(ours) - len(estimates),
        }
        hits, theirs = _hit(ours, log.windows_s), _hit(peer, log.windows_s)
        rows.append(row(f"{log.series.name}: labelled failures found", hits, "", more=more))
        rows.append(row(f"{log.series.name}: found by fixed limits", theirs, ""))
    return rows


def kitchen_row(logs: list[Log]) -> Row:
    """Kitchen tags above 8 degrees for half an hour: goods out of the fridge."""
    limits = Limits(-1.0, 8.0, for_s=1800)
    tags = [log.series for log in logs if log.group.startswith("kitchen")]
    seen = [any(True for _ in excursion_findings(tag, limits)) for tag in tags]
    more: dict[str, object] = {"tags": len(tags), "names": [t.name for t in tags]}
    return row("kitchen tags out of the fridge, excursion reported", sum(seen), "tags", more=more)


def _hit(found: list[tuple[float, float]], windows_s: tuple[tuple[float, float], ...]) -> int:
    return sum(any(a <= end and b >= start for a, b in found) for start, end in windows_s)


def _outside(found: list[tuple[float, float]], windows_s: tuple[tuple[float, float], ...]) -> int:
    return sum(all(b < start or a > end for start, end in windows_s) for a, b in found)


def ingest_rows(*, quick: bool) -> list[Row]:
    """Signed readings from bytes to durable rows: parse, verify, look for duplicates, commit."""
    from sensor_ingest import ingest_rate

    rows = []
    WORK.mkdir(exist_ok=True)
    for burst, workers, bar in ((1, 1, 10_000), (1, 2, None), (10, 1, None), (100, 1, None)):
        folder = Path(tempfile.mkdtemp(dir=WORK))
        try:
            rate, more = ingest_rate(folder, burst=burst, workers=workers, quick=quick)
        finally:
            shutil.rmtree(folder)
        label = f"signed readings ingested, {burst} for each signature, {workers} process"
        label += "es" if workers > 1 else ""
        rows.append(row(label, rate, "readings/s", at_least=bar, more=more))
    return rows


def main() -> int:
    """Measure everything."""
    asked = arguments(__doc__)
    logs = load_logs()
    start_s = time.perf_counter()
    rows = [
        *fault_rows(logs, quick=asked.quick),
        *failure_rows(logs),
        kitchen_row(logs),
        *forecast_rows(logs, quick=asked.quick),
        *ingest_rows(quick=asked.quick),
    ]
    print(f"{time.perf_counter() - start_s:.0f} s", file=sys.stderr)
    return report("sensors", rows, asked)


if __name__ == "__main__":
    sys.exit(main())
