"""Suppressions need a reason and end; baselines let known findings pass; Slither's are read."""

import datetime as dt
import json
from pathlib import Path

import pytest
from tests.unit.audit.test_scan import VAULT, write

from diptych.audit.catalogue import installed_rules
from diptych.audit.errors import BadTriageFile
from diptych.audit.scan import Report, scan_files
from diptych.audit.source.text import SourceText
from diptych.audit.triage.baseline import dump_baseline, read_baseline
from diptych.audit.triage.comments import comment_suppressions
from diptych.audit.triage.settings import read_settings
from diptych.audit.triage.slither import _ALIKE, SlitherImport
from diptych.audit.triage.triaged import Threshold, Triaged, triage

RULES = installed_rules(["reentrancy", "unchecked-call"])
TODAY = dt.date(2026, 11, 23)
CALL = '        (bool ok, ) = msg.sender.call{value: due}("");\n'


def scan(folder: Path, text: str = VAULT) -> Report:
    return scan_files([write(folder, "Vault.sol", text)], RULES)


def by_comments(report: Report) -> Triaged:
    found = [one for text in report.texts.values() for one in comment_suppressions(text)]
    return triage(report, found, today=TODAY)


@pytest.mark.parametrize(
    ("comment", "counts", "notice"),
    [
        ("// diptych-ignore reentrancy: the payee is ours", True, ""),
        ("// diptych-ignore reentrancy, tx-origin: ours (until 2027-01-01)", True, ""),
        ("/* diptych-ignore *: ours */", True, ""),
        ("// diptych-ignore reentrancy: ours (until 2026-11-23)", True, ""),
        ("// diptych-ignore reentrancy: ours (until 2026-11-22)", False, "expired on 2026-11-22"),
        ("// diptych-ignore reentrancy", False, "gives no reason"),
        ("// diptych-ignore reentrancy:  ", False, "gives no reason"),
        ("// diptych-ignore unchecked-call: another rule", False, ""),
        ("// diptych-ignore nonsense: no such rule", False, "no rule 'nonsense' ran"),
        ("// we ignore reentrancy here", False, ""),
    ],
)
@pytest.mark.parametrize("above", [True, False])
def test_a_comment_silences_its_line_if_it_gives_a_reason(
    tmp_path: Path, comment: str, counts: bool, notice: str, above: bool
) -> None:
    both = f"{comment}\n{CALL}" if above else f"{CALL.rstrip()} {comment}\n"
    triaged = by_comments(scan(tmp_path, VAULT.replace(CALL, both)))
    assert len(triaged.shown.findings) == (0 if counts else 1)
    assert triaged.fails(Threshold("medium")) is not counts
    assert notice in " ".join(triaged.notices)
    assert bool(notice) is bool(triaged.notices)


def test_a_comment_of_vyper_is_read() -> None:
    (one,) = comment_suppressions(SourceText("a.vy", b"x()  # diptych-ignore reentrancy: ours\n"))
    assert (one.lines, one.reason) == ((1, 1), "ours")


def test_a_comment_elsewhere_silences_nothing(tmp_path: Path) -> None:
    text = VAULT.replace("require(ok);", "require(ok); // diptych-ignore reentrancy: not here")
    assert len(by_comments(scan(tmp_path, text)).shown.findings) == 1


@pytest.mark.parametrize(
    ("entry", "counts"),
    [
        ('rule = "reentrancy"', True),
        ('rule = "reentrancy"\npath = "*/Vault.sol"', True),
        ('rule = "reentrancy"\npath = "other/*"', False),
        ('rule = "reentrancy"\ncontract = "Vault"\nfunction = "take"', True),
        ('rule = "reentrancy"\nfunction = "put"', False),
        ('rule = "unchecked-call"', False),
        ('rule = "reentrancy"\nuntil = 2026-01-01', False),
    ],
)
def test_a_file_silences_by_rule_place_and_time(tmp_path: Path, entry: str, counts: bool) -> None:
    path = write(tmp_path, "diptych-audit.toml", f'[[ignore]]\n{entry}\nreason = "known"\n')
    triaged = triage(scan(tmp_path), read_settings(path), today=TODAY)
    assert bool(triaged.suppressed) is counts


def test_a_file_silences_one_finding_by_its_fingerprint(tmp_path: Path) -> None:
    report = scan(tmp_path)
    ((_, name),) = report.fingerprints
    for given, counts in ((name, True), ("0" * 32, False)):
        text = f'[[ignore]]\nfingerprint = "{given}"\nreason = "known"\n'
        path = write(tmp_path, "diptych-audit.toml", text)
        assert bool(triage(report, read_settings(path), today=TODAY).suppressed) is counts


