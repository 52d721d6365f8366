"""Audit: faults planted in clean 0.8 code, flagged in the faulty file and silent in its twin.

Usage: audit_mutants.py [--quick] [--json FILE] [--misses]

Bases are kept apart from those of training by file and package.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from audit_pairs import Scan, Verdict, verdicts
from diptych.audit.catalogue import installed_rules
from diptych.audit.learned.rank import shipped_ranker
from diptych.audit.ranking import Ranker
from diptych.audit.scan import scan_files
from harness import Row, arguments, report, row


def scanner(ranker: Ranker | None) -> Scan:
    """Return a scan of one file by all rules, judged or not."""
    rules = installed_rules()

    def scan(path: Path) -> list[dict[str, Any]]:
        findings = scan_files([path], rules, ranker=ranker).findings
        return [finding.to_json() for finding in findings]

    return scan


def rows_of(found: Sequence[Verdict], who: str, bar: float | None) -> list[Row]:
    """Return the figures of one system."""
    right = Counter(each.kind for each in found if each.flagged and each.silent)
    all_ = Counter(each.kind for each in found)
    share = sum(right.values()) / len(found)
    more = {kind: f"{right[kind]}/{count}" for kind, count in sorted(all_.items())}
    name = f"planted faults, {who}"
    flagged = sum(each.flagged for each in found) / len(found)
    return [
        row(f"{name}: flagged, twin silent", share, "of all", at_least=bar, more=more),
        row(f"{name}: flagged", flagged, "of all"),
        row(f"{name}: twin silent", sum(each.silent for each in found) / len(found), "of all"),
    ]


def main() -> int:
    """Judge all pairs with and without the network."""
    misses = "--misses" in sys.argv
    sys.argv = [each for each in sys.argv if each != "--misses"]
    asked = arguments(__doc__)
    ours = list(verdicts(scanner(shipped_ranker()), libraries=not asked.quick))
    alone = list(verdicts(scanner(None), libraries=not asked.quick))
    classes = len({each.kind for each in ours})
    if misses:
        for each in ours:
            if not (each.flagged and each.silent):
                print(*each, file=sys.stderr)
    rows = [
        row("pairs", len(ours), "pairs", at_least=300),
        row("classes of fault", classes, "classes", at_least=15),
        *rows_of(ours, "rules and network", 0.75),
        *rows_of(alone, "rules alone", None),
    ]
    return report("audit-mutants", rows, asked)


if __name__ == "__main__":
    sys.exit(main())
