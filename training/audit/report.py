"""Compares the judges, chooses what ships, and writes model, table and card."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ablation import Measure, measures
from calibrate import Fitted, error, fit, records, table
from findings import Row
from mutants.mutant import CLASSES
from samples import PACKAGES, WORK
from sklearn.metrics import roc_auc_score

from diptych.audit.learned.table import ProbabilityTable, Voice
from diptych.audit.learned.vocabulary import CATEGORIES

__all__ = ["report"]

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent.parent / "src" / "diptych" / "models" / "zoo" / "audit"
SEED = 20261123
DRAWS = 500
LOST = 0.003
GAIN = 3
NOISE = 0.75


def report(sets: Path, *, write: bool) -> None:
    """Print calibration and ablation; write what ships if asked to."""
    kept = json.loads((WORK / "rows.json").read_text())
    rows = [_row(each) for each in kept["rows"]]
    lines = kept["lines"]
    fitted = fit(rows)
    figures = _calibration(fitted)
    hide, demote = _thresholds(fitted)
    propose = _proposals(rows, lines)
    print(f"hide below {hide}, demote below {demote}, propose from {propose}")
    said = {id(row): each for row, each in zip(fitted.rows, fitted.both, strict=True)}
    shipped = table(fitted, network=True)._replace(hide=hide, demote=demote)
    shipped = _with_proposals(shipped, rows, propose)
    print({key: pair for key, pair in shipped.records.items() if key.startswith("learned")})
    systems = {
        "rules": lambda row: row.finding["severity"] if row.by_rule else "",
        "network": _alone(_quiet(rows, lines)),
        "both, filter": lambda row: _filtered(row, said, shipped) if row.by_rule else "",
        "both, filter and proposals": lambda row: (
            _filtered(row, said, shipped) if row.by_rule else _proposed(row, propose)
        ),
    }
    ablation = {name: measures(rows, each, sets, lines) for name, each in systems.items()}
    for name, found in ablation.items():
        for each in found:
            print(f"{name:<27} {each.name:<45} {each.text()}")
    (WORK / "table.json").write_text(shipped.dump())
    if write:
        _write(shipped, figures, ablation, len(fitted.rows))


def _row(plain: list[Any]) -> Row:
    part, group, finding, voice, truth, pair, side = plain
    heard = voice is not None and finding["severity"] != "info"  # notes are not asked about
    return Row(part, group, finding, Voice(*voice) if heard else None, truth, pair, side)


def _calibration(fitted: Fitted) -> list[Measure]:
    """Print and return calibration error and ranking of the three judges."""
    figures = []
    chance = np.random.default_rng(SEED)
    names = sorted(set(fitted.groups))
    at = {name: np.flatnonzero(np.array(fitted.groups) == name) for name in names}
    drawn = [
        np.concatenate([at[names[pick]] for pick in chance.integers(0, len(names), len(names))])
        for _ in range(DRAWS)
    ]
    for who in ("rule", "network", "both"):
        said = getattr(fitted, who)
        for name, score in (
            ("expected calibration error", error),
            ("area under ROC", roc_auc_score),
        ):
            value = float(score(fitted.truth, said))
            low, high = np.quantile(
                [score(fitted.truth[r], said[r]) for r in drawn], [0.025, 0.975]
            )
            figures.append(Measure(f"{name}: {who}", value, min(float(low), value), float(high)))
            print(f"{figures[-1].name:<45} {figures[-1].text()}")
    share = fitted.truth.mean()
    print(f"{len(fitted.rows)} findings of known truth in {len(names)} clusters, {share:.2f} true")
    return figures


def _thresholds(fitted: Fitted) -> tuple[float, float]:
    """Return the highest probabilities at which at most one true finding of a hundred is lost."""
    severity = np.array([row.finding["severity"] for row in fitted.rows])
    grave = np.isin(severity, ("high", "medium"))
    return _highest(fitted, severity != "info"), _highest(fitted, grave)


def _highest(fitted: Fitted, some: Any) -> float:
    best = 0.0
    for limit in np.arange(0.02, 0.3, 0.01):
        low = fitted.both < limit
        lost = (low & some & (fitted.truth == 1)).sum() / max((some & (fitted.truth == 1)).sum(), 1)
        if lost <= LOST:
            best = round(float(limit), 2)
    return best


def _proposals(rows: Sequence[Row], lines: dict[str, int]) -> dict[str, float]:
    """Return by category the logit from which the network speaks alone, where that pays.

    It pays where it finds at least `GAIN` planted faults that no rule finds, says nothing of their
    clean bases, and at most `NOISE` findings (all of low severity) per kLoC of clean libraries.
    """
    allowed = NOISE * sum(lines.values()) / 1000
    found = {}
    for category in CATEGORIES:
        some = [row for row in _unruled(rows) if row.finding["category"] == category and row.voice]
        for logit in np.arange(0.5, 6, 0.25):
            said = [row for row in some if row.voice and row.voice.logit >= logit]
            gain = {row.pair for row in said if row.side == "fault"}
            quiet = not any(row.part == "bases" or row.side == "twin" for row in said)
            noise = sum(row.part == "clean" for row in said)
            if quiet and noise <= allowed and len(gain) >= GAIN:
                found[category] = round(float(logit), 2)
                break
    return found


def _with_proposals(
    shipped: ProbabilityTable, rows: Sequence[Row], propose: dict[str, float]
) -> ProbabilityTable:
    """Add the record of the network's own findings to the table."""
    own = [
        row
        for row in _unruled(rows)
        if row.truth is not None and _proposed(row, propose) and row.side != "twin"
    ]
    return shipped._replace(propose=propose, records={**shipped.records, **records(own)[1]})


