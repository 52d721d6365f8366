"""`diptych audit gas` by the command line."""

import json

import pytest
from tests.unit.app.program import Program

pytestmark = pytest.mark.node

POOL = """pragma solidity 0.8.34;

contract Pool {
    uint256 public fee = 3;

    function due(uint256 amount) external view returns (uint256) {
        require(amount > fee, "too little");
        return amount - fee;
    }
}
"""


@pytest.fixture
def pool(program: Program) -> Program:
    (program.folder / "Pool.sol").write_text(POOL)
    return program


def test_savings_stand_in_one_table_and_are_written_only_when_asked(pool: Program) -> None:
    path = pool.folder / "Pool.sol"
    done = pool("audit", "gas", "Pool.sol", "--rewrite", "constant-variable", "-o", "gas.patch")
    assert done.code == 0, done
    assert done.out.startswith("what")
    assert "constant-variable  Pool:4 calls" in done.out
    assert "for new deployments only, storage moves: constant-variable" in done.out
    assert "1 of 1 rewrite shown in 1 file" in done.out
    assert (pool.folder / "gas.patch").read_text().startswith("--- a/Pool.sol\n")
    assert path.read_text() == POOL

    asked = ("audit", "gas", ".", "--rewrite", "constant-variable", "--apply", "--json")
    told = json.loads(pool(*asked).out)
    (file,) = told["files"]
    (rewrite,) = file["rewrites"]
    assert (rewrite["dropped"], rewrite["moves_storage"]) == ("", True)
    sums = {each["function"]: each for each in file["total"]["functions"]}
    assert sums["fee()"]["gas_before"] - sums["fee()"]["gas_after"] > 2000  # a cold read
    assert path.read_text() == POOL.replace("public fee", "public constant fee")
    assert (pool.folder / "Pool.sol.bak").read_text() == POOL


def test_the_report_of_a_scan_takes_a_gas_chart(pool: Program) -> None:
    asked = ("audit", "gas", "Pool.sol", "--rewrite", "constant-variable", "--html", "gas.html")
    assert pool(*asked).code == 0
    page = (pool.folder / "gas.html").read_text()
    assert "<h2>Gas before and after</h2><img" in page


def test_what_does_not_compile_is_told_and_nothing_is_written(pool: Program) -> None:
    broken = POOL.replace("= 3", "= true")
    (pool.folder / "Pool.sol").write_text(broken)
    done = pool("audit", "gas", "Pool.sol", "--apply")
    assert done.code == 3
    assert "Pool.sol: does not compile: solc 0.8.34: TypeError" in done.out
    assert "0 of 0 rewrites shown in 0 files" in done.out
    assert (pool.folder / "Pool.sol").read_text() == broken
    assert not (pool.folder / "Pool.sol.bak").exists()


def test_an_unknown_rewrite_is_a_usage_error(pool: Program) -> None:
    done = pool("audit", "gas", "Pool.sol", "--rewrite", "none")
    assert done.code != 0
    assert "got rewrite 'none', expected one of" in done.err


def test_a_spent_budget_says_what_was_left(pool: Program) -> None:
    (pool.folder / "Tool.sol").write_text(POOL.replace("Pool", "Tool"))
    done = pool("audit", "gas", ".", "--budget", "0.000001", "--json")
    assert done.code == 0
    told = json.loads(done.out)
    first, second = told["files"]
    assert (told["stopped"], told["patch"]) == ("the time of 1e-06 s is spent", "")
    assert first["reason"].startswith("partial: the time of 1e-06 s is spent; 0 of about ")
    assert second["reason"] == "not measured: the time of 1e-06 s is spent"
    assert pool("audit", "gas", ".", "--budget", "-1").code == 2
