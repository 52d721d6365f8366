"""Each rule on source files: `cases/<rule>/fault*` has its marked lines found, `twin*` is silent.

A line that must be found ends in a comment `fault`. The comments are taken out before the scan.
"""

import re
from pathlib import Path

import pytest

from diptych.audit.catalogue import installed_rules
from diptych.audit.scan import scan_files

CASES = Path(__file__).parent / "cases"
MARK = re.compile(r"[ \t]*(?://|#)[ \t]*fault[ \t]*$", re.MULTILINE)


def found(case: Path, folder: Path) -> tuple[list[int], list[int]]:
    """Return the lines that are marked and the lines that the case's own rule names."""
    text = case.read_text("utf-8")
    marked = [at for at, line in enumerate(text.split("\n"), 1) if MARK.search(line)]
    clean = folder / case.name
    clean.write_text(MARK.sub("", text), encoding="utf-8")
    report = scan_files([clean], installed_rules([case.parent.name]))
    return marked, sorted({finding.location.line for finding in report.findings})


@pytest.mark.parametrize("case", sorted(CASES.glob("*/fault*")), ids=lambda p: f"{p.parent.name}")
def test_the_marked_lines_are_found_and_no_others(case: Path, tmp_path: Path) -> None:
    marked, lines = found(case, tmp_path)
    assert marked
    assert lines == marked


@pytest.mark.parametrize("case", sorted(CASES.glob("*/twin*")), ids=lambda p: f"{p.parent.name}")
def test_the_repaired_twin_is_silent(case: Path, tmp_path: Path) -> None:
    assert found(case, tmp_path) == ([], [])
