"""`diptych audit fix` by the command line."""

import json

import pytest
from tests.unit.app.program import Program

VAULT = """pragma solidity 0.8.34;

contract Vault {
    mapping(address => uint256) held;

    function put() external payable { held[msg.sender] += msg.value; }

    function take() external {
        uint256 due = held[msg.sender];
        (bool ok, ) = msg.sender.call{value: due}("");
        require(ok);
        held[msg.sender] = 0;
    }
}
"""
CALL = '        (bool ok, ) = msg.sender.call{value: due}("");\n        require(ok);\n'
CLEAR = "        held[msg.sender] = 0;\n"


@pytest.fixture
def vault(program: Program) -> Program:
    (program.folder / "Vault.sol").write_text(VAULT)
    return program


def test_a_fix_is_shown_and_written_only_when_asked(vault: Program) -> None:
    path = vault.folder / "Vault.sol"
    done = vault("audit", "fix", "Vault.sol", "--rule", "reentrancy", "-o", "all.patch")
    assert done.code == 0, done
    assert "fix reentrancy  Vault.sol:10  Vault.take" in done.out
    assert "write state before the call" in done.out
    assert "1 of 1 finding fixed in 1 file" in done.out
    assert (vault.folder / "all.patch").read_text().startswith("--- a/Vault.sol\n+++ b/Vault.sol\n")
    assert path.read_text() == VAULT

    told = json.loads(vault("audit", "fix", ".", "--rule", "reentrancy", "--apply", "--json").out)
    (result,) = told["results"]
    assert (told["fixed"], result["withheld"]) == (1, "")
    assert result["fix"]["proof"]["calls"] == 240
    assert path.read_text() == VAULT.replace(CALL + CLEAR, CLEAR + CALL)
    assert (vault.folder / "Vault.sol.bak").read_text() == VAULT


def test_a_withheld_fix_says_why_and_nothing_is_written(vault: Program) -> None:
    broken = VAULT.replace("mapping", "uint256 wrong = true; mapping")
    (vault.folder / "Vault.sol").write_text(broken)
    done = vault("audit", "fix", "Vault.sol", "--rule", "reentrancy", "--apply")
    assert done.code == 0
    assert "withheld reentrancy  Vault.sol:10" in done.out
    assert "does not compile: solc 0.8.34: TypeError" in done.out
    assert (vault.folder / "Vault.sol").read_text() == broken
    assert not (vault.folder / "Vault.sol.bak").exists()


def test_without_a_fault_nothing_is_started(vault: Program) -> None:
    (vault.folder / "Vault.sol").write_text("contract Fine { uint256 x; }\n")
    done = vault("audit", "fix", "Vault.sol", "--rule", "reentrancy")
    assert (done.code, done.out.strip()) == (0, "0 of 0 findings fixed in 0 files")


def test_an_unknown_rule_is_refused(vault: Program) -> None:
    done = vault("audit", "fix", "Vault.sol", "--rule", "no-such-rule", "--json")
    assert done.code == 2
    assert done.error["code"] == "Audit.UnknownRule"


def test_a_sarif_report_carries_each_fix_and_suppressed_findings_none(vault: Program) -> None:
    note = "        // diptych-ignore reentrancy: the callee is ours\n"
    text = VAULT + VAULT.partition("\n")[2].replace("Vault", "Other").replace(CALL, note + CALL)
    (vault.folder / "Vault.sol").write_text(text)
    words = ("audit", "fix", "Vault.sol", "--rule", "reentrancy", "--sarif", "out.sarif")
    done = vault(*words)
    assert done.code == 0, done
    assert "1 with a fix" in done.out
    (run,) = json.loads((vault.folder / "out.sarif").read_text())["runs"]
    fixes = [each for result in run["results"] for each in result.get("fixes", ())]
    (fixed,) = fixes
    assert fixed["description"]["text"] == "write state before the call"
    assert (vault.folder / "Vault.sol").read_text() == text
    assert vault(*words, "--apply").code == 2
