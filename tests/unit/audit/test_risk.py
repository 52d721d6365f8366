"""Risk is severity x probability x exposure; a contract's score says what it is made of."""

from pathlib import Path

import pytest

from diptych.audit.catalogue import installed_rules
from diptych.audit.finding import Exposure, Finding
from diptych.audit.risk import SEVERITY, contract_risks, finding_risk
from diptych.audit.scan import Report, scan_files

OPEN = "function take(address to) public {{ {guard} {call} }}"
CALL = 'to.call{value: 1 ether}("");'


def scan(folder: Path, body: str, members: str = "") -> Report:
    path = folder / "C.sol"
    path.write_text(f"pragma solidity ^0.8.0; contract C {{ address owner; {members} {body} }}")
    return scan_files([path], installed_rules(["unchecked-call"]))


def exposure(folder: Path, body: str, members: str = "") -> Exposure:
    (finding,) = scan(folder, body, members).findings
    assert finding.exposure is not None
    return finding.exposure


@pytest.mark.parametrize(
    ("guard", "reach"),
    [
        ("", "anyone"),
        ("require(msg.sender == owner);", "privileged"),
        ("require(held[msg.sender] > 0);", "keyed"),
        ("require(held[to] > 0);", "anyone"),
    ],
)
def test_who_can_reach_a_fault(tmp_path: Path, guard: str, reach: str) -> None:
    members = "mapping(address => uint) held;"
    found = exposure(tmp_path, OPEN.format(guard=guard, call=CALL), members)
    assert (found.reach, found.value, found.scope) == (reach, "ether", "function")


@pytest.mark.parametrize(
    ("call", "members", "value", "scope"),
    [
        ('to.call("");', "", "none", "function"),
        ('to.call("");', "uint n; function set() public { n = 1; }", "state", "contract"),
        ('to.delegatecall("");', "", "code", "function"),
        ('to.call("");', "function pay(address payable a) public { a.transfer(1); }", "ether", ""),
    ],
)
def test_what_there_is_to_lose(
    tmp_path: Path, call: str, members: str, value: str, scope: str
) -> None:
    found = exposure(tmp_path, OPEN.format(guard="", call=call), members)
    assert (found.value, found.scope) == (value, scope or "contract")


def test_a_guard_that_is_at_fault_itself_guards_nothing(tmp_path: Path) -> None:
    body = "function f(address payable a) public { require(tx.origin == owner); a.transfer(1); }"
    path = tmp_path / "C.sol"
    path.write_text(f"pragma solidity ^0.8.0; contract C {{ address owner; {body} }}")
    (finding,) = scan_files([path], installed_rules(["tx-origin"])).findings
    assert finding.exposure == Exposure("anyone", "ether", "function")


def test_a_constructor_and_dead_code_expose_nearly_nothing(tmp_path: Path) -> None:
    assert exposure(tmp_path, f"constructor(address to) {{ {CALL} }}").reach == "deployer"
    assert exposure(tmp_path, f"function f(address to) private {{ {CALL} }}").reach == "nobody"


def test_each_factor_lowers_the_risk() -> None:
    full = Exposure("anyone", "ether", "function")
    most = finding_risk("high", "reentrancy", 1.0, full)
    assert most == 100.0
    assert finding_risk("medium", "reentrancy", 1.0, full) == 50.0
    assert finding_risk("high", "reentrancy", 0.5, full) == 50.0
    guarded = Exposure("privileged", "ether", "function")
    assert finding_risk("high", "reentrancy", 1.0, guarded) == 30.0
    assert finding_risk("high", "honeypot", 1.0, guarded) == 100.0  # its users are the victims


def test_the_score_of_a_contract_is_derived_from_its_parts(tmp_path: Path) -> None:
    body = OPEN.format(guard="", call=CALL + "\n" + CALL)
    report = scan(tmp_path, body)
    (risk,) = contract_risks(report.fingerprints)
    first, second = risk.parts
    assert (first.weight, second.weight) == (1.0, 0.5)
    left = (1 - (first.finding.risk or 0) / 100) * (1 - 0.5 * (second.finding.risk or 0) / 100)
    assert risk.score == pytest.approx(100 * (1 - left), abs=0.1)
    severity = SEVERITY[first.finding.severity]
    said = f"severity {severity} x probability 0.7 assumed x exposure 1.00"
    assert said in first.sentence()


def test_no_finding_is_no_risk_and_scores_stay_below_100(tmp_path: Path) -> None:
    assert contract_risks([]) == ()
    (finding,) = scan(tmp_path, OPEN.format(guard="", call=CALL)).findings
    many: list[tuple[Finding, str]] = [(finding, str(at)) for at in range(50)]
    (risk,) = contract_risks(many)
    assert (finding.risk or 0) < risk.score < 100
