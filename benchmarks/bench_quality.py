"""Quality: wrong labels found against cleanlab's defaults, and a table of a million rows.

Wrong labels: 5 % of the labels of each table are flipped, with 10 seeds for each of three kinds of
noise. F1 of the rows that are called wrong against those that were flipped. Peers on the same
labels: `CleanLearning()` as it comes (logistic regression on the features as they are), the same
with scaled features, and cleanlab's filter on our probabilities, which tells what the better
classifiers and what the other rule contribute. Differences are paired by table and seed; the
interval is a bootstrap over seeds, 95 %.
"""

import csv
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import harness
from diptych.data.quality.labels.probabilities import out_of_sample
from diptych.data.quality.labels.suspects import chosen
from quality_tables import KINDS, REAL, TUNED, Labels, Table, flipped, held_out

Flags = npt.NDArray[np.bool_]
_SEEDS = 10
_METHODS = ("ours", "cleanlab", "cleanlab, scaled", "cleanlab, our probabilities")
_CHECK = """
import sys
from pathlib import Path
from diptych.app.verbs.data.sources import path_opener
from diptych.data.quality import RuleSet, Tables, check_table
from diptych.data.quality.rules import ColumnRule
rules = RuleSet(columns=(ColumnRule("age", "integer", minimum=0, maximum=120),), label="y")
report = check_table(Tables(path_opener(Path(sys.argv[1]), rules)), rules)
print(report.rows, sorted((one.rule, one.count) for one in report.failures))
"""


def f1(flags: Flags, truth: Flags) -> float:
    """Return the harmonic mean of precision and recall."""
    return 2 * float((flags & truth).sum()) / max(1.0, float(flags.sum() + truth.sum()))


def scores(table: Table, kind: str, seed: int) -> list[float]:
    """Return F1 of each method on one table with one flip."""
    from cleanlab.filter import find_label_issues

    features, labels = table[0], flipped(table, kind, seed)[0]
    truth = flipped(table, kind, seed)[1]
    probabilities = out_of_sample(features, labels, seed=seed)
    ours = np.zeros(len(labels), dtype=bool)
    ours[chosen(probabilities, labels).places] = True
    scaled = (features - features.mean(axis=0)) / np.maximum(features.std(axis=0), 1e-12)
    found = [
        ours,
        cleanlab_default(features, labels, seed),
        cleanlab_default(scaled, labels, seed),
        find_label_issues(labels, probabilities, n_jobs=1),
    ]
    return [f1(flags, truth) for flags in found]


def cleanlab_default(features: npt.NDArray[np.float64], labels: Labels, seed: int) -> Flags:
    """Return what cleanlab calls wrong with nothing chosen but the seed."""
    from cleanlab.classification import CleanLearning

    found = CleanLearning(seed=seed).find_label_issues(features, labels)
    flags: Flags = found["is_label_issue"].to_numpy(bool)
    return flags