def _unruled(rows: Sequence[Row]) -> list[Row]:
    """Return the network's rows in functions where no rule names the category."""

    def place(row: Row) -> tuple[Any, ...]:
        where = row.finding["location"]
        return (row.pair, row.side, where["path"], where["function"], row.finding["category"])

    some = [row for row in rows if row.finding["rule"]]
    ruled = {place(row) for row in some if row.by_rule}
    return [row for row in some if not row.by_rule and place(row) not in ruled]


def _quiet(rows: Sequence[Row], lines: dict[str, int]) -> float:
    """Return the logit at which the network alone makes two findings per kLoC of clean code."""
    logits = sorted(
        (row.voice.logit for row in rows if row.part == "clean" and not row.by_rule and row.voice),
        reverse=True,
    )
    allowed = int(2 * sum(lines.values()) / 1000)
    return logits[allowed] if allowed < len(logits) else 0.0


def _alone(limit: float) -> Any:
    print(f"network alone speaks from logit {limit:.2f}")

    def said(row: Row) -> str:
        if row.finding["rule"] and not row.by_rule and row.voice and row.voice.logit >= limit:
            return "medium"
        return ""

    return said


def _filtered(row: Row, said: dict[int, Any], judge: ProbabilityTable) -> str:
    if not row.finding["rule"]:
        return ""
    severity, rule = row.finding["severity"], row.finding["rule"]
    given = said.get(id(row))
    value = judge.probability(rule, severity, row.voice) if given is None else float(given)
    if value < judge.hide:
        return "info"
    return "low" if severity in ("high", "medium") and value < judge.demote else str(severity)


def _proposed(row: Row, propose: dict[str, float]) -> str:
    least = propose.get(row.finding.get("category", ""))
    return "low" if least is not None and row.voice and row.voice.logit >= least else ""


def _write(
    shipped: ProbabilityTable,
    figures: list[Measure],
    ablation: dict[str, list[Measure]],
    findings: int,
) -> None:
    raw = (WORK / "model.onnx").read_bytes()
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "model.onnx").write_bytes(raw)
    (TARGET / "table.json").write_text(shipped.dump(), encoding="utf-8")
    card = _card(figures, ablation, findings)
    text = json.dumps(card, indent=1, sort_keys=True)
    (TARGET / "card.json").write_text(text + "\n", encoding="utf-8")
    print(f"wrote {TARGET}: {len(raw):,} bytes, sha256 {hashlib.sha256(raw).hexdigest()}")


LIMITS = [
    "Learnt mostly from Solidity of 2016 to 2019 and from planted faults; what looks new to it is"
    " judged by the rules' record alone.",
    "The share of true findings in its data is not that of your code: probabilities are calibrated"
    " on labelled sets, clean libraries and planted pairs together.",
    "It resembles, it does not prove; only rules say why.",
    "Knows nine categories; honeypots, malware and Vyper are judged by the rules' record alone.",
]


def _card(
    figures: list[Measure], ablation: dict[str, list[Measure]], findings: int
) -> dict[str, Any]:
    """Return what a person states in the card; publishing adds digests, inputs and outputs."""
    code = sorted(HERE.glob("*.py")) + sorted((HERE / "mutants").rglob("*.*"))
    digest = hashlib.sha256(
        b"".join(p.read_bytes() for p in code if p.is_file() and p.suffix != ".pyc")
    ).hexdigest()
    sets = ("smartbugs-curated", "solidifi", "reentrancy-detection-benchmarks (aggregated)")
    return {
        "summary": "Judges findings of audit rules by the graph of the function they stand in.",
        "task": "multi-label classification of functions of smart contracts",
        "intended_use": "Ranks what `diptych audit scan` finds; gives findings a probability.",
        "limits": LIMITS,
        "seed": SEED,
        "code": {"path": "training/audit/train.py", "sha256": digest},
        "licence": "Apache-2.0",
        "data": [
            *({"name": name, "role": "train"} for name in sets),
            {"name": f"clean code: {', '.join(PACKAGES)}", "role": "train"},
            {
                "name": f"planted pairs of {len(CLASSES)} classes, own and library bases",
                "role": "train",
            },
            {"name": f"{findings} findings of known truth, out of fold", "role": "test"},
        ],
        "metrics": [
            *(_metric(each, "probabilities", "out of fold") for each in figures),
            *(_metric(each, who, "out of fold") for who, some in ablation.items() for each in some),
        ],
        "inputs": {"words": "kind, attribute and type of each node: audit.learned.features"},
        "outputs": {"logits": f"by function and category: {', '.join(CATEGORIES)}"},
    }


def _metric(each: Measure, who: str, data: str) -> dict[str, Any]:
    return {
        "name": each.name,
        "value": round(each.value, 4),
        "low": round(min(each.low, each.value), 4),
        "high": round(max(each.high, each.value), 4),
        "confidence": 0.95,
        "data": data,
        "group": who,
        "method": "bootstrap over clusters of near-copies",
    }
