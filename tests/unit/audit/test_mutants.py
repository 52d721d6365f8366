import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

TRAINING = Path(__file__).parents[3] / "training" / "audit"
BASES = TRAINING / "mutants" / "bases"
TOKEN = b"""pragma solidity ^0.8.20;
contract T {
    address owner; mapping(address => uint) held;
    modifier onlyOwner() { require(msg.sender == owner); _; }
    function mint(address to, uint n) external onlyOwner { held[to] += n; }
    function take(uint n) external {
        require(held[msg.sender] >= n); //- dropped-bound
        held[msg.sender] = 0;
        (bool ok, ) = msg.sender.call{value: n}("");
        require(ok);
    }
    function seen() external view onlyOwner returns (uint) { return held[owner]; }
}
"""


@pytest.fixture
def mutants(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(TRAINING))
    yield importlib.import_module("mutants.generate")
    for name in [each for each in sys.modules if each.split(".")[0] == "mutants"]:
        del sys.modules[name]


def test_operators_and_directives_plant_their_faults(mutants: Any) -> None:
    found = {each.kind: each for each in mutants.mutants_of("T.sol", TOKEN)}
    assert set(found) == {
        "no-access-control",
        "effects-after-call",
        "unchecked-call",
        "dropped-bound",
    }
    late = found["effects-after-call"]
    assert late.fault.index(b"held[msg.sender] = 0") > late.fault.index(b"require(ok)")
    assert late.function == "take"
    assert b"//-" not in late.twin
    assert b"mint(address to, uint n) external  {" in found["no-access-control"].fault


def test_views_and_old_code_are_left_alone(mutants: Any) -> None:
    kinds = [m.function for m in mutants.mutants_of("T.sol", TOKEN)]
    assert "seen" not in kinds
    library = TOKEN.replace(b"contract T", b"library T").replace(b"//- dropped-bound", b"")
    assert list(mutants.mutants_of("L.sol", library)) == []


def test_bases_of_training_and_benchmark_are_apart_and_rich(mutants: Any) -> None:
    kinds: dict[str, set[str]] = {"train": set(), "bench": set()}
    names: dict[str, set[str]] = {"train": set(), "bench": set()}
    for part in kinds:
        for path in sorted((BASES / part).glob("*.sol")):
            pairs = list(mutants.mutants_of(path.name, path.read_bytes()))
            assert len(pairs) >= 3, path.name
            assert all(pair.fault != pair.twin and pair.function for pair in pairs)
            kinds[part] |= {pair.kind for pair in pairs}
            names[part] |= {path.name, *(pair.contract for pair in pairs)}
    assert min(len(found) for found in kinds.values()) >= 25
    assert not names["train"] & names["bench"]
