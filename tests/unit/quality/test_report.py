"""Reports: read back unchanged, hold no cell that is not public, and draw as one page."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.quality.planted import RULES, check, clean, place

from diptych.data.quality import BadReport, QualityReport, parse_report
from diptych.data.quality.findings import FAIL, NOTICE, Finding
from diptych.data.quality.page import report_page
from diptych.data.quality.report import Chart
from diptych.data.quality.rules import ColumnRule

texts = st.text(max_size=20).filter(lambda one: one.isprintable())
numbers = st.integers(0, 10**6)
findings = st.builds(
    Finding,
    rule=texts,
    severity=st.sampled_from([FAIL, NOTICE]),
    count=numbers,
    rows=st.lists(numbers, max_size=5).map(tuple),
    text=texts,
    numbers=st.dictionaries(texts, st.integers(0, 999).map(float), max_size=2),
    shown=st.lists(texts, max_size=2).map(tuple),
)
reports = st.builds(
    QualityReport,
    rules=st.just("ab" * 32),
    rows=numbers,
    columns=numbers,
    looked=st.dictionaries(texts, texts, max_size=2),
    findings=st.lists(findings, max_size=3).map(tuple),
    tools=st.just({"diptych": "0.1.0"}),
    charts=st.just((Chart("a", "b", ("x",), (0.5,), 0.1),)),
)


@given(reports)
def test_what_is_written_is_read_back(report: QualityReport) -> None:
    assert parse_report(report.dump()) == report


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "pass"},
        {"verdict": "good"},
        {"format": "other"},
        {"rows": -1},
        {"more": 1},
        {"rules": "zz"},
        {"findings": [{}]},
    ],
)
def test_a_malformed_report_is_refused(change: dict[str, object]) -> None:
    grid = clean(60)
    grid[3][place("age")] = 200
    value = json.loads(check(grid, replace(RULES, label="")).dump())
    parse_report(json.dumps(value).encode())
    with pytest.raises(BadReport):
        parse_report(json.dumps(value | change).encode())


def test_a_report_holds_no_cell_unless_its_column_is_public() -> None:
    grid = clean(200)
    grid[3][place("age")], grid[4][place("site")] = 98_765, "Atlantis"
    grid[5][place("id")], grid[6][place("sex")] = "p99999999", "hermit"
    rules = RULES
    report = check(grid, rules)
    raw = report.dump() + report_page(report, title="t").encode()
    for secret in (b"98765", b"Atlantis", b"p99999999", b"hermit"):
        assert secret not in raw
    age = ColumnRule("age", "integer", minimum=0, maximum=120, public=True)
    open_rules = replace(rules, columns=(age, *RULES.columns[2:]))
    raw = check(grid, open_rules).dump()
    assert b"98765" in raw
    assert b"Atlantis" not in raw


def test_a_page_is_well_formed_and_loads_nothing() -> None:
    grid = clean(300)
    grid[3][place("age")] = 200
    report = check(grid, parent=clean(300, seed=8))
    hostile = Finding("<script>alert(1)</script>", FAIL, 1, (1,), "<img src=x>", {}, ("<b>",))
    page = report_page(
        replace(report, findings=(*report.findings, hostile)), title="<script>", about="a & b"
    )
    assert "<script" not in page
    assert "<img" not in page
    assert re.search(r"<[^>]*(?:src|href)=", page) is None
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")
    assert page.count("<svg") == page.count("</svg>") == len(report.charts) + 1
    parser = HTMLParser()
    parser.feed(page)
    parser.close()
