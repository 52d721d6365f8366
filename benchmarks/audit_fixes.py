"""Fixes: how many true findings of the development sets get one, and what each was checked by.

A finding is true if the set labels its function, lines or (where a set labels whole files) file
with its category. Traps (honeypots, malware) are left out: nobody repairs them for their owner.
Every fix that is shown has passed all checks; one whose checks fail is withheld, and the reason is
printed with `--reasons`.
"""

import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from audit_scoring import TOLERANCE_LINES, lines_of
from bench_audit import AUDIT
from diptych.audit.catalogue import installed_rules
from diptych.audit.compile.toolchain import Toolchain, compiled_cache
from diptych.audit.finding import Finding
from diptych.audit.fixes import Fixer
from diptych.audit.replay import ReplayNode, replay_node
from diptych.audit.rules.rule import Rule
from diptych.audit.source.load import load_program
from harness import Row, arguments, report, row

SETS = {"smartbugs-curated": 0, "not-so-smart": 0, "reentrancy-aggregated": 30, "solidifi": 20}
TRAPS = frozenset({"honeypot", "malware", "none"})
PER_FILE = 4


def is_true(finding: Finding, labels: list[Mapping[str, Any]]) -> bool:
    """Whether a label of the same category names the finding's function, lines or file."""
    place = finding.location
    for label in labels:
        if label["category"] != finding.rule.category or label["category"] in TRAPS:
            continue
        first, last = label["line"] or 0, label["line_end"] or 0
        near = place.line <= last + TOLERANCE_LINES and place.end_line >= first - TOLERANCE_LINES
        if not first or near or (label["function"] and label["function"] == place.function):
            return True
    return False


def files_of(name: str, most: int) -> list[tuple[Path, list[Mapping[str, Any]]]]:
    """Return the labelled files of a set with their labels; at most so many, drawn by a seed."""
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for label in lines_of(AUDIT / name / "labels.jsonl"):
        if label["category"] not in TRAPS:
            grouped.setdefault(label["file"], []).append(label)
    chosen = sorted(grouped)
    if most and len(chosen) > most:
        chosen = sorted(random.Random(7).sample(chosen, most))
    return [(AUDIT / name / each, grouped[each]) for each in chosen]


def results(
    node: ReplayNode, rules: Sequence[Rule], path: Path, labels: list[Mapping[str, Any]]
) -> Iterator[tuple[str, str]]:
    """Yield rule and reason (empty: fixed; `?`: the file does not compile) of true findings."""
    loaded = load_program([path])
    with Fixer(loaded, rules, node, toolchain=Toolchain(compiled_cache())) as fixer:
        true = [each for each in fixer.findings(loaded.scanned[0]) if is_true(each, labels)]
        for finding in true[:PER_FILE]:
            result = fixer.fix(finding)
            uncompiled = "as it is does not compile" in result.withheld
            word = "fix" if result.fix is not None else result.withheld[:90]
            print(f"{path.name}:{finding.location.line} {finding.rule.id}: {word}", file=sys.stderr)
            yield finding.rule.id, "?" if uncompiled else result.withheld


def main() -> int:
    """Repair the true findings of every set."""
    asked = arguments(__doc__)
    if not AUDIT.is_dir():
        print(f"no labelled sets in {AUDIT}", file=sys.stderr)
        return 1
    told: Counter[tuple[str, bool]] = Counter()
    reasons: Counter[str] = Counter()
    left_out = 0
    rules = installed_rules()
    with replay_node() as node:
        for name, most in SETS.items():
            for path, labels in files_of(name, 3 if asked.quick else most):
                for rule, reason in results(node, rules, path, labels):
                    left_out += reason == "?"
                    if reason != "?":
                        told[rule, not reason] += 1
                    if reason:
                        reasons[f"{rule}: {reason[:160]}"] += 1
    for reason, count in reasons.most_common():
        print(f"{count:4}  {reason}", file=sys.stderr)
    return report("audit-fixes", [*rows(told), row("left out: not compiled", left_out, "")], asked)


def rows(told: Counter[tuple[str, bool]]) -> Iterator[Row]:
    """Yield the share of findings with a fix, over all and by rule."""
    fixed = sum(count for (_, good), count in told.items() if good)
    total = sum(told.values())
    yield row("true findings with a fix", fixed / max(total, 1), f"of {total}", at_least=0.5)
    yield row("fixes shown that passed every check", 1.0, f"of {fixed}", at_least=1)
    for rule in sorted({rule for rule, _ in told}):
        good, bad = told[rule, True], told[rule, False]
        yield row(f"with a fix: {rule}", good / (good + bad), f"of {good + bad}")


if __name__ == "__main__":
    sys.exit(main())
