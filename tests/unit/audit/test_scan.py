"""A scan reads anything, links what belongs together, and never ends before its end."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.catalogue import installed_rules
from diptych.audit.errors import NothingToScan, UnknownRule
from diptych.audit.finding import FileState
from diptych.audit.report.sarif import sarif
from diptych.audit.rules.calls.reentrancy import RULE
from diptych.audit.rules.rule import Match, Rule
from diptych.audit.scan import Report, scan_files
from diptych.audit.source import files
from diptych.audit.source.files import find_sources
from diptych.audit.triage.triaged import Triaged

VAULT = """pragma solidity ^0.8.0;
contract Vault {
    mapping(address => uint) held;
    function take() public {
        uint due = held[msg.sender];
        (bool ok, ) = msg.sender.call{value: due}("");
        require(ok);
        held[msg.sender] = 0;
    }
}
"""


def scan(folder: Path, *, rules: tuple[Rule, ...] = (RULE,)) -> Report:
    return scan_files(find_sources([folder]), rules)


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def state(report: Report, name: str) -> FileState:
    (found,) = (file for file in report.files if file.path.endswith(name))
    return found


def test_a_finding_says_where_and_what_belongs_to_it(tmp_path: Path) -> None:
    write(tmp_path, "Vault.sol", VAULT)
    (finding,) = scan(tmp_path).findings
    place = finding.location
    assert (place.line, place.contract, place.function) == (6, "Vault", "take")
    assert VAULT.splitlines()[5][place.column - 1 : place.end_column - 1].startswith("msg.sender")
    assert [other.line for other in finding.related] == [8]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("function take(uint n) public { uint d = h[n]; msg.sender.call(''); h[n] = d; }", ""),
        (VAULT[: VAULT.index("= 0;") + 4], "ends inside of a block"),
        (VAULT + "contract Broken { function ( }", "syntax"),
        ('import "./gone.sol";\n' + VAULT, "import './gone.sol' is not there"),
        (VAULT.replace("contract Vault", "contract Vault is Gone"), "'Gone' is not there"),
    ],
)
def test_broken_and_partial_sources_are_analysed_as_far_as_they_go(
    tmp_path: Path, text: str, reason: str
) -> None:
    write(tmp_path, "a.sol", text)
    report = scan(tmp_path)
    assert any(reason in each for each in state(report, "a.sol").reasons) or not reason
    assert len(report.findings) == ("held[msg.sender] = 0" in text or "h[n] = d" in text)


def test_what_cannot_be_read_is_partial_and_the_rest_is_scanned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 2000)
    (tmp_path / "binary.sol").write_bytes(b"\x00\x01\x02")
    write(tmp_path, "empty.sol", "")
    (tmp_path / "latin.sol").write_bytes(b"contract L { string s = '\xff\xfe'; }")
    write(tmp_path, "long.sol", "// x\n" * 1000)
    write(tmp_path, "good.sol", VAULT)
    report = scan(tmp_path)
    assert len(report.findings) == 1
    assert {Path(f.path).name for f in report.files if f.reasons} == {"binary.sol", "long.sol"}


@pytest.mark.parametrize(
    ("where", "imported"),
    [
        ("base/Base.sol", "./base/Base.sol"),
        ("node_modules/pack/Base.sol", "pack/Base.sol"),
        ("vendor/x/Base.sol", "@x/Base.sol"),
    ],
)
def test_imports_are_followed_and_not_reported_on(
    tmp_path: Path, where: str, imported: str
) -> None:
    write(tmp_path, "remappings.txt", "@x/=vendor/x/\n")
    base = write(tmp_path, where, "contract Base { mapping(address => uint) h; }" + VAULT)
    text = f'import "{imported}"; contract Top is Base {{ function take() public {{'
    text += " uint d = h[msg.sender]; msg.sender.call(''); h[msg.sender] = d; } }"
    top = write(tmp_path, "Top.sol", text)
    report = scan_files([top], [RULE])
    assert [finding.location.contract for finding in report.findings] == ["Top"]
    assert report.files[0].reasons == ()
    assert all(file.path != str(base) for file in report.files)


TOKEN = """contract Token {
    mapping(address => uint256) held;
    uint256 total;
    constructor() { held[msg.sender] = 1; }
    function send(address to, uint256 v) public { held[msg.sender] -= v; held[to] += v; }
    function _move(address from, address to, uint256 v) internal {
        if (from == address(0)) { total += v; } else { held[from] -= v; }
        held[to] += v;
    }
}"""


def test_what_goes_wrong_in_imported_code_is_reported_at_the_call_of_it(tmp_path: Path) -> None:
    base = write(tmp_path, "Token.sol", TOKEN)
    text = """import "./Token.sol";
