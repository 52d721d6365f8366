"""`diptych audit` by the command line."""

import hashlib
import json
import subprocess
from html.parser import HTMLParser

import pytest
from tests.unit.app.program import Program
from tests.unit.audit.test_scan import VAULT

from diptych.audit.contract_scan import ContractScan

ONLY = ("--rule", "reentrancy", "--rule", "unchecked-call", "--rules-only")
OTHER = VAULT.replace("Vault", "Other").replace("due}", "due + 0}")


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
    assert vault("audit", "scan", ".", *ONLY, "--format", "sarif", "-o", "out.sarif").code == 1
    written = json.loads((vault.folder / "out.sarif").read_text())
    assert written["version"] == "2.1.0"
    (result,) = written["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "Vault.sol"


def test_json_has_findings_files_and_rules(vault: Program) -> None:
    told = json.loads(vault("audit", "scan", ".", *ONLY, "--json").out)
    assert [finding["rule"] for finding in told["findings"]] == ["reentrancy"]
    (file,) = told["files"]
    digest = hashlib.sha256(VAULT.encode()).hexdigest()
    assert file.items() >= {"path": "Vault.sol", "state": "whole", "sha256": digest}.items()
    assert told["contracts"][0]["score"] == told["findings"][0]["risk"] == 70.0
    assert told["rules"] == ["reentrancy", "unchecked-call"]


def test_rules_are_listed_and_explained(program: Program) -> None:
    assert "reentrancy" in program("audit", "rules").out
    assert "SWC-107" in program("audit", "rules", "reentrancy").out
    refused = program("audit", "rules", "none")
    assert (refused.code, "Audit.UnknownRule" in refused.err) == (2, True)


def test_nothing_to_scan_is_a_usage_error(program: Program) -> None:
    refused = program("audit", "scan", "gone")
    assert (refused.code, "Audit.NothingToScan" in refused.err) == (2, True)


@pytest.mark.parametrize(
    ("given", "code"),
    [("high", 1), ("70", 1), ("70.5", 0), ("never", 0), ("101", 2), ("0", 2), ("often", 2)],
)
def test_fail_on_takes_a_severity_or_a_risk(vault: Program, given: str, code: int) -> None:
    assert vault("audit", "scan", ".", *ONLY, "--fail-on", given).code == code


def test_a_baseline_lets_known_findings_pass_and_new_ones_fail(vault: Program) -> None:
    assert vault("audit", "scan", ".", *ONLY, "--write-baseline", "base.json").code == 1
    assert vault("audit", "scan", ".", *ONLY, "--baseline", "base.json").code == 0
    (vault.folder / "Other.sol").write_text(OTHER)
    done = vault("audit", "scan", ".", *ONLY, "--baseline", "base.json")
    assert (done.code, "1 new, 0 fixed since the baseline" in done.out) == (1, True)
    refused = vault("audit", "scan", ".", *ONLY, "--baseline", "gone.json")
    assert (refused.code, "Audit.BadTriageFile" in refused.err) == (2, True)


def test_suppressions_count_unless_they_are_refused(vault: Program) -> None:
    text = '[[ignore]]\nrule = "reentrancy"\nreason = "a demonstration"\n'
    (vault.folder / "diptych-audit.toml").write_text(text)
    done = vault("audit", "scan", ".")
    assert (done.code, "1 suppressed" in done.out) == (0, True)
    assert vault("audit", "scan", ".", "--no-ignore").code == 1


def test_what_is_suppressed_for_slither_counts_only_on_demand(vault: Program) -> None:
    (vault.folder / "slither.config.json").write_text('{"detectors_to_exclude": "reentrancy-eth"}')
    assert vault("audit", "scan", ".", *ONLY).code == 1
    assert vault("audit", "scan", ".", *ONLY, "--slither").code == 0


@pytest.mark.parametrize("form", ["text", "json", "sarif", "markdown", "html"])
def test_every_form_is_written(vault: Program, form: str) -> None:
    assert vault("audit", "scan", ".", "--format", form, "-o", "report").code == 1
    text = (vault.folder / "report").read_text()
    assert "reentrancy" in text
    if form in ("json", "sarif"):
        json.loads(text)
    if form == "html":
        HTMLParser().feed(text)


def test_nothing_readable_is_no_pass(vault: Program) -> None:
    (vault.folder / "Vault.sol").write_bytes(b"\x00\x01")
    done = vault("audit", "scan", "Vault.sol")
    assert (done.code, "not a text file" in done.out) == (3, True)
    (vault.folder / "Fine.sol").write_text("contract Fine { uint x; }")
    assert vault("audit", "scan", ".").code == 0


def test_an_interrupt_keeps_what_is_done(vault: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    (vault.folder / "Zoo.sol").write_text("contract Zoo { }")
    real = ContractScan.run

    def run(scan, contract, **given):  # type: ignore[no-untyped-def]
        if contract.tree.name == "Zoo":
            raise KeyboardInterrupt
        return real(scan, contract, **given)

    monkeypatch.setattr(ContractScan, "run", run)
    done = vault("audit", "scan", ".")
    assert done.code == 130
    assert "high reentrancy" in done.out
    assert "partial Zoo.sol: interrupted" in done.out


def test_a_finding_is_explained_by_its_way_and_what_would_silence_it(vault: Program) -> None:
    told = json.loads(vault("audit", "scan", ".", *ONLY, "--json").out)
    name = told["findings"][0]["fingerprint"]
    out = vault("audit", "explain", name[:8]).out
    assert "Entered through Vault.take" in out
    assert "call, the fault" in out
    assert "write, part of it" in out
    assert "diptych-ignore reentrancy" in out
    assert "SWC-107" in vault("audit", "explain", "reentrancy").out
    for unknown in ("0123456789", "nonsense"):
        assert "Audit.NoSuchFinding" in vault("audit", "explain", unknown).err


def test_the_conditions_on_the_way_are_told(vault: Program) -> None:
    guard = "uint due = held[msg.sender]; require(due > 7);"
    text = VAULT.replace("uint due = held[msg.sender];", guard)
    (vault.folder / "Vault.sol").write_text(text)
    told = json.loads(vault("audit", "scan", ".", *ONLY, "--json").out)
    explained = vault("audit", "explain", told["findings"][0]["fingerprint"], "--json").out
    (condition,) = json.loads(explained)["conditions"]
    assert (condition["text"], condition["holds"]) == ("due > 7", True)


def git(program: Program, *words: str) -> str:
    names = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
    command = ["git", "-C", str(program.folder), *names, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def commit(program: Program, name: str, text: str) -> None:
    (program.folder / name).write_text(text)
    git(program, "add", name)
    git(program, "commit", "-qm", "x")


@pytest.fixture
def history(vault: Program) -> Program:
    git(vault, "init", "-q", "-b", "main")
    commit(vault, "Vault.sol", VAULT)
    commit(vault, "Other.sol", OTHER)
    return vault


def test_a_diff_tells_new_fixed_and_unchanged_findings_and_functions(history: Program) -> None:
    told = json.loads(history("audit", "diff", "HEAD~1..HEAD", *ONLY, "--json").out)
    assert [one["state"] for one in told["findings"]] == ["new"]
    assert [(f["change"], f["function"]) for f in told["functions"]] == [("added", "take()")]
    moved = VAULT.replace("contract", "\n// moved\ncontract")
    commit(history, "Vault.sol", moved)
    done = history("audit", "diff", "HEAD~1..HEAD", *ONLY)
    assert (done.code, "0 new, 0 fixed" in done.out, "0 functions" in done.out) == (0, True, True)
    commit(history, "Vault.sol", "contract Vault { }")
    told = json.loads(history("audit", "diff", "HEAD~1", *ONLY, "--json").out)
    assert [one["rule"] for one in told["fixed"]] == ["reentrancy"]
    assert [one["change"] for one in told["functions"]] == ["removed"]


def test_a_diff_reads_commits_and_not_the_working_folder(history: Program) -> None:
    (history.folder / "Vault.sol").write_text("contract Vault { }")
    commit(history, ".gitattributes", "*.sol export-ignore\n")
    assert history("audit", "diff", "HEAD~2..HEAD").code == 1
    assert history("audit", "diff", "HEAD~2..HEAD", "Vault.sol").code == 0


def test_a_diff_sees_a_change_through_an_import(history: Program) -> None:
    base = "abstract contract Base { function pay(address a) internal virtual { } }"
    top = 'import "./Base.sol"; contract Top is Base { function f(address a) public { pay(a); } }'
    commit(history, "Base.sol", base)
    commit(history, "Top.sol", top)
    commit(history, "Base.sol", base.replace("{ }", '{ a.call(""); }'))
    told = json.loads(history("audit", "diff", "HEAD~1..HEAD", *ONLY, "--json").out)
    assert {file["path"] for file in told["files"]} == {"Base.sol", "Top.sol"}
    assert [one["state"] for one in told["findings"]] == ["new"]


@pytest.mark.parametrize("span", ["nonsense", "HEAD...HEAD", "--help..HEAD", "..HEAD", "HEAD..-x"])
def test_a_range_that_names_no_commits_is_refused(history: Program, span: str) -> None:
    refused = history("audit", "diff", "--", span)
    assert (refused.code, "Audit.BadRange" in refused.err) == (2, True)


def test_a_diff_outside_of_a_repository_is_refused(vault: Program) -> None:
    vault.environ["GIT_CEILING_DIRECTORIES"] = str(vault.folder.parent)
    refused = vault("audit", "diff", "HEAD~1..HEAD", *ONLY)
    assert (refused.code, "Audit.GitFailed" in refused.err) == (3, True)


@pytest.mark.parametrize("form", ["json", "html"])
def test_a_signed_report_is_held_against_log_and_code(book: Program, form: str) -> None:
    source = book.folder / "Vault.sol"
    source.write_text(VAULT)
    done = book("audit", "scan", "Vault.sol", *ONLY, "--sign", "--format", form, "-o", "report")
    assert (done.code, "logged as record" in done.err) == (1, True)
    verified = book("audit", "verify", "report")
    assert (verified.code, "fail, 1 high in 1 file" in verified.out) == (0, True)
    source.write_text(VAULT + "\n")
    changed = book("audit", "verify", "report")
    assert (changed.code, "Audit.CodeChanged" in changed.err) == (1, True)
    source.write_text(VAULT)
    report = book.folder / "report"
    report.write_bytes(report.read_bytes() + b" ")
    forged = book("audit", "verify", "report")
    assert (forged.code, "Audit.ReportNotLogged" in forged.err) == (1, True)


def test_what_is_signed_is_a_small_record_without_paths(book: Program) -> None:
    (book.folder / "Vault.sol").write_text(VAULT)
    book("audit", "scan", "Vault.sol", *ONLY, "--sign", "-o", "report")
    told = book.ok("audit", "verify", "report")
    assert told["audit"]["findings"] == [1, 0, 0, 0]
    assert told["audit"]["score"] == "70.0"
    assert len(json.dumps(told["audit"])) < 700
    assert "Vault" not in json.dumps(told["audit"])


def test_signing_needs_a_file_and_a_workspace(vault: Program) -> None:
    assert vault("audit", "scan", ".", "--sign").code == 2
    assert vault("audit", "scan", ".", "--sign", "-o", "report").code == 2
