"""Audit: recall on labelled contracts, quiet on clean libraries, speed and memory.

Development sets of data/audit; clean code from npm; Slither on the same files in the same run, each
compiled by the version that its set names.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from audit_carriers import carrier_rows
from audit_fragments import fragment_rows
from audit_peer import Told, gathered, labelled, slither
from audit_scoring import matthews, per_thousand, recalls
from harness import HERE, Row, arguments, peer_node, report, row, run_child

AUDIT = HERE.parent.parent / "shared/data/audit"
CLEAN = (
    "@openzeppelin/contracts@5.7.0",
    "@uniswap/v2-core@1.0.1",
    "@account-abstraction/contracts@0.8.0",
)
LABELLED = ("smartbugs-curated", "reentrancy-aggregated", "not-so-smart", "honeybadger")
GRAVE = ("high", "medium")


def scanned(folders: Sequence[Path]) -> tuple[dict[str, Any], int]:
    """Scan folders in a child; return its report and its peak memory in bytes."""
    child = [sys.executable, str(HERE / "audit_child.py"), *map(str, folders)]
    spent = run_child(child)
    found: dict[str, Any] = json.loads(spent.output)
    return found, spent.peak_bytes


def labelled_rows(names: Sequence[str]) -> list[Row]:
    """Score the labelled sets."""
    told, peak_bytes = scanned([AUDIT / name for name in names])
    findings, files = told["findings"], told["files"]
    lines = sum(file["lines"] for file in files)
    curated = recalls(AUDIT / "smartbugs-curated", findings)
    hits, labels = (sum(pair[at] for pair in curated.values()) for at in (0, 1))
    macro = sum(hit / of for hit, of in curated.values()) / len(curated)
    rows = [
        row("curated set: labels hit at function level", hits / labels, "of all", at_least=0.88),
        row("curated set: the same, mean over categories", macro, "of all", at_least=0.75),
    ]
    rows += [
        row(f"curated set: {name}", hit / of, f"of {of}")
        for name, (hit, of) in sorted(curated.items())
    ]
    if "reentrancy-aggregated" in names:
        value = matthews(AUDIT / "reentrancy-aggregated", findings, "reentrancy")
        rows.append(row("real contracts, reentrancy: MCC", value, "", at_least=0.85))
    rows += slither_rows(names)
    partial = sum(file["state"] != "whole" for file in files)
    speed, rules = lines / told["cpu_s"], len(told["rules"])
    return [
        *rows,
        row("files analysed", len(files), "files"),
        row("of them in part", partial, "files"),
        row(f"speed, {rules} rules, one process", speed, "lines/s", at_least=5000),
        row("peak memory", peak_bytes / 1e6, "MB", at_most=400),
    ]


def slither_rows(names: Sequence[str]) -> list[Row]:
    """Score Slither on the labelled sets whose recall or verdicts are judged."""
    judged = [name for name in ("smartbugs-curated", "reentrancy-aggregated") if name in names]
    told: Told = slither(labelled(AUDIT / name for name in judged))
    curated = recalls(AUDIT / "smartbugs-curated", told.findings)
    hits, labels = (sum(pair[at] for pair in curated.values()) for at in (0, 1))
    macro = sum(hit / of for hit, of in curated.values()) / len(curated)
    rows = [
        row("Slither: labels hit at function level", hits / labels, "of all"),
        row("Slither: the same, mean over categories", macro, "of all"),
        row("Slither: files finished", told.finished, "files"),
        row("Slither: peak memory", told.peak_bytes / 1e6, "MB"),
    ]
    if "reentrancy-aggregated" in names:
        value = matthews(AUDIT / "reentrancy-aggregated", told.findings, "reentrancy")
        rows.append(row("Slither: real contracts, reentrancy, MCC", value, ""))
    return rows


def clean_rows(packages: Sequence[str]) -> list[Row]:
    """Count findings in clean libraries."""
    modules = peer_node("audit-clean", *packages) / "node_modules"
    told, _ = scanned([modules / each.rpartition("@")[0] for each in packages])
    lines = sum(file["lines"] for file in told["files"])
    grave = per_thousand(told["findings"], GRAVE, lines)
    high = per_thousand(told["findings"], ("high",), lines)
    places = {name: modules / name for name in (each.rpartition("@")[0] for each in packages)}
    targets = [
        gathered(f"clean-{at}", "0.5.16" if "uniswap" in name else "0.8.28", {name: folder})
        for at, (name, folder) in enumerate(places.items())
    ]
    peer = slither(targets, modules)
    return [
        row("clean libraries: medium and high findings", grave, "per kLoC", at_most=2),
        row("clean libraries: high findings", high, "per kLoC", at_most=0.3),
        row(
            "Slither: clean libraries, medium and high",
            per_thousand(peer.findings, GRAVE, lines),
            "per kLoC",
            more={"libraries finished": peer.finished},
        ),
        row(
            "Slither: clean libraries, high",
            per_thousand(peer.findings, ("high",), lines),
            "per kLoC",
        ),
        row("speed on clean libraries", lines / told["cpu_s"], "lines/s", at_least=5000),
        row("Slither: speed on clean libraries", lines / peer.cpu_s, "lines/s"),
    ]


def main() -> int:
    """Run all parts."""
    asked = arguments(__doc__)
    if not AUDIT.is_dir():
        print(f"no labelled sets in {AUDIT}", file=sys.stderr)
        return 1
    names = LABELLED[:1] if asked.quick else LABELLED
    packages = CLEAN[1:2] if asked.quick else CLEAN
    rows = [*labelled_rows(names), *fragment_rows(AUDIT / "smartbugs-curated")]
    rows += [*clean_rows(packages), *carrier_rows(quick=asked.quick)]
    return report("audit", rows, asked)


if __name__ == "__main__":
    sys.exit(main())
