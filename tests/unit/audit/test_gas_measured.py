"""What is shown saves gas on a node; what does not, or does something else, is dropped."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from diptych.app.verbs.audit.gas import measure_paths
from diptych.audit.compile import NotCompiled, Toolchain
from diptych.audit.errors import UnknownRewrite
from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.errors import Withheld
from diptych.audit.gas import Effort, GasMeter, Saving
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import GasSite
from diptych.audit.replay import ReplayNode, replay_node
from diptych.audit.source.load import load_program

pytestmark = pytest.mark.node

_EFFORT = Effort(sequences=4)


@pytest.fixture(scope="module")
def node() -> Iterator[ReplayNode]:
    with replay_node() as made:
        yield made


@pytest.fixture(scope="module")
def toolchain() -> Iterator[Toolchain]:
    with Toolchain() as made:
        yield made


class Bench:
    """Rewrites contracts of a test."""

    def __init__(self, folder: Path, node: ReplayNode, toolchain: Toolchain) -> None:
        self.path = folder / "C.sol"
        self.node = node
        self.toolchain = toolchain

    def meter(self, members: str, *only: str) -> GasMeter:
        self.path.write_text(f"pragma solidity 0.8.34;\ncontract C {{\n    {members}\n}}\n")
        loaded = load_program([self.path])
        return GasMeter(
            loaded,
            self.node,
            toolchain=self.toolchain,
            effort=_EFFORT,
            only=frozenset(only),
        )

    def savings(self, members: str, *only: str) -> list[Saving]:
        return list(self.meter(members, *only).savings(str(self.path)))


@pytest.fixture
def bench(tmp_path: Path, node: ReplayNode, toolchain: Toolchain) -> Bench:
    return Bench(tmp_path, node, toolchain)


_READ_TWICE = (
    "uint256 public k = 9; function set(uint256 a) external { k = a; }"
    " function f(uint256 n) external view returns (uint256) { require(n < k); return k - n; }"
)


def test_a_saving_is_shown_with_what_receipts_said_before_and_after(bench: Bench) -> None:
    (saving,) = bench.savings(_READ_TWICE, "cached-read")
    assert saving.dropped == ""
    assert saving.gas is not None
    use = saving.gas.functions["C", "f(uint256)"]
    assert use.calls > 0
    assert 50 < (use.before - use.after) / use.calls < 150  # a warm read costs 100 (EIP-2929)
    assert saving.gas.functions["C", "constructor"].calls == 2
    assert "k_ = k" in saving.diff
    assert (saving.contract, saving.function, saving.line) == ("C", "f", 3)


def test_what_the_compiler_does_by_itself_is_dropped(bench: Bench) -> None:
    (saving,) = bench.savings(
        "uint256 public k; function f(uint256 n) external { for (uint256 i; i < n % 9; i++)"
        " { k = i; } }",
        "prefix-increment",
    )
    assert saving.gas is None
    assert saving.dropped == "the compiler makes the same code of both"


def test_storage_never_moves_behind_a_proxy(bench: Bench) -> None:
    gap = "uint256[50] private __gap; uint256 public fee = 3;"
    (saving,) = bench.savings(gap, "constant-variable")
    assert "behind a proxy" in saving.dropped
    slots = "function g() external view returns (uint256 r) { assembly { r := sload(0) } }"
    (saving,) = bench.savings(f"uint256 public fee = 3; {slots}", "constant-variable")
    assert "its assembly names slots" in saving.dropped
    lent = 'function g(address a) external { a.delegatecall(""); }'
    (saving,) = bench.savings(f"uint256 public fee = 3; {lent}", "constant-variable")
    assert "it delegates calls" in saving.dropped
    (saving,) = bench.savings("uint256 public fee = 3;", "constant-variable")
    assert saving.dropped == ""


def test_packed_variables_hold_the_same_by_name(bench: Bench) -> None:
    members = (
        "uint128 public a; uint256 public b; uint128 public c; function set(uint128 x) external"
        " { a = x; c = x; b = x; }"
    )
    (saving,) = bench.savings(members, "state-packing")
    assert saving.dropped == ""
    assert saving.gas is not None
    before, after = saving.gas.runtime
    assert before - after > 1000


def _wrong(site: GasSite) -> Iterator[Candidate]:
    """Return something else, for less."""
    at = site.text.data.find(b"return k - n")
    if at >= 0:
        yield Candidate(
            site.functions[1], "result", (Edit(at, at + len(b"return k - n"), "return k"),)
        )


def test_a_rewrite_that_does_something_else_is_dropped(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = Rewrite("wrong", "return something else", _wrong)
    monkeypatch.setattr("diptych.audit.gas.engine.REWRITES", (wrong,))
    meter = bench.meter(_READ_TWICE)
    (saving,) = meter.savings(str(bench.path))
    assert "C does something else on a node: f(uint256)" in saving.dropped
    assert meter.loaded.texts[str(bench.path)].data == bench.path.read_bytes()


def test_rewrites_build_on_each_other_and_are_measured_together(bench: Bench) -> None:
    meter = bench.meter(f'{_READ_TWICE} function g(uint256 a) external {{ require(a > 3, "a"); }}')
    before = meter.loaded
    found = [each for each in meter.savings(str(bench.path)) if not each.dropped]
    assert {each.rewrite.id for each in found} >= {"cached-read", "custom-error"}
    for first, second in pairwise(found):
        assert first.after == second.before
    total = meter.total(str(bench.path), before)
    assert total is not None
    assert total.deployment[0] > total.deployment[1]
    assert total.runtime[0] > total.runtime[1]
    assert total.of("D").runtime == (0, 0)


def test_a_function_that_no_call_gets_through_is_not_rewritten(bench: Bench) -> None:
    members = (
        "uint256 k = 9; function f(uint256 n) external view returns (uint256)"
        " { require(keccak256(abi.encode(n)) == 0); require(n < k); return k - n; }"
        " function set(uint256 a) external { k = a; }"
    )
    found = bench.savings(members, "cached-read")
    assert [each.dropped for each in found] == [
        "no generated call got through the changed function"
    ]


_BASE = """pragma solidity 0.8.34;
abstract contract Base {
    uint256 internal rate = 5;
    address internal owner;
    constructor() { owner = msg.sender; }
    function _due(uint256 a) internal view returns (uint256) { require(a > rate); return a - rate; }
}
"""
_HEIRS = {
    "A": "function take(uint256 a) external { taken += _due(a); } uint256 public taken;",
    "B": "function set(uint256 a) external { require(msg.sender == owner); rate = a; }",
}


def test_a_base_is_rewritten_in_the_contracts_that_use_it(tmp_path: Path) -> None:
    (tmp_path / "Base.sol").write_text(_BASE)
    for name, members in _HEIRS.items():
        head = f'pragma solidity 0.8.34;\nimport "./Base.sol";\ncontract {name} is Base'
        (tmp_path / f"{name}.sol").write_text(f"{head} {{ {members} }}\n")
    done = measure_paths([tmp_path])
    assert [Path(each.path).name for each in done.files] == ["A.sol", "B.sol"]
    assert all(each.total is not None and not each.reason for each in done.files)
    base = done.texts[str(tmp_path / "Base.sol")][1].decode()
    assert "immutable owner" in base
    assert "constant" not in base  # B sets the rate
    assert "rate_ = rate" in base
    assert done.patch.count("--- a/") == len(done.texts)
    backups = done.apply()
    assert _BASE in [each.read_text() for each in backups]
    assert (tmp_path / "Base.sol").read_text() == base


def test_an_unknown_rewrite_is_refused_by_name() -> None:
    with pytest.raises(UnknownRewrite, match="got rewrite 'none', expected one of constant-"):
        measure_paths([], ["none"])


def test_what_is_shown_holds_with_other_calls_and_what_is_not_does_not(bench: Bench) -> None:
    meter = bench.meter(_READ_TWICE, "cached-read")
    (saving,) = meter.savings(str(bench.path))
    again = Effort(sequences=6, seeds=(77,))
    before, after = meter.again(saving, again).runtime
    assert after < before
    with pytest.raises(Withheld, match="gas more"):
        meter.again(replace(saving, before=saving.after, after=saving.before), again)


def test_a_file_that_does_not_compile_is_told(bench: Bench) -> None:
    with pytest.raises(NotCompiled):
        bench.savings("uint256 a = true;")
