"""`diptych audit` by the command line."""

import json

import pytest
from tests.unit.app.program import Program
from tests.unit.audit.test_scan import VAULT


@pytest.fixture
def vault(program: Program) -> Program:
    (program.folder / "Vault.sol").write_text(VAULT)
    return program


def test_a_scan_shows_source_reason_and_fix_and_fails(vault: Program) -> None:
    done = vault("audit", "scan", "Vault.sol")
    assert done.code == 1
    assert "high reentrancy  Vault.sol:6  Vault.take" in done.out
    assert "msg.sender.call{value: due}" in done.out
    assert "fix: Write state before the call" in done.out
    assert "in 10 lines of 1 file" in done.out


def test_fail_on_decides_the_exit_code_alone(vault: Program) -> None:
    assert vault("audit", "scan", ".", "--fail-on", "never").code == 0
    assert vault("audit", "scan", ".").code == 1
    (vault.folder / "Vault.sol").write_text("contract Fine { uint x; }")
    done = vault("audit", "scan", ".")
    assert (done.code, "nothing found" in done.out) == (0, True)


def test_a_report_goes_to_a_file_as_sarif(vault: Program) -> None:
    assert vault("audit", "scan", ".", "--format", "sarif", "-o", "out.sarif").code == 1
    written = json.loads((vault.folder / "out.sarif").read_text())
    assert written["version"] == "2.1.0"
    (result,) = written["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "Vault.sol"


def test_json_has_findings_files_and_rules(vault: Program) -> None:
    told = json.loads(vault("audit", "scan", ".", "--json").out)
    assert [finding["rule"] for finding in told["findings"]] == ["reentrancy"]
    assert told["files"] == [{"path": "Vault.sol", "lines": 10, "state": "whole", "reasons": []}]
    assert "reentrancy" in told["rules"]


def test_rules_are_listed_and_explained(program: Program) -> None:
    assert "reentrancy" in program("audit", "rules").out
    assert "SWC-107" in program("audit", "rules", "reentrancy").out
    refused = program("audit", "rules", "none")
    assert (refused.code, "Audit.UnknownRule" in refused.err) == (2, True)


def test_nothing_to_scan_is_a_usage_error(program: Program) -> None:
    refused = program("audit", "scan", "gone")
    assert (refused.code, "Audit.NothingToScan" in refused.err) == (2, True)
