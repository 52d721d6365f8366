"""Audit of honeypots and of contracts that carry malware.

Nothing here was fitted to numbers, so there are no folds; figures with one file for each cluster
of clones (Jaccard of 5-token shingles >= 0.7), and with each family alone against all that is
honest, say how far they depend on copies. The made contracts are scanned as they were made.
"""

import json
import math
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from audit_carrier_cases import CARRIERS, HONEST, cases
from audit_scoring import lines_of
from diptych.audit.catalogue import installed_rules
from diptych.audit.finding import Finding
from diptych.audit.scan import scan_files
from harness import HERE, Row, arguments, report, row

AUDIT = HERE.parent.parent / "shared/data/audit"
_TOKEN = re.compile(r"\w+|[^\w\s]")
_CLONE = 0.7
_SHINGLE = 5


class Verdict(NamedTuple):
    """One file: what it is (family, true or not) and the rules that named it."""

    file: str
    family: str
    truth: bool
    named: tuple[str, ...]

    @property
    def said(self) -> bool:
        """Whether anything was said."""
        return bool(self.named)


def named(paths: Sequence[Path], category: str) -> dict[Path, tuple[str, ...]]:
    """Return the rules of a category, above information, that name each file, scanned alone."""
    rules = [rule for rule in installed_rules() if rule.info.category == category]
    found: dict[Path, tuple[str, ...]] = {}
    for path in paths:
        findings: Iterable[Finding] = scan_files([path], rules).findings
        ids = (each.rule.id for each in findings if each.severity != "info")
        found[path] = tuple(dict.fromkeys(ids))
    return found


def labelled(folder: Path, category: str) -> list[Verdict]:
    """Judge the files of a labelled set."""
    labels = lines_of(folder / "labels.jsonl")
    told = named([folder / label["file"] for label in labels], category)
    return [
        Verdict(
            each["file"], each["sub"], each["category"] == category, told[folder / each["file"]]
        )
        for each in labels
    ]


def counts(verdicts: Iterable[Verdict]) -> Counter[tuple[bool, bool]]:
    """Count by truth and by what was said."""
    return Counter((each.truth, each.said) for each in verdicts)


def matthews(verdicts: Iterable[Verdict]) -> float:
    """Return the Matthews correlation of truth and what was said."""
    of = counts(verdicts)
    hit, missed = of[True, True], of[True, False]
    false, quiet = of[False, True], of[False, False]
    below = math.sqrt((hit + false) * (hit + missed) * (quiet + false) * (quiet + missed))
    return (hit * quiet - false * missed) / below if below else 0.0


def harmonic(verdicts: Iterable[Verdict]) -> float:
    """Return F1."""
    of = counts(verdicts)
    below = 2 * of[True, True] + of[True, False] + of[False, True]
    return 2 * of[True, True] / below if below else 0.0


def one_each(folder: Path, verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Keep one file of each cluster of clones."""
    kept: list[tuple[Verdict, set[tuple[str, ...]]]] = []
    for each in verdicts:
        words = _TOKEN.findall((folder / each.file).read_text("utf-8", "replace"))
        shingles = set(zip(*(words[at:] for at in range(_SHINGLE)), strict=False))
        if not any(
            len(shingles & other) >= _CLONE * len(shingles | other) and each.truth == first.truth
            for first, other in kept
        ):
            kept.append((each, shingles))
    return [each for each, _ in kept]


def families(verdicts: Sequence[Verdict]) -> dict[str, float]:
    """Return F1 of each family that carries something, alone against all that is honest."""
    honest = [each for each in verdicts if not each.truth]
    by_family: dict[str, list[Verdict]] = defaultdict(list)
    for each in verdicts:
        if each.truth:
            by_family[each.family].append(each)
    return {name: harmonic([*group, *honest]) for name, group in sorted(by_family.items())}


def honeypot_rows() -> list[Row]:
    """Score honeypots: the tool's own false alarms are what is honest."""
    folder = AUDIT / "honeybadger"
    verdicts = labelled(folder, "honeypot")
    single = one_each(folder, verdicts)
    true = [each for each in verdicts if each.truth and each.said]
    right = sum(each.named == (each.family.replace("_", "-"),) for each in true)
    return [
        row("honeypots: MCC", matthews(verdicts), "", at_least=0.8, more={"files": len(verdicts)}),
        row("honeypots: MCC, one of each clone", matthews(single), "", more={"files": len(single)}),
        row("honeypots: the right type and no other", right / len(true), "of found", at_least=0.85),
    ]


def flagged(verdicts: Iterable[Verdict]) -> float:
    """Return the share of honest files that were named."""
    of = counts(verdicts)
    return of[False, True] / max(of[False, True] + of[False, False], 1)


def malware_rows(name: str, verdicts: Sequence[Verdict]) -> list[Row]:
    """Score carriers as a whole and family by family."""
    alone = families(verdicts)
    mean = sum(alone.values()) / len(alone)
    return [
        row(f"{name}: F1", harmonic(verdicts), "", at_least=0.9, more={"files": len(verdicts)}),
        row(f"{name}: F1, mean of families alone", mean, "", more=dict(alone)),
        row(f"{name}: honest ones flagged", flagged(verdicts), "of all", at_most=0.1),
    ]


def made(count: int) -> list[Verdict]:
    """Judge contracts made from a seed."""
    with tempfile.TemporaryDirectory() as folder:
        listed = [(Path(folder) / f"{at}.sol", each) for at, each in enumerate(cases(count))]
        for path, each in listed:
            path.write_text(each.text, encoding="utf-8")
        told = named([path for path, _ in listed], "malware")
        return [Verdict(path.name, each.family, each.carries, told[path]) for path, each in listed]


def bytecode_rows() -> list[Row]:
    """Score creation code: what a constructor stores is part of it, unlike of runtime code."""
    folder = AUDIT / "malware"
    labels = {Path(each["file"]).stem: each for each in lines_of(folder / "labels.jsonl")}
    codes = {name: folder / "bytecode" / f"{name}.creation.hex" for name in labels}
    told = named(list(codes.values()), "malware")
    verdicts = [
        Verdict(name, each["sub"], each["category"] == "malware", told[codes[name]])
        for name, each in labels.items()
    ]
    return [
        row("carriers as creation code: F1", harmonic(verdicts), ""),
        row("carriers as creation code: honest ones flagged", flagged(verdicts), "of all"),
    ]


def carrier_rows(*, quick: bool = False) -> list[Row]:
    """Score honeypots and carriers."""
    kinds = f"made carriers of {len(CARRIERS)} and {len(HONEST)} families"
    return [
        *honeypot_rows(),
        *malware_rows("carriers", labelled(AUDIT / "malware", "malware")),
        *malware_rows(kinds, made(3 if quick else 40)),
        *bytecode_rows(),
    ]


def main() -> int:
    """Run all parts."""
    asked = arguments(__doc__)
    if not AUDIT.is_dir():
        print(json.dumps({"missing": str(AUDIT)}), file=sys.stderr)
        return 1
    return report("audit_carriers", carrier_rows(quick=asked.quick), asked)


if __name__ == "__main__":
    sys.exit(main())
