"""Types that Vyper's compiler knows stand on the graph; what it says of no place does not."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from diptych.audit.analysis.contract import build_contract
from diptych.audit.compile.refine_vyper import refine_vyper
from diptych.audit.compile.vyper import VyperToolchain, vyper_cache
from diptych.audit.compile.vyper_tree import vyper_meanings
from diptych.audit.graph.program import Unit
from diptych.audit.source.load import load_program

LIBRARY = """struct Pair:
    one: uint256
@internal
def add(n: uint256) -> uint256:
    return n
"""
SOURCE = """# pragma version ~=0.4.0
# ä moves bytes away from characters
import lib
struct Own:
    who: address
pairs: DynArray[lib.Pair, 9]
@external
def go(k: uint256, t: address) -> uint256:
    x: uint256 = self.pairs[k].one
    return lib.add(x)
"""
INTEGER = {"name": "uint256", "typeclass": "integer"}


def units(folder: Path) -> dict[str, Unit]:
    (folder / "a.vy").write_text(SOURCE)
    (folder / "lib.vy").write_text(LIBRARY)
    program = load_program([folder / "a.vy"]).program
    return {Path(unit.path).name: unit for unit in program.units if unit.path.endswith(".vy")}


def node(kind: str, text: str, about: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"ast_type": kind, "src": f"{SOURCE.index(text)}:{len(text)}:0", "type": about, **more}


def answer(*found: dict[str, Any]) -> dict[str, Any]:
    function = {"ast_type": "FunctionDef", "name": "add", "node_id": 5, "body": []}
    own = {"source_id": 0, "resolved_path": "/tmp/x/a.vy", "body": [*found]}
    other = {"source_id": 1, "resolved_path": "/tmp/x/lib.vy", "body": [function]}
    return {"ast": own, "imports": [other]}


def read(folder: Path, *found: dict[str, Any]) -> dict[str, str]:
    held = units(folder)
    meanings = vyper_meanings(answer(*found), held)[held["a.vy"].path]
    data = SOURCE.encode()
    return {data[start:end].decode(): kind for (start, end), kind in meanings.types.items()}


@pytest.mark.parametrize(
    ("about", "written"),
    [
        (INTEGER, "uint256"),
        ({"name": "Bytes", "typeclass": "bytestring"}, "bytes"),
        ({"name": "Own", "typeclass": "struct"}, "struct Own"),
        ({"name": "Pair", "typeclass": "struct"}, "struct lib.Pair"),
        ({"name": "/x/IERC20.vyi", "typeclass": "interface"}, "contract IERC20"),
        ({"typeclass": "static_array", "length": 3, "value_type": INTEGER}, "uint256[3]"),
        (
            {"typeclass": "hashmap", "key_type": INTEGER, "value_type": {"name": "bool"}},
            "mapping(uint256 => bool)",
        ),
    ],
)
def test_types_are_written_as_meanings_keep_them(
    about: dict[str, Any], written: str, tmp_path: Path
) -> None:
    assert read(tmp_path, node("Subscript", "self.pairs[k]", about)) == {"self.pairs[k]": written}


def test_a_call_that_is_cut_short_gets_its_arguments_back(tmp_path: Path) -> None:
    assert read(tmp_path, node("Call", "lib.add", INTEGER)) == {"lib.add(x)": "uint256"}


def test_a_function_of_a_module_is_told_by_its_declaration(tmp_path: Path) -> None:
    held = units(tmp_path)
    about = {"typeclass": "contract_function", "type_decl_node": {"source_id": 1, "node_id": 5}}
    found = vyper_meanings(answer(node("Attribute", "lib.add", about, attr="add")), held)
    (target,) = found[held["a.vy"].path].targets.values()
    assert LIBRARY[target.start :].startswith(("@internal", "def add"))
    assert target.path == held["lib.vy"].path


@pytest.mark.parametrize(
    "wrong",
    [
        {"ast_type": "Name", "id": "y", "src": "3:1:0", "type": INTEGER},
        {"ast_type": "Name", "id": "x", "src": "9" * 50 + ":1:0", "type": INTEGER},
        {"ast_type": "Name", "id": "x", "src": "-1:1:0", "type": INTEGER},
        {"ast_type": "Subscript", "src": "1:1", "type": INTEGER},
        {"ast_type": "Subscript", "src": None, "type": [INTEGER]},
        {"ast_type": "Call", "src": "0:3:0", "type": INTEGER},
    ],
)
def test_what_does_not_fit_the_text_is_passed_over(wrong: dict[str, Any], tmp_path: Path) -> None:
    assert read(tmp_path, wrong) == {}


@pytest.mark.parametrize("said", [None, 7, [], {}, {"ast": 3}, {"ast": {"source_id": "0"}}])
def test_an_answer_of_another_shape_says_nothing(said: object, tmp_path: Path) -> None:
    assert vyper_meanings(said, units(tmp_path)) == {}


def test_types_without_end_are_cut(tmp_path: Path) -> None:
    about: dict[str, Any] = {"name": "uint256"}
    for _ in range(400):
        about = {"typeclass": "dynamic_array", "value_type": about}
    assert read(tmp_path, node("Subscript", "self.pairs[k]", json.loads(json.dumps(about)))) == {}


@pytest.mark.node
def test_the_right_compiler_types_the_graph(tmp_path: Path) -> None:
    units(tmp_path)
    loaded = load_program([tmp_path / "a.vy"])
    found = refine_vyper(loaded, VyperToolchain(vyper_cache(os.environ)))
    if any("cannot be fetched" in why for why in found.refused.values()):
        pytest.skip("no network")
    (own,) = (unit for unit in found.loaded.program.units if unit.path.endswith("a.vy"))
    assert own.meanings is not None
    assert own.meanings.targets
    (contract,) = (each for each in found.loaded.program.contracts if each.unit is own)
    (view,) = build_contract(contract, set()).entries
    loads = [op for op in view.ops if op.kind == "load"]
    assert {op.type.kind for op in loads} == {"uint"}
