"""Fixes are right, and what cannot be shown to be right is withheld with the reason."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from eth_hash.auto import keccak
from tests.unit.audit.fixes_cases import ABOVE, CASES, REFUSED, Case, Refused

from diptych.audit.catalogue import installed_rules
from diptych.audit.compile import Toolchain
from diptych.audit.fixes import Fixer, FixResult, fix_file, has_template, write_fixed
from diptych.audit.fixes.check import compare_builds, compile_build, with_text
from diptych.audit.fixes.edit import Edit, applied, unified_diff
from diptych.audit.fixes.errors import NothingToWrite, Withheld
from diptych.audit.fixes.templates.order import LOCK_SLOT
from diptych.audit.replay import ReplayNode, replay_node
from diptych.audit.source.load import load_program


@pytest.fixture(scope="module")
def node() -> Iterator[ReplayNode]:
    with replay_node() as made:
        yield made


@pytest.fixture(scope="module")
def toolchain() -> Iterator[Toolchain]:
    with Toolchain() as made:
        yield made


class Bench:
    """Repairs contracts of a test."""

    def __init__(self, folder: Path, node: ReplayNode, toolchain: Toolchain) -> None:
        self.path = folder / "C.sol"
        self.node = node
        self.toolchain = toolchain

    def fixer(self, members: str, *rules: str, pragma: str = "0.8.34") -> Fixer:
        text = f"pragma solidity {pragma};\n{ABOVE}\ncontract C {{\n    {members}\n}}\n"
        self.path.write_text(text)
        loaded = load_program([self.path])
        return Fixer(
            loaded, installed_rules(rules), self.node, toolchain=self.toolchain, sequences=6
        )

    def fix(self, members: str, rule: str, pragma: str = "0.8.34") -> FixResult:
        fixer = self.fixer(members, rule, pragma=pragma)
        (finding, *_) = fixer.findings(str(self.path))
        assert has_template(finding)
        return fixer.fix(finding)


@pytest.fixture
def bench(tmp_path: Path, node: ReplayNode, toolchain: Toolchain) -> Bench:
    return Bench(tmp_path, node, toolchain)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.name}")
def test_a_fault_is_repaired_and_the_repair_proven(case: Case, bench: Bench) -> None:
    result = bench.fix(case.members, case.rule)
    assert result.withheld == ""
    assert result.fix is not None
    assert result.fix.name == case.name
    changed = [line for line in result.fix.diff.splitlines() if line[:1] in "+-"]
    removes = case.change.startswith("-")
    wanted = case.change.removeprefix("- ")
    assert any(wanted in line for line in changed if line[0] == ("-" if removes else "+"))
    assert result.fix.proof.contracts == ("C",)


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.why.replace(" ", "-"))
def test_what_could_lock_out_or_rob_somebody_is_left_alone(case: Refused, bench: Bench) -> None:
    result = bench.fix(case.members, case.rule)
    assert result.fix is None
    assert "does not compile" not in result.withheld


_VAULT = (
    "mapping(address => uint256) held; function put() external payable"
    " { held[msg.sender] += msg.value; } function take() external {\n"
    ' (bool ok, ) = msg.sender.call{value: held[msg.sender]}("");\n require(ok);\n'
    " held[msg.sender] = 0;\n }"
)


@pytest.mark.parametrize(
    ("pragma", "gap", "lock"),
    [
        ("0.8.34", "", "bool private transient _entered;"),
        (">=0.8.20", "", "bool private _entered;"),
        ("0.8.34", "uint256[50] private __gap;", "bool private transient _entered;"),
        (">=0.8.20", "uint256[50] private __gap;", "taken := sload(0xd4cd7d"),
        (">=0.8.20", "} contract D is C { uint256 after_;", "taken := sload(0xd4cd7d"),
    ],
)
def test_a_lock_lies_where_it_moves_nothing(bench: Bench, pragma: str, gap: str, lock: str) -> None:
    result = bench.fix(f"{_VAULT} {gap}", "reentrancy", pragma)
    assert result.withheld == ""
    assert result.fix is not None
    assert lock in result.fix.diff


def test_storage_behind_a_proxy_must_not_grow_and_nothing_may_move(bench: Bench) -> None:
    fixer = bench.fixer("uint256 a; uint256[50] private __gap;", "reentrancy")
    path, settings = str(bench.path), fixer.settings
    before = compile_build(bench.toolchain, fixer.loaded, path, settings)

    def build(members: str) -> None:
        text = f"pragma solidity 0.8.34;\n{ABOVE}\ncontract C {{ {members} }}\n".encode()
        changed = with_text(fixer.loaded, path, text)
        after = compile_build(bench.toolchain, changed, path, settings)
        compare_builds(before, after, "C")

    with pytest.raises(Withheld, match="behind a proxy"):
        build("uint256 a; uint256[50] private __gap; bool b;")
    with pytest.raises(Withheld, match="would move in storage"):
        build("bool b; uint256 a; uint256[50] private __gap;")
    with pytest.raises(Withheld, match="would move in storage"):
        build("uint128 a; uint256[50] private __gap;")


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ("event E(uint256 a); function f(uint256 a) external payable {}", "function f of C"),
        ("function f(uint256 a) external {}", "event E of C changed"),
        ("event E(uint256 a);", "function f of C changed"),
        ("event E(uint256 indexed a); function f(uint256 a) external {}", "event E of C changed"),
    ],
)
def test_functions_and_events_must_stay(bench: Bench, members: str, told: str) -> None:
    fixer = bench.fixer("event E(uint256 a); function f(uint256 a) external {}", "reentrancy")
    path, settings = str(bench.path), fixer.settings
    before = compile_build(bench.toolchain, fixer.loaded, path, settings)
    text = f"pragma solidity 0.8.34;\n{ABOVE}\ncontract C {{ {members} }}\n".encode()
    after = compile_build(bench.toolchain, with_text(fixer.loaded, path, text), path, settings)
    with pytest.raises(Withheld, match=told):
        compare_builds(before, after, "C")


def test_a_fix_that_would_block_every_call_is_withheld(bench: Bench) -> None:
    members = (
        "address owner; function put() external payable {} modifier mine() {"
        " require(msg.sender == owner); _; } function give(address to) external mine"
        " { owner = to; }"
        " function close() external {\n selfdestruct(payable(msg.sender));\n }"
    )
    result = bench.fix(members, "unprotected-selfdestruct")
    assert result.fix is None or result.fix.name != "use the contract's own guard"


def test_contracts_in_other_files_that_derive_from_it_must_go_on(bench: Bench) -> None:
    fixer = bench.fixer(_VAULT, "reentrancy", pragma=">=0.8.20")
    heir = bench.path.with_name("Heir.sol")
    heir.write_text(
        'pragma solidity >=0.8.20; import "./C.sol"; contract Heir is C { uint256 after_; }'
    )
    loaded = load_program([bench.path, heir])
    with Fixer(loaded, installed_rules(["reentrancy"]), bench.node, sequences=2) as both:
        (finding,) = fixer.findings(str(bench.path))
        result = both.fix(finding)
    assert result.fix is not None
    assert "sload(0xd4cd7d" in result.fix.diff  # appended, it would move the heir's variable
    heir.write_text(heir.read_text() + " contract Odd { Nowhere x; }")
    loaded = load_program([bench.path, heir])
    with Fixer(loaded, installed_rules(["reentrancy"]), bench.node, sequences=2) as both:
        result = both.fix(finding)
    assert result.fix is not None
    assert "sload(0xd4cd7d" in result.fix.diff


def test_a_pragma_is_pinned_and_the_code_stays_the_same(bench: Bench) -> None:
    fixer = bench.fixer("uint256 public x;", "compiler-version", pragma="^0.8.20")
    (finding,) = fixer.findings(str(bench.path))
    fix = fixer.fix(finding).fix
    assert fix is not None
    assert "+pragma solidity 0.8.34;" in fix.diff
    assert (fix.proof.calls, fix.proof.contracts) == (0, ("C",))
    base = bench.path.with_name("Base.sol")
    base.write_text('pragma solidity 0.8.21; import "./C.sol"; contract D is C {}')
    loaded = load_program([bench.path, base])
    rules = installed_rules(["compiler-version"])
    with Fixer(loaded, rules, bench.node, toolchain=bench.toolchain) as both:
        fix = both.fix(finding).fix
    assert fix is not None
    assert "+pragma solidity 0.8.21;" in fix.diff  # what both files take


def test_a_file_that_does_not_compile_is_told(bench: Bench) -> None:
    result = bench.fix(f"{CASES[0].members} uint256 wrong = true;", "unchecked-call")
    assert result.fix is None
    assert "the file as it is does not compile" in result.withheld


def test_fixes_of_a_file_build_on_each_other_and_make_one_patch(bench: Bench) -> None:
    fixer = bench.fixer(f"{CASES[0].members} {CASES[4].members}", "unchecked-call", "tx-origin")
    path = str(bench.path)
    results = list(fix_file(fixer, path, has_template))
    assert [result.withheld for result in results] == ["", ""]
    patch = unified_diff("C.sol", bench.path.read_bytes(), fixer.loaded.texts[path].data)
    subprocess.run(
        ["git", "apply", "-"], input=patch.encode(), cwd=bench.path.parent, check=True, timeout=20
    )
    assert bench.path.read_bytes() == fixer.loaded.texts[path].data
    assert fixer.findings(path) == ()


def test_replacements_in_reports_make_the_same_change(bench: Bench) -> None:
    result = bench.fix(CASES[0].members, "unchecked-call")
    assert result.fix is not None
    lines = result.fix.before.decode().split("\n")
    for each in reversed(result.fix.patch.replacements):
        assert each.line == each.end_line
        line = lines[each.line - 1]
        lines[each.line - 1] = line[: each.column - 1] + each.text + line[each.end_column - 1 :]
    assert "\n".join(lines).encode() == result.fix.after


def test_a_fixed_file_keeps_its_old_text_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "C.sol"
    path.write_bytes(b"old")
    path.chmod(0o640)
    assert write_fixed(path, b"old", b"new").read_bytes() == b"old"
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o640)
    assert write_fixed(path, b"new", b"newer").name == "C.sol.bak1"
    with pytest.raises(NothingToWrite, match="another text"):
        write_fixed(path, b"old", b"other")
    assert path.read_bytes() == b"newer"


def test_edits_that_overlap_are_refused_and_a_missing_last_line_end_is_said() -> None:
    with pytest.raises(ValueError, match="overlap"):
        applied(b"abc", [Edit(0, 2, ""), Edit(1, 3, "")])
    diff = unified_diff("/a/b.sol", b"one\ntwo", b"one\nthree")
    assert diff.count("\\ No newline at end of file") == 2
    assert diff.startswith("--- a/a/b.sol")


def test_the_slot_of_a_lock_follows_from_its_namespace() -> None:
    inner = int.from_bytes(keccak(b"diptych.storage.lock"), "big") - 1
    outer = int.from_bytes(keccak(inner.to_bytes(32, "big")), "big")
    assert outer & ~0xFF == LOCK_SLOT
