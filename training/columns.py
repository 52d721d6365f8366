"""Train the detector of personal columns that ships in `diptych.models.zoo.columns`.

Usage: python training/columns.py [--quick] [--write]

Learns on generated columns of 20 locales and 22 providers, is judged on 14 locales and 18 providers
that it never saw and on columns of real tables, each beside the rule. `--write` replaces
model.onnx and card.json. The same libraries on the same day give the same bytes (some countries'
national numbers are made from today's date).
"""

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from column_tables import TEST_LOCALES, TRAIN_LOCALES, Column, make_columns, texts
from numpy.typing import NDArray
from real_columns import real_columns
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from diptych.models.zoo.columns import features
from diptych.models.zoo.columns.rules import CLASSES, OTHER, PERSONAL, guess

SEED = 20261123
DRAWS = 1_000
LIMITS = [
    "A warning, not a guarantee: a column that is not flagged may still identify people,"
    " alone or together with others.",
    "Learnt from generated columns in Latin script; other scripts were not tested.",
    "Company names that are made of a person's name are often taken for persons.",
    "Training providers were widened once after a look at the test's errors, so its figures"
    " are somewhat bright; the real tables were not used that way, but are few.",
    "Short columns (fewer than 8 distinct values) say little; expect errors.",
    "Quasi-identifiers (postcode, age, rare diagnosis) are not looked for.",
]
TARGET = Path(features.__file__).parent
Labels = NDArray[np.str_]


def matrix(columns: Sequence[Column]) -> NDArray[np.float32]:
    """Return the features of columns, one row each."""
    rows = [features.column_features(one.header, one.values) for one in columns]
    return np.asarray(rows, dtype=np.float32)


def fit(columns: Sequence[Column]) -> Pipeline:
    """Return the trained pipeline: scaling and a multinomial logistic regression."""
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.05, max_iter=500))
    order = {kind: position for position, kind in enumerate(CLASSES)}
    return model.fit(matrix(columns), [order[kind] for kind in texts(columns)])


def predict(model: Pipeline, columns: Sequence[Column]) -> Labels:
    """Return the class of each column."""
    return np.asarray([CLASSES[position] for position in model.predict(matrix(columns))])


def by_rule(columns: Sequence[Column]) -> Labels:
    """Return the class of each column by the rule."""
    return np.asarray([guess(one.header, one.values) for one in columns])


def macro_f1(truth: Labels, found: Labels) -> float:
    """Return the mean F1 over the classes that occur."""
    present = sorted(set(truth))
    return float(f1_score(truth, found, labels=present, average="macro", zero_division=0))


def personal_recall(truth: Labels, found: Labels) -> float:
    """Return the share of personal columns that are called personal."""
    return _share(np.isin(found[np.isin(truth, list(PERSONAL))], list(PERSONAL)))


def false_alarms(truth: Labels, found: Labels) -> float:
    """Return the share of columns of no personal kind that are called personal."""
    return _share(np.isin(found[truth == OTHER], list(PERSONAL)))


def _share(hits: NDArray[np.bool_]) -> float:
    return float(hits.mean()) if len(hits) else float("nan")


SCORES = {
    "macro F1": macro_f1,
    "recall of personal columns": personal_recall,
    "false alarms on other columns": false_alarms,
}


def interval(
    columns: Sequence[Column], truth: Labels, found: Labels, score: Any
) -> tuple[float, float]:
    """Return the 95 % interval by resampling families, which are what is new in a new table."""
    chance = np.random.default_rng(SEED)
    families = np.asarray([one.family for one in columns])
    groups = [np.flatnonzero(families == name) for name in sorted(set(families))]
    drawn = []
    for _ in range(DRAWS):
        picks = chance.integers(0, len(groups), len(groups))
        rows = np.concatenate([groups[pick] for pick in picks])
        drawn.append(score(truth[rows], found[rows]))
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def metrics(columns: Sequence[Column], found: Labels, who: str, data: str) -> list[dict[str, Any]]:
    """Return the metrics of one set of answers, with intervals, as members of a card."""
    truth = np.asarray(texts(columns))
    rows = []
    for name, score in SCORES.items():
        low, high = interval(columns, truth, found, score)
        value = score(truth, found)
        rows.append(
            {
                "name": name,
                "value": round(value, 4),
                "low": round(min(low, value), 4),
                "high": round(max(high, value), 4),
                "confidence": 0.95,
                "data": data,
                "group": who,
                "method": f"bootstrap over families, {DRAWS} draws",
            }
        )
    return rows