def interval(differences: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of a mean; seeds are drawn, tables stay.

    Args:
        differences: shape (tables, seeds).
    """
    chance = np.random.default_rng(0)
    seeds = differences.shape[1]
    means = [differences[:, chance.integers(seeds, size=seeds)].mean() for _ in range(4000)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def label_rows(*, quick: bool) -> list[harness.Row]:
    """Measure wrong labels on held-out tables."""
    seeds = range(2 if quick else _SEEDS)
    names = ["breast_cancer", "iris"] if quick else list(held_out())
    rows = []
    for kind in KINDS[:1] if quick else KINDS:
        found = np.array(
            [[scores(held_out()[name](), kind, seed) for seed in seeds] for name in names]
        )  # tables, seeds, methods
        rows += _compared(f"{len(names)} held-out tables, {kind} flips of 5 %", names, found)
        real = [at for at, name in enumerate(names) if name in REAL]
        title = f"the {len(real)} real ones of these tables, {kind} flips"
        rows += _compared(title, [names[at] for at in real], found[real])
    return rows


def _compared(title: str, names: list[str], found: npt.NDArray[np.float64]) -> list[harness.Row]:
    rows = []
    for place, peer in enumerate(_METHODS[1:], start=1):
        gain = found[:, :, 0] - found[:, :, place]
        low, high = interval(gain)
        bar = 0.03 if place < 3 else None
        ok = None if bar is None else low >= bar
        more: dict[str, Any] = {
            "gain": round(float(gain.mean()), 4),
            "interval_95": [round(low, 4), round(high, 4)],
            "by_table": {
                name: [round(float(one), 3) for one in found[at].mean(axis=0)]
                for at, name in enumerate(names)
            },
            "methods": list(_METHODS),
            "seeds": found.shape[1],
        }
        ours, theirs = float(found[:, :, 0].mean()), float(found[:, :, place].mean())
        rows.append(
            harness.Row(
                f"wrong labels in {title}",
                *(ours, "F1", theirs, peer, ours / theirs),
                "" if bar is None else "F1 >= peer + 0.03, whole interval",
                ok,
                more,
            )
        )
    return rows


def tuned_row() -> harness.Row:
    """Measure the tables that the method was made on, for information."""
    found = np.array(
        [scores(load(), "uniform", seed) for load in TUNED.values() for seed in (0, 1)]
    )
    ours, theirs = found[:, 0].mean(), found[:, 1].mean()
    return harness.row(
        "wrong labels, tables that the method was made on (wine, digits)",
        float(ours),
        "F1",
        peer=float(theirs),
        peer_name="cleanlab",
    )


def size_rows(*, quick: bool) -> list[harness.Row]:
    """Measure one check of a large CSV: time and memory of the process."""
    count = 20_000 if quick else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.csv"
        _write_table(path, count)
        spent = harness.run_child([sys.executable, "-c", _CHECK, str(path)])
        size = path.stat().st_size
    more = {"output": spent.output.strip(), "file_bytes": size, "cpu_s": round(spent.cpu_s, 1)}
    what = f"check of a CSV of {count:,} rows and 10 columns"
    return [
        harness.row(f"{what}: wall time", spent.wall_s, "s", more=more),
        harness.row(f"{what}: memory at its peak", spent.peak_bytes / 2**20, "MiB", at_most=2048.0),
    ]


def _write_table(path: Path, count: int) -> None:
    """Write a seeded table with 3 planted ages out of range and 5 planted near duplicates."""
    chance = np.random.default_rng(7)
    numbers = chance.normal(size=(count, 5))
    ages = chance.integers(0, 100, count)
    cities, sexes = chance.integers(0, 3000, count), chance.integers(0, 2, count)
    classes = (numbers[:, 0] + numbers[:, 1] + chance.normal(size=count) * 0.3 > 0).astype(int)
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "age", "city", "sex", *(f"x{i}" for i in range(5)), "y"])
        for row in range(count):
            from_row = row - count + 5 if row >= count - 5 else row
            age = 150 if row < 3 else int(ages[from_row])
            values = (f"{one:.5f}" for one in numbers[from_row])
            place = f"City {cities[from_row]}"
            writer.writerow(
                [row, age, place, "fm"[sexes[from_row]], *values, int(classes[from_row])]
            )


def main() -> int:
    """Measure; return the exit code."""
    asked = harness.arguments(__doc__)
    warnings.filterwarnings("ignore")  # the peer's logistic regression does not converge unscaled
    start_s = time.perf_counter()
    rows = label_rows(quick=asked.quick)
    if not asked.quick:
        rows.append(tuned_row())
    rows += size_rows(quick=asked.quick)
    print(f"took {time.perf_counter() - start_s:.0f} s", file=sys.stderr)
    return harness.report("quality", rows, asked)


if __name__ == "__main__":
    sys.exit(main())
