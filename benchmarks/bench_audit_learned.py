"""Audit: what the network adds to the rules, and whether its probabilities mean what they say.

Usage: bench_audit_learned.py [--quick] [--json FILE]

Out-of-fold figures are those of training, from the model's card. The others are measured here, on
planted pairs and clean packages that training never saw, and on the time that judging takes.
"""

import json
import sys
import time
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from audit_pairs import PACKAGES, verdicts
from diptych.audit.catalogue import installed_rules
from diptych.audit.learned.rank import shipped_ranker
from diptych.audit.ranking import Ranker
from diptych.audit.scan import scan_files
from diptych.audit.source.files import find_sources
from harness import HERE, Row, arguments, peer_node, report, row

CURATED = HERE.parent.parent / "shared/data/audit/smartbugs-curated"
GRAVE = ("high", "medium")


def card_rows() -> list[Row]:
    """Return the figures of the card: calibration and ablation, out of fold."""
    card: dict[str, Any] = json.loads(
        files("diptych.models.zoo.audit").joinpath("card.json").read_text("utf-8")
    )
    rows = []
    for each in card["metrics"]:
        judged = each["name"] == "expected calibration error: both"
        name = f"out of fold, {each['group']}: {each['name']}"
        interval = {"low": each["low"], "high": each["high"]}
        bar = 0.05 if judged else None
        rows.append(row(name, each["value"], "", at_most=bar, more=interval))
    return rows


def found(paths: Sequence[Path], ranker: Ranker | None) -> tuple[list[dict[str, Any]], int, float]:
    """Return findings, lines and seconds of CPU of one scan."""
    rules = installed_rules()
    start_s = time.process_time()
    told = scan_files(paths, rules, ranker=ranker)
    taken_s = time.process_time() - start_s
    findings = [finding.to_json() for finding in told.findings]
    return findings, sum(file.lines for file in told.files), taken_s


def unseen_rows() -> list[Row]:
    """Compare rules with rules and network on clean packages that training never saw."""
    modules = peer_node("audit-mutants", "--legacy-peer-deps", "--ignore-scripts", *PACKAGES)
    folders = [modules / "node_modules" / each.rpartition("@")[0] for each in PACKAGES]
    paths = [path for path in find_sources(folders) if "test" not in str(path).lower()]
    rows = []
    for who, ranker in (("rules alone", None), ("rules and network", shipped_ranker())):
        findings, lines, _ = found(paths, ranker)
        for name, some in (("medium and high", GRAVE), ("high", ("high",))):
            count = sum(each["severity"] in some for each in findings)
            what = f"unseen clean packages, {who}: {name} findings"
            rows.append(row(what, 1000 * count / lines, "per kLoC"))
    return rows


def pair_rows(*, libraries: bool) -> list[Row]:
    """Compare them on planted pairs that training never saw."""
    rows = []
    for who, ranker in (("rules alone", None), ("rules and network", shipped_ranker())):

        def scan(path: Path, ranker: Ranker | None = ranker) -> list[dict[str, Any]]:
            return found([path], ranker)[0]

        judged = list(verdicts(scan, libraries=libraries))
        right = sum(each.flagged and each.silent for each in judged)
        rows.append(row(f"unseen pairs, {who}: right", right / len(judged), f"of {len(judged)}"))
    return rows


def speed_rows() -> list[Row]:
    """Measure what judging costs on labelled contracts, where rules speak often."""
    paths = find_sources([CURATED])
    found(paths[:5], shipped_ranker())
    _, lines, alone_s = found(paths, None)
    _, _, both_s = found(paths, shipped_ranker())
    return [
        row("speed, rules alone", lines / alone_s, "lines/s"),
        row("speed, model on", lines / both_s, "lines/s", at_least=5000),
    ]


def main() -> int:
    """Run all parts."""
    asked = arguments(__doc__)
    rows = [*card_rows(), *pair_rows(libraries=not asked.quick)]
    if not asked.quick:
        rows += unseen_rows()
    if CURATED.is_dir():
        rows += speed_rows()
    return report("audit_learned", rows, asked)


if __name__ == "__main__":
    sys.exit(main())