def to_onnx(model: Pipeline) -> bytes:
    """Return the model as ONNX: features in, label and probabilities out."""
    from skl2onnx import to_onnx as convert

    shape = np.zeros((1, features.FEATURES), dtype=np.float32)
    made = convert(model, shape, options={"zipmap": False}, target_opset=17)
    return bytes(made.SerializeToString(deterministic=True))


def card(measured: list[dict[str, Any]], counts: dict[str, int]) -> dict[str, Any]:
    """Return what a person states in the card; publishing adds digests, inputs and outputs."""
    code = [
        Path(__file__),
        *(Path(__file__).parent / n for n in ("column_tables.py", "real_columns.py")),
    ]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in code)).hexdigest()
    libraries = ", ".join(f"{n} {version(n)}" for n in ("scikit-learn", "skl2onnx", "Faker"))
    return {
        "summary": "Says which columns of a table look like personal data, before they are sealed.",
        "task": "multi-class classification of table columns",
        "intended_use": "A warning to a person before a table is sealed, shared or sold in public."
        " It reads the header and at most 200 distinct values of each column.",
        "limits": LIMITS,
        "seed": SEED,
        "code": {"path": "training/columns.py", "sha256": digest},
        "licence": "Apache-2.0",
        "data": [
            {
                "name": f"{counts['train']} generated columns, {len(TRAIN_LOCALES)} locales"
                f" ({libraries})",
                "role": "train",
            },
            {
                "name": f"{counts['test']} generated columns, {len(TEST_LOCALES)} other locales",
                "role": "test",
            },
            {
                "name": f"{counts['real']} columns of real tables (vega-datasets, scikit-learn)",
                "role": "test",
            },
        ],
        "metrics": measured,
        "inputs": {"X": f"{features.FEATURES} features of a column: zoo.columns.features"},
        "outputs": {
            "label": f"position of the class: {', '.join(CLASSES)}",
            "probabilities": "by class, in the same order",
        },
    }


def main() -> int:
    """Train, judge, and write if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few columns, to see that it works")
    parser.add_argument("--write", action="store_true", help="replace the shipped model and card")
    asked = parser.parse_args()
    size = 600 if asked.quick else 12_000
    train = make_columns(size, SEED, test=False)
    model = fit(train)
    sets = {
        "generated, new locales and providers": make_columns(size // 3, SEED + 1, test=True),
        "real tables": real_columns(),
        "real tables, headers that say nothing": real_columns(mute=True),
    }
    measured = []
    for data, columns in sets.items():
        measured += metrics(columns, predict(model, columns), "model", data)
        measured += metrics(columns, by_rule(columns), "rule", data)
        mute = [one for one in columns if one.header_kind == "mute"]
        if mute:
            where = f"{data}, headers that say nothing"
            measured += metrics(mute, predict(model, mute), "model", where)
            measured += metrics(mute, by_rule(mute), "rule", where)
    raw = to_onnx(model)
    for row in measured:
        figures = f"{row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f})"
        print(f"{row['group']:<6} {row['name']:<30} {figures:<24} {row['data']}")
    print(f"model.onnx: {len(raw):,} bytes, sha256 {hashlib.sha256(raw).hexdigest()}")
    if asked.write:
        counts = dict(
            zip(("train", "test", "real"), (len(train), *map(len, sets.values())), strict=False)
        )
        (TARGET / "model.onnx").write_bytes(raw)
        text = json.dumps(card(measured, counts), indent=1, sort_keys=True)
        (TARGET / "card.json").write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":  # one of Faker's providers draws from a set
        os.execve(
            sys.executable, [sys.executable, *sys.argv], {**os.environ, "PYTHONHASHSEED": "0"}
        )
    sys.exit(main())
