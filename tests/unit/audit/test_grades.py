"""How grave: what only those in charge can reach, or is a matter of taste, stays below medium.

`grades/<rule>/weak*` has findings of low severity on its marked lines and none graver anywhere;
`grades/<rule>/grave*` has medium or high ones on its marked lines.
"""

import re
from pathlib import Path

import pytest

from diptych.audit.catalogue import installed_rules
from diptych.audit.finding import Finding
from diptych.audit.scan import scan_files

GRADES = Path(__file__).parent / "grades"
MARK = re.compile(r"[ \t]*//[ \t]*here[ \t]*$", re.MULTILINE)
GRAVE = ("high", "medium")


def found(case: Path, folder: Path) -> tuple[set[int], tuple[Finding, ...]]:
    """Return the lines that are marked, and what the case's own rule finds."""
    text = case.read_text("utf-8")
    marked = {at for at, line in enumerate(text.split("\n"), 1) if MARK.search(line)}
    clean = folder / case.name
    clean.write_text(MARK.sub("", text), encoding="utf-8")
    return marked, scan_files([clean], installed_rules([case.parent.name])).findings


@pytest.mark.parametrize("case", sorted(GRADES.glob("*/weak*")), ids=lambda p: p.parent.name)
def test_weak_cases_are_told_below_medium(case: Path, tmp_path: Path) -> None:
    marked, findings = found(case, tmp_path)
    assert marked
    assert {each.location.line for each in findings} == marked
    assert not [each for each in findings if each.severity in GRAVE]


@pytest.mark.parametrize("case", sorted(GRADES.glob("*/grave*")), ids=lambda p: p.parent.name)
def test_grave_cases_stay_grave(case: Path, tmp_path: Path) -> None:
    marked, findings = found(case, tmp_path)
    assert marked
    assert {each.location.line for each in findings if each.severity in GRAVE} == marked
