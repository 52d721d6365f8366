"""`diptych audit fix` by the command line."""

import json
from pathlib import Path

import pytest
from tests.unit.app.program import Program

from diptych.app.verbs.audit.fix import Fixing, fix_paths
from diptych.audit.replay.budget import Budget

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
    assert done.code == 3
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


@pytest.mark.parametrize("verb", ["fix", "gas"])
@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("notes.sol", b"hello world, nothing here", "holds no Solidity (line 1: syntax error)"),
        ("image.sol", bytes(range(256)), "holds no Solidity (not a text file)"),
        ("empty.sol", b"", "holds no Solidity"),
        ("pool.vy", b"@external\ndef f():\n    pass\n", "holds Vyper, not Solidity"),
        ("code.hex", b"6080604052", "holds bytecode, not Solidity"),
    ],
)
def test_what_holds_no_solidity_is_an_error_that_names_it(
    program: Program, verb: str, name: str, data: bytes, told: str
) -> None:
    (program.folder / name).write_bytes(data)
    done = program("audit", verb, name, "--json")
    assert done.code == 3
    assert done.error["code"] == "Audit.NoSolidity"
    assert done.error["message"].endswith(f"{name}: {told}")


@pytest.mark.parametrize("verb", ["fix", "gas"])
def test_a_missing_path_is_a_usage_error(program: Program, verb: str) -> None:
    done = program("audit", verb, "gone.sol", "--json")
    assert (done.code, done.error["code"]) == (2, "Audit.NothingToScan")


def test_a_broken_file_is_named_with_what_the_compiler_says(program: Program) -> None:
    (program.folder / "Torn.sol").write_text("contract C { function f( { }")
    done = program("audit", "fix", "Torn.sol", "--rule", "reentrancy")
    assert done.code == 3
    assert "partial Torn.sol: does not compile: solc 0.8." in done.out


def test_files_left_out_beside_good_ones_make_it_partial(vault: Program) -> None:
    (vault.folder / "code.hex").write_text("6080604052")
    done = vault("audit", "fix", ".", "--rule", "reentrancy")
    assert done.code == 0
    assert "partial code.hex: holds bytecode, not Solidity" in done.out
    assert "1 of 1 finding fixed in 1 file" in done.out


def test_a_spent_budget_says_what_was_left(vault: Program) -> None:
    words = ("audit", "fix", "Vault.sol", "--rule", "reentrancy", "--budget", "0.000001")
    done = vault(*words)
    assert done.code == 0
    assert "left reentrancy  Vault.sol:10  Vault.take" in done.out
    assert "partial: the time of 1e-06 s is spent; 1 finding not tried" in done.out
    told = json.loads(vault(*words, "--json").out)
    assert told["stopped"]
    assert [each["rule"] for each in told["left"]] == ["reentrancy"]


class _Ending:
    """Progress that ends the work after its first step, as Ctrl-C does."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.label = ""

    def __call__(self, label: str, *, total: int | None = None, unit: str = "B") -> "_Ending":
        self.label = label
        return self

    def __enter__(self) -> "_Ending":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def advance(self, amount: int) -> None:
        if self.label == "fixes":
            self.budget.interrupt()


def test_ctrl_c_keeps_what_was_proven(tmp_path: Path) -> None:
    path = tmp_path / "Vault.sol"
    path.write_text(VAULT + VAULT.partition("\n")[2].replace("Vault", "Other"))
    budget = Budget()
    done = fix_paths(Fixing([path], tmp_path, ["reentrancy"]), _Ending(budget), budget)
    assert [result.fix is not None for result in done.results] == [True]
    assert (done.stopped, len(done.left)) == ("interrupted", 1)
    assert done.patch.startswith("--- a/")
