"""Scores findings against labelled sets of contracts, as the sets' own scorer does.

A label is hit at function level by a finding of its category that overlaps its lines within two,
or that lies in its function, with its main place or one that belongs to it.
"""

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

Finding = Mapping[str, Any]
TOLERANCE_LINES = 2


def lines_of(path: Path) -> list[dict[str, Any]]:
    """Read a JSON-lines file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def by_file(findings: Iterable[Finding], folder: Path) -> dict[str, list[Finding]]:
    """Group findings by their file's path below a set's folder."""
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        path = Path(finding["location"]["path"])
        if path.is_relative_to(folder):
            found[path.relative_to(folder).as_posix()].append(finding)
    return found


def recalls(folder: Path, findings: Iterable[Finding]) -> dict[str, tuple[int, int]]:
    """Return by category how many labels were hit at function level, and how many there are."""
    grouped = by_file(findings, folder)
    counts: dict[str, tuple[int, int]] = {}
    for label in lines_of(folder / "labels.jsonl"):
        if label["category"] == "none":
            continue
        hit, of = counts.get(label["category"], (0, 0))
        same = [f for f in grouped.get(label["file"], ()) if f["category"] == label["category"]]
        counts[label["category"]] = (hit + any(_hits(label, f) for f in same), of + 1)
    return counts


def _hits(label: Mapping[str, Any], finding: Finding) -> bool:
    if not label["line"]:
        return True
    first, last = label["line"] - TOLERANCE_LINES, label["line_end"] + TOLERANCE_LINES
    places = (finding["location"], *finding["related"])
    overlaps = any(place["line"] <= last and place["end_line"] >= first for place in places)
    named = any(place["function"] == label["function"] for place in places)
    return overlaps or (named and bool(label["function"]))


def matthews(folder: Path, findings: Iterable[Finding], category: str) -> float:
    """Return the Matthews correlation of files flagged and files labelled with a category."""
    labels = lines_of(folder / "labels.jsonl")
    wanted = {label["file"] for label in labels if label["category"] == category}
    grouped = by_file(findings, folder)
    counts = {(truth, said): 0 for truth in (True, False) for said in (True, False)}
    for file in lines_of(folder / "files.jsonl"):
        said = any(f["category"] == category for f in grouped.get(file["file"], ()))
        counts[file["file"] in wanted, said] += 1
    hit, missed = counts[True, True], counts[True, False]
    false, quiet = counts[False, True], counts[False, False]
    below = math.sqrt((hit + false) * (hit + missed) * (quiet + false) * (quiet + missed))
    return (hit * quiet - false * missed) / below if below else 0.0


def per_thousand(findings: Sequence[Finding], severities: Sequence[str], lines: int) -> float:
    """Return findings of some severities per thousand lines of code, comments not counted."""
    return 1000 * sum(f["severity"] in severities for f in findings) / max(lines, 1)
