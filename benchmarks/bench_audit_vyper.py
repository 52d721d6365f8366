"""Audit of Vyper: planted mutants found, silent on what they were made from, clean modules quiet.

There is no public set of faulty Vyper, so faults are planted in contracts of our own
(vyper_contracts/) and in snekmate's modules (fetched, AGPL, never kept here). A mutant is found if
a finding of its category stands in the mutated file that the original does not have.
"""

import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from audit_scoring import per_thousand
from diptych.audit.catalogue import installed_rules
from diptych.audit.rules.rule import Rule
from diptych.audit.scan import scan_files
from diptych.audit.source.files import find_sources
from harness import HERE, Row, arguments, peer_python, report, row
from vyper_faults import EVERYWHERE, HERE_ONLY, Operator

OWN = HERE / "vyper_contracts"
CLEAN = ("snekmate==0.1.2", "hyper-vyper==0.1.0", "vyper==0.4.3")
_REMARKS = re.compile(r'"""(?:.|\n)*?"""|#[^\n]*')
Key = tuple[str, str, str]


class Mutant(NamedTuple):
    """A file with one fault planted."""

    operator: Operator
    path: Path
    line: int
    text: str


def mutants(folder: Path) -> Iterator[Mutant]:
    """Yield every mutant of every file in a folder."""
    for path in sorted(folder.rglob("*.vy")):
        text = path.read_text("utf-8")
        for operator in (*EVERYWHERE, *HERE_ONLY):
            if operator.file not in ("", path.name) or (operator.file and folder != OWN):
                continue
            for found in re.finditer(operator.pattern, text):
                changed = text[: found.start()] + found.expand(operator.replacement)
                line = text.count("\n", 0, found.start()) + 1
                changed += text[found.end() :]
                if _code(changed) != _code(text):
                    yield Mutant(operator, path, line, changed)


def _code(text: str) -> str:
    """Return a text without its remarks: what is planted there changes nothing."""
    return _REMARKS.sub("", text)


def findings(path: Path, rules: tuple[Rule, ...]) -> Counter[Key]:
    """Scan one file; count its findings by rule, category and function."""
    told = scan_files([path], rules)
    return Counter(
        (f.rule.id, f.rule.category, f.location.function)
        for f in told.findings
        if f.severity != "info"
    )


def caught(mutant: Mutant, folder: Path, rules: tuple[Rule, ...]) -> tuple[bool, list[str]]:
    """Whether a mutant is found, and by which rules."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / folder.name
        shutil.copytree(folder, copy)
        place = copy / mutant.path.relative_to(folder)
        before = findings(place, rules)
        place.write_text(mutant.text, encoding="utf-8")
        new = findings(place, rules) - before
    said = [rule for rule, category, _ in new if category == mutant.operator.category]
    return bool(said), sorted(said)


def mutant_rows(folders: list[Path], rules: tuple[Rule, ...], *, tell: bool) -> list[Row]:
    """Plant every fault and count what is found, by kind of fault."""
    counts: dict[str, list[int]] = {}
    for folder in folders:
        for mutant in mutants(folder):
            hit, by = caught(mutant, folder, rules)
            if tell:
                where = f"{mutant.path.name}:{mutant.line}"
                print(
                    "found" if hit else "MISSED", mutant.operator.name, where, *by, file=sys.stderr
                )
            pair = counts.setdefault(mutant.operator.name, [0, 0])
            pair[0] += hit
            pair[1] += 1
    hits, total = (sum(pair[at] for pair in counts.values()) for at in (0, 1))
    return [
        row("Vyper: mutants", total, "planted", at_least=40),
        row("Vyper: of them found", hits / total, "of all", at_least=0.7),
        row("Vyper: kinds of fault", len(counts), "kinds"),
        *(row(f"Vyper: {name}", hit / of, f"of {of}") for name, (hit, of) in counts.items()),
    ]


def clean_rows(folders: list[Path], rules: tuple[Rule, ...]) -> list[Row]:
    """Scan clean code: everything is read, and next to nothing is said."""
    told: dict[str, Any] = scan_files(find_sources(folders), rules).to_json()
    files, found = told["files"], told["findings"]
    lines = sum(file["lines"] for file in files)
    whole = sum(file["state"] == "whole" for file in files)
    return [
        row("Vyper: files parsed", whole / len(files), f"of {len(files)}", at_least=1),
        row("Vyper: clean lines", lines, "lines"),
        row(
            "Vyper: medium and high on clean code",
            per_thousand(found, ("high", "medium"), lines),
            "per kLoC",
            at_most=3,
        ),
        row("Vyper: high on clean code", per_thousand(found, ("high",), lines), "per kLoC"),
    ]


def vyper_rows(*, tell: bool = False) -> list[Row]:
    """Return all rows of Vyper."""
    rules = installed_rules()
    python = peer_python("audit-vyper", *CLEAN)
    packages = next((python.parent.parent / "lib").glob("python3*/site-packages"))
    folders = [packages / "snekmate", packages / "hyper_vyper", packages / "vyper"]
    return [*mutant_rows([OWN, folders[0]], rules, tell=tell), *clean_rows([OWN, *folders], rules)]


def main() -> int:
    """Run all parts; with --quick, our own contracts only."""
    asked = arguments(__doc__)
    if asked.quick:
        rules = installed_rules()
        return report("audit_vyper", mutant_rows([OWN], rules, tell=True), asked)
    return report("audit_vyper", vyper_rows(tell=True), asked)


if __name__ == "__main__":
    sys.exit(main())