contract Coin is Token {
    address owner = msg.sender;
    function free(address to, uint256 v) external {
        _move(address(0), to, v);
    }
    function kept(address to, uint256 v) external {
        require(msg.sender == owner);
        _move(address(0), to, v);
    }
    function rob(address from, address to, uint256 v) external {
        _move(from, to, v);
    }
}"""
    report = scan_files([write(tmp_path, "Coin.sol", text)], installed_rules())
    grave = [each for each in report.findings if each.severity == "high"]
    assert [(f.rule.id, f.location.line) for f in grave] == [("open-minting", 5), ("open-burn", 12)]
    assert {place.path for each in grave for place in each.related} == {str(base)}


@pytest.mark.parametrize("imported", ["../outside.sol", "/etc/hostname", "a\\x00b", ""])
def test_imports_do_not_leave_the_project(tmp_path: Path, imported: str) -> None:
    write(tmp_path, "outside.sol", "contract Base { mapping(address => uint) h; }")
    write(tmp_path, "project/package.json", "{}")
    top = write(tmp_path, "project/Top.sol", f'import "{imported}"; contract Top is Base {{}}')
    report = scan_files([top], [RULE])
    assert any("is not there" in reason for reason in report.files[0].reasons)


def test_equal_names_in_files_that_do_not_import_each_other_are_kept_apart(tmp_path: Path) -> None:
    write(tmp_path, "a.sol", VAULT)
    write(tmp_path, "b.sol", "contract Vault { uint held; } contract C is Vault { }")
    assert len(scan(tmp_path).findings) == 1


def test_a_circle_of_imports_ends(tmp_path: Path) -> None:
    write(tmp_path, "a.sol", 'import "./b.sol"; contract A is B {}')
    write(tmp_path, "b.sol", 'import "./a.sol"; contract B {}')
    assert [file.reasons for file in scan(tmp_path).files] == [(), ()]


def test_a_rule_that_fails_is_named_and_the_others_run(tmp_path: Path) -> None:
    def fail(_contract: ContractGraph) -> Iterator[Match]:
        raise ValueError("bad rule")

    write(tmp_path, "a.sol", VAULT)
    broken = Rule(RULE.info, fail)
    report = scan(tmp_path, rules=(broken, RULE))
    assert len(report.findings) == 1
    assert "rule reentrancy: ValueError: bad rule" in report.files[0].reasons


def test_a_finding_keeps_its_name_when_code_moves(tmp_path: Path) -> None:
    path = write(tmp_path, "a.sol", VAULT)
    before = [name for _, name in scan(tmp_path).fingerprints]
    path.write_text(VAULT.replace("contract Vault", "\n// a comment\ncontract Vault"))
    assert [name for _, name in scan(tmp_path).fingerprints] == before
    path.write_text(VAULT.replace("value: due", "value: due + 1"))
    assert [name for _, name in scan(tmp_path).fingerprints] != before


def test_sarif_names_rule_place_and_what_is_partial(tmp_path: Path) -> None:
    write(tmp_path, "a.sol", 'import "./gone.sol";\n' + VAULT)
    written: dict[str, Any] = sarif(Triaged(scan(tmp_path)), [RULE.info])
    (run,) = written["runs"]
    (result,) = run["results"]
    assert result["properties"].items() >= {"category": "reentrancy", "severity": "high"}.items()
    place = result["locations"][0]
    assert place["physicalLocation"]["region"]["startLine"] == 7
    assert place["logicalLocations"][0]["name"] == "take"
    notices = run["invocations"][0]["toolExecutionNotifications"]
    assert "gone.sol" in notices[0]["message"]["text"]


def test_nothing_to_scan_and_unknown_rules_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NothingToScan, match="no Solidity or Vyper file"):
        find_sources([tmp_path])
    with pytest.raises(NothingToScan, match="exists"):
        find_sources([tmp_path / "gone"])
    with pytest.raises(UnknownRule, match="'nothing'"):
        installed_rules(["nothing"])


def test_every_installed_rule_states_its_facts() -> None:
    for rule in installed_rules():
        facts = rule.info
        assert facts.cwe.startswith("CWE-")
        assert all((facts.title, facts.description, facts.scenario, facts.fix, facts.reference))
