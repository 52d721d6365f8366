"""Reports say the same in every form, load nothing, and are not driven by hostile sources."""

import datetime as dt
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from tests.unit.audit.test_scan import VAULT, write

from diptych.audit.catalogue import installed_rules
from diptych.audit.patch import Patch, Replacement
from diptych.audit.report.chart import risk_chart
from diptych.audit.report.markdown import markdown
from diptych.audit.report.page import Illustrations, report_page
from diptych.audit.report.pictures import pictures
from diptych.audit.report.sarif import sarif
from diptych.audit.report.terminal import terminal
from diptych.audit.scan import Report, scan_files
from diptych.audit.triage.baseline import known
from diptych.audit.triage.comments import comment_suppressions
from diptych.audit.triage.triaged import Triaged, triage, with_patches

RULES = installed_rules(["reentrancy", "unchecked-call"])
INFOS = [rule.info for rule in RULES]
HOSTILE = """contract Vault {
    mapping(address => uint) held; string s = "</pre><script>alert(1)</script><img src=//x>";
    function take() public {
        uint due = held[msg.sender]; /* </code> @everyone [x](javascript:1) \u202e \x1b[31m */ """
HOSTILE += """ msg.sender.call{value: due}(""); held[msg.sender] = 0;
    }
}
"""


def scan(folder: Path, text: str = VAULT, name: str = "Vault.sol") -> Report:
    return scan_files([write(folder, name, text)], RULES)


def page(triaged: Triaged) -> str:
    charts = [("Risk", risk_chart(triaged.risks))] if triaged.risks else []
    return report_page(triaged, "Audit", Illustrations(charts, pictures(triaged)))


class Elements(HTMLParser):
    """What a browser would see of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.values: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.values += attrs
        if tag not in ("meta", "img", "rect", "path"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("rect", "path"):
            assert self.open.pop() == tag


def test_every_form_names_the_finding(tmp_path: Path) -> None:
    triaged = Triaged(scan(tmp_path))
    for text in (terminal(triaged), markdown(triaged), page(triaged)):
        assert "reentrancy" in text
        assert "Vault.sol" in text
        assert "risk 70 of 100: anyone, ether" in text


def test_the_excerpt_marks_what_is_at_fault(tmp_path: Path) -> None:
    lines = terminal(Triaged(scan(tmp_path))).splitlines()
    assert lines[1] == '    (bool ok, ) = msg.sender.call{value: due}("");'
    at = lines[2].index("^")
    assert lines[1][at : len(lines[2])] == 'msg.sender.call{value: due}("")'


def test_sources_cannot_drive_a_page(tmp_path: Path) -> None:
    text = page(Triaged(scan(tmp_path, HOSTILE, name="<img src=x>.sol")))
    seen = Elements(text)
    assert not {"script", "iframe", "link", "object"}.intersection(seen.tags)
    assert seen.open == []
    loaded = [v or "" for name, v in seen.values if name in ("src", "href", "action")]
    assert all(value.startswith(("#", "data:image/svg+xml;base64,")) for value in loaded)
    assert not [name for name, _ in seen.values if name.startswith("on")]
    assert "default-src 'none'" in text
    assert "\u202e" not in text
    assert "\x1b" not in text


def test_sources_cannot_drive_a_comment(tmp_path: Path) -> None:
    text = markdown(Triaged(scan(tmp_path, HOSTILE, name="a](x) @b `c`.sol")))
    assert "@everyone" not in text
    assert "<script" not in text
    assert "\u202e" not in text
    assert set(re.findall(r"</?(\w+)", text)) <= {"details", "summary", "code", "pre"}
    assert not re.search(r"(?<!&)[@`\[]", text.replace("| contract", ""))


def test_a_comment_stays_short_enough(tmp_path: Path) -> None:
    body = "".join(f'function f{n}(address a) public {{ a.call(""); }}\n' for n in range(500))
    text = markdown(Triaged(scan(tmp_path, f"contract C {{ {body} }}")))
    assert len(text) < 65_000
    assert "more" in text


def test_a_page_of_nothing_and_of_long_files_is_whole(tmp_path: Path) -> None:
    assert "None." in page(Triaged(scan(tmp_path, "contract A {}")))
    long = VAULT.replace("contract Vault", "\n" * 3_000 + "contract Vault")
    text = page(Triaged(scan(tmp_path, long)))
    assert Elements(text).open == []
    assert "⋯" in text
    assert text.count("<i>") < 40


def test_the_picture_shows_who_enters_what_is_written_and_who_is_called(tmp_path: Path) -> None:
    triaged = Triaged(scan(tmp_path))
    ((_, picture),) = pictures(triaged).items()
    assert {box.title: box.tone for box in picture.boxes} == {
        "take()": "high",
        "held": "state",
        "call": "call",
    }
    assert len(picture.arrows) == 2
    write(tmp_path, "Vault.sol", VAULT + "// changed since\n")
    assert pictures(triaged) == {}


def test_the_same_report_gives_the_same_bytes(tmp_path: Path) -> None:
    assert page(Triaged(scan(tmp_path))) == page(Triaged(scan(tmp_path)))


def test_sarif_says_what_is_known_of_each_finding(tmp_path: Path) -> None:
    text = VAULT + "contract W { function f(address a) public {\n"
    text += 'a.call(""); // diptych-ignore unchecked-call: may fail\n} }'
    report = scan(tmp_path, text)
    first = report.fingerprints[0]
    suppressions = list(comment_suppressions(next(iter(report.texts.values()))))
    baseline = {first[1]: known(*first)}
    triaged = triage(report, suppressions, baseline, today=dt.date(2026, 1, 1))
    stretch = Replacement(first[0].location.path, 6, 1, 6, 5, "x")
    triaged = with_patches(triaged, {first[1]: Patch("locks", "--- a\n+++ b\n", (stretch,))})
    written: dict[str, Any] = sarif(triaged, INFOS)
    (run,) = written["runs"]
    old, new = run["results"]
    assert (old["baselineState"], new["baselineState"]) == ("unchanged", "new")
    assert new["suppressions"][0]["justification"] == "may fail"
    assert "suppressions" not in old
    (change,) = old["fixes"][0]["artifactChanges"]
    assert change["replacements"][0]["deletedRegion"]["startLine"] == 6
    rule = run["tool"]["driver"]["rules"][old["ruleIndex"]]
    assert rule["id"] == old["ruleId"]
    assert {"SWC-107", "CWE-841", "external/cwe/cwe-841"} <= set(rule["properties"]["tags"])
    assert old["rank"] == old["properties"]["risk"]
    json.dumps(written)


@pytest.mark.parametrize(
    ("name", "uri"),
    [("a b.sol", "a%20b.sol"), ("é#?.sol", "%C3%A9%23%3F.sol"), ("(1)+@.sol", "(1)+@.sol")],
)
def test_paths_become_uris(tmp_path: Path, name: str, uri: str) -> None:
    written: dict[str, Any] = sarif(Triaged(scan(tmp_path, name=name)), INFOS)
    place = written["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"].startswith("file:///")
    assert place["artifactLocation"]["uri"].endswith(f"/{uri}")
