"""Fixes: how many true findings of the development sets get one, and what each was checked by.

A finding is true if the set labels its function, lines or (where a set labels whole files) file
with its category. Traps (honeypots, malware) are left out: nobody repairs them for their owner.
Every fix that is shown has passed all checks; some are tried a second time, from the start and with
other calls. One whose checks fail is withheld; the reasons go to stderr.
"""

import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

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

SETS = {"smartbugs-curated": 0, "not-so-smart": 0, "reentrancy-aggregated": 20, "solidifi": 12}
TRAPS = frozenset({"honeypot", "malware", "none"})
PER_FILE = 4
AGAIN = 3
UNCOMPILED = "as it is does not compile"
Labelled = tuple[Path, list[Mapping[str, Any]]]


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


def files_of(name: str, most: int) -> list[Labelled]:
    """Return the labelled files of a set with their labels; at most so many, drawn by a seed."""
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for label in lines_of(AUDIT / name / "labels.jsonl"):
        if label["category"] not in TRAPS:
            grouped.setdefault(label["file"], []).append(label)
    chosen = sorted(grouped)
    if most and len(chosen) > most:
        chosen = sorted(random.Random(7).sample(chosen, most))
    return [(AUDIT / name / each, grouped[each]) for each in chosen]


class Told(NamedTuple):
    """What became of one true finding; `again` says whether a shown fix holds with other calls."""

    rule: str
    withheld: str
    again: bool | None = None


def results(
    node: ReplayNode, rules: Sequence[Rule], given: Labelled, *, every: int
) -> Iterator[Told]:
    """Yield what became of a file's true findings; each so manieth fix is replayed again."""
    path, labels = given
    loaded = load_program([path])
    toolchain = Toolchain(compiled_cache())
    with Fixer(loaded, rules, node, toolchain=toolchain) as fixer:
        other = Fixer(loaded, rules, node, toolchain=toolchain, seed=2)
        true = [each for each in fixer.findings(loaded.scanned[0]) if is_true(each, labels)]
        for at, finding in enumerate(true[:PER_FILE]):
            result = fixer.fix(finding)
            word = "fix" if result.fix is not None else result.withheld[:90]
            print(f"{path.name}:{finding.location.line} {finding.rule.id}: {word}", file=sys.stderr)
            again = None
            if result.fix is not None and at % every == 0:
                second = other.fix(finding).fix
                again = second is not None and second.after == result.fix.after
            yield Told(finding.rule.id, result.withheld, again)


def main() -> int:
    """Repair the true findings of every set."""
    asked = arguments(__doc__)
    if not AUDIT.is_dir():
        print(f"no labelled sets in {AUDIT}", file=sys.stderr)
        return 1
    rules = installed_rules()
    told: list[Told] = []
    with replay_node() as node:
        for name, most in SETS.items():
            for given in files_of(name, 3 if asked.quick else most):
                told += results(node, rules, given, every=AGAIN)
    reasons = Counter(f"{each.rule}: {each.withheld[:160]}" for each in told if each.withheld)
    for reason, count in reasons.most_common():
        print(f"{count:4}  {reason}", file=sys.stderr)
    return report("audit_fixes", list(rows(told)), asked)


def rows(told: Sequence[Told]) -> Iterator[Row]:
    """Yield the share of findings with a fix, over all and by rule."""
    read = [each for each in told if UNCOMPILED not in each.withheld]
    fixed = [each for each in read if not each.withheld]
    again = [each.again for each in fixed if each.again is not None]
    share = len(fixed) / max(len(read), 1)
    yield row("true findings with a fix", share, f"of {len(read)}", at_least=0.5)
    yield row("fixes shown: passed every check", 1.0, f"of {len(fixed)}", at_least=1)
    held = sum(again) / max(len(again), 1)
    yield row("and found again with other calls", held, f"of {len(again)}", at_least=1)
    yield row("left out: not compiled", len(told) - len(read), "findings")
    for rule in sorted({each.rule for each in read}):
        mine = [not each.withheld for each in read if each.rule == rule]
        yield row(f"with a fix: {rule}", sum(mine) / len(mine), f"of {len(mine)}")


if __name__ == "__main__":
    sys.exit(main())
