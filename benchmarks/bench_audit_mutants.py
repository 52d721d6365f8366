"""Audit: faults planted in clean 0.8 code, flagged in the faulty file and silent in its twin.

Usage: bench_audit_mutants.py [--quick] [--json FILE] [--misses]

Bases are kept apart from those of training by file and package. Slither judges the pairs of our own
bases, which compile by themselves; its checks stand for the categories that audit_slither.py names.
"""

import hashlib
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from audit_pairs import Scan, Verdict, verdicts
from audit_peer import Target, slither
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


def peer_scanner() -> Scan:
    """Return Slither's findings by file; all files of the pairs are analysed in one go."""
    kept: dict[str, bytes] = {}

    def keep(path: Path) -> list[dict[str, Any]]:
        source = path.read_bytes()
        kept[hashlib.sha256(source).hexdigest()] = source
        return []

    list(verdicts(keep, libraries=False))
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in kept}
    with tempfile.TemporaryDirectory() as folder:
        for name, source in kept.items():
            (Path(folder) / f"{name}.sol").write_bytes(source)
        told = slither(Target(Path(folder) / f"{name}.sol", "0.8.28") for name in kept)
    for finding in told.findings:
        found[Path(finding["location"]["path"]).stem].append(finding)
    print(f"Slither finished {told.finished} of {len(kept)} files", file=sys.stderr)
    return lambda path: found[hashlib.sha256(path.read_bytes()).hexdigest()]


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
    peer = list(verdicts(peer_scanner(), libraries=False))
    own = {each.origin for each in peer}
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
        *rows_of([v for v in ours if v.origin in own], "rules and network, own bases", None),
        *rows_of(peer, "Slither, own bases", None),
    ]
    return report("audit_mutants", rows, asked)


if __name__ == "__main__":
    sys.exit(main())