@pytest.mark.parametrize(
    "text",
    [
        "[[ignore]\n",
        "ignore = 1",
        "ignore = [1]",
        '[[ignore]]\nreason = "all of it"',
        '[[ignore]]\nrule = 1\nreason = "x"',
        '[[ignore]]\nrule = "a"\nuntil = "soon"',
        '[[ignore]]\nrules = "a"',
        "x = " + "[" * 5_000,
    ],
)
def test_a_malformed_file_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadTriageFile):
        read_settings(write(tmp_path, "diptych-audit.toml", text))
    with pytest.raises(BadTriageFile):
        read_baseline(write(tmp_path, "base.json", text))
    with pytest.raises(BadTriageFile):
        read_settings(tmp_path / "gone")


def test_only_findings_that_are_not_in_the_baseline_fail(tmp_path: Path) -> None:
    before = scan(tmp_path)
    path = tmp_path / "base.json"
    path.write_bytes(dump_baseline(before.fingerprints))
    known = read_baseline(path)
    same = triage(before, baseline=known, today=TODAY)
    assert not same.fails(Threshold("medium", 1.0))
    assert [same.state(name) for _, name in before.fingerprints] == ["unchanged"]
    worse = VAULT.replace(
        "function take", 'function x(address a) public { a.call(""); }\nfunction take'
    )
    more = triage(scan(tmp_path, worse), baseline=known, today=TODAY)
    assert [one.rule.id for one, _ in more.counting()] == ["unchecked-call"]
    assert more.fails(Threshold("info"))
    better = triage(scan(tmp_path, "contract Vault {}"), baseline=known, today=TODAY)
    assert [one.rule for one in better.fixed] == ["reentrancy"]


@pytest.mark.parametrize(
    ("threshold", "fails"),
    [
        (Threshold("high"), True),
        (Threshold(None), False),
        (Threshold(None, 70.0), True),
        (Threshold(None, 71.0), False),
    ],
)
def test_a_severity_or_a_risk_is_the_threshold(
    tmp_path: Path, threshold: Threshold, fails: bool
) -> None:
    assert triage(scan(tmp_path), today=TODAY).fails(threshold) is fails


@pytest.mark.parametrize(
    ("before", "after", "counts"),
    [
        ("// slither-disable-next-line reentrancy-eth\n", "", True),
        ("// slither-disable-next-line low-level-calls, reentrancy-no-eth\n", "", True),
        ("// slither-disable-next-line all\n", "", True),
        ("// slither-disable-next-line suicidal\n", "", False),
        ("// slither-disable-next-line reentrancy-eth\n\n", "", False),
        (
            "// slither-disable-start reentrancy-eth\n",
            "// slither-disable-end reentrancy-eth\n",
            True,
        ),
        ("// slither-disable-start\n", "", True),
        ("// slither-disable-start all\n// slither-disable-end all\n", "", False),
    ],
)
def test_comments_for_slither_are_understood(
    tmp_path: Path, before: str, after: str, counts: bool
) -> None:
    report = scan(tmp_path, VAULT.replace(CALL, before + CALL + after))
    slither = SlitherImport(rule.info for rule in RULES)
    found = [one for text in report.texts.values() for one in slither.comments(text)]
    assert bool(triage(report, found, today=TODAY).suppressed) is counts


def test_what_slither_excludes_and_triaged_is_understood(tmp_path: Path) -> None:
    slither = SlitherImport(rule.info for rule in RULES)
    report = scan(tmp_path)
    config = write(tmp_path, "c.json", '{"detectors_to_exclude": "solc-version,reentrancy-eth"}')
    assert triage(report, slither.config(config), today=TODAY).suppressed
    other = write(tmp_path, "c.json", '{"detectors_to_exclude": "naming-convention"}')
    assert not triage(report, slither.config(other), today=TODAY).suppressed
    for function, counts in (("take", True), ("put", False)):
        element = {
            "type": "function",
            "name": function,
            "type_specific_fields": {"parent": {"type": "contract", "name": "Vault"}},
        }
        result = {"check": "reentrancy-eth", "elements": [element]}
        path = write(tmp_path, "slither.db.json", json.dumps([result, {"check": 1}, 7]))
        found = triage(report, slither.database(path), today=TODAY)
        assert bool(found.suppressed) is counts


def test_every_rule_that_slither_is_mapped_to_is_installed() -> None:
    known = {rule.info.id for rule in installed_rules()}
    assert {word for words in _ALIKE.values() for word in words.split()} <= known


@pytest.mark.parametrize("text", ["{", "7", '{"detectors_to_exclude": 7}', "[" * 2_000])
def test_malformed_files_of_slither_are_refused(tmp_path: Path, text: str) -> None:
    slither = SlitherImport(())
    path = write(tmp_path, "x.json", text)
    with pytest.raises(BadTriageFile):
        list(slither.config(path))
    with pytest.raises(BadTriageFile):
        list(slither.database(path))


def test_hostile_comments_end_in_time() -> None:
    text = SourceText("a.sol", b"// diptych-ignore " + b"a," * 500_000 + b"\n" * 100_000)
    assert list(comment_suppressions(text))[:1] == []
