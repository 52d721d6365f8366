"""What a compiler knows fills in what reading alone cannot know, and never takes anything away."""

from pathlib import Path
from typing import Any

import pytest

from diptych.audit.analysis.contract import build_contract
from diptych.audit.compile import CompilerUnavailable, Toolchain
from diptych.audit.compile.refine import refine_solidity
from diptych.audit.compile.tree import disagreements, meanings_of
from diptych.audit.graph.meanings import written_type
from diptych.audit.graph.ops import Op
from diptych.audit.graph.program import Program, Unit
from diptych.audit.source.load import load_program
from diptych.audit.syntax.solidity.reader import read_solidity

SOURCE = b"""pragma solidity ^0.8.20;
library L { function put(address a) internal pure {} function put(uint256 a) internal pure { a; } }
contract C {
    using L for *;
    struct S { uint256 x; }
    mapping(uint256 => S[]) table;
    address owner;
    function note(bool a) internal pure { a; }
    function note(address a) internal { owner = a; }
    function f(function() external returns (uint64) g) public {
        note(msg.sender); uint256(1).put(); g();
    }
}
"""


def spot(text: bytes, near: bytes = b"") -> str:
    """Return the range of the last occurrence of a text, as the compiler writes it."""
    start = SOURCE.rindex(near or text) + (near or text).index(text)
    return f"{start}:{len(text)}:0"


def identifier(text: bytes, near: bytes, number: int) -> dict[str, Any]:
    span = spot(text, near)
    return {"nodeType": "Identifier", "src": span, "referencedDeclaration": number}


def declared(name: bytes, number: int) -> dict[str, Any]:
    start = SOURCE.index(name)
    return {"nodeType": "FunctionDefinition", "id": number, "src": f"{start}:9:0", "name": "n"}


TREE = {
    "nodeType": "SourceUnit",
    "src": "0:1:0",
    "nodes": [
        declared(b"function note(bool", 1),
        declared(b"function note(address", 2),
        declared(b"function put(uint256", 3),
        identifier(b"note", b"note(msg", 2),
        identifier(b"uint256(1).put", b"uint256(1).put", 3),
        {
            "nodeType": "FunctionCall",
            "src": spot(b"g()", b" g();"),
            "typeDescriptions": {"typeString": "uint64"},
        },
    ],
}


def ops(*, refined: bool, tree: Any = None) -> list[Op]:
    unit = Unit("C.sol", read_solidity(SOURCE), SOURCE)
    if refined:
        unit.meanings = meanings_of({"C.sol": tree or TREE}, {"C.sol": "C.sol"})["C.sol"]
    program = Program((unit,))
    (contract,) = (each for each in program.contracts if each.tree.name == "C")
    (view,) = build_contract(contract, set()).entries
    return list(view.ops)


def test_overloads_are_told_apart_by_type() -> None:
    assert "store" not in [op.kind for op in ops(refined=False)]
    assert "store" in [op.kind for op in ops(refined=True)]


def test_types_that_reading_cannot_know_are_filled_in() -> None:
    for refined, kind in ((False, "unknown"), (True, "uint")):
        calls = [op for op in ops(refined=refined) if op.kind == "call"]
        assert calls[-1].type.kind == kind
    assert len(calls) == 1  # the library function stands in the place of its call


@pytest.mark.parametrize(
    "tree",
    [
        7,
        {},
        [[{"nodeType": "Identifier"}]],
        {"nodeType": "Identifier", "src": "x:1:0", "referencedDeclaration": 1},
        {"nodeType": "Identifier", "src": "9" * 70, "typeDescriptions": 3},
        {"nodeType": "FunctionDefinition", "src": "1:1:0", "id": "1"},
    ],
)
def test_a_tree_of_another_shape_changes_nothing(tree: Any) -> None:
    assert [op.kind for op in ops(refined=True, tree=[tree])] == [
        op.kind for op in ops(refined=False)
    ]


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("address payable", "address"),
        ("mapping(uint256 => struct C.S storage ref[] storage ref)", "mapping"),
        ("tuple(bool,bytes memory,function (uint256) external)", "tuple"),
        ("uint64[3] memory", "array"),
        ("int_const 10", "literal"),
        ('literal_string "a"', "string"),
        ("function (address,uint256)", "function"),
        ("contract C", "contract"),
        ("struct C.S storage pointer", "struct"),
        ("contract Gone", "unknown"),
        ("type(uint256)", "unknown"),
        ("\u202e[][", "unknown"),
    ],
)
def test_types_are_read_as_the_compiler_writes_them(written: str, kind: str) -> None:
    program = Program((Unit("C.sol", read_solidity(SOURCE), SOURCE),))
    contract = program.contracts[1]
    assert written_type(written, contract).kind == kind


def test_types_of_any_depth_end() -> None:
    contract = Program((Unit("C.sol", read_solidity(SOURCE), SOURCE),)).contracts[1]
    assert written_type("uint256" + "[]" * 5_000, contract).kind == "array"
    assert written_type("tuple(" * 5_000 + ")" * 5_000, contract).kind == "tuple"


def test_what_the_compiler_sees_and_we_do_not_is_said() -> None:
    unit = Unit("C.sol", read_solidity(SOURCE), SOURCE)
    part = {"nodeType": "FunctionDefinition", "name": "gone"}
    known = {"nodeType": "ContractDefinition", "name": "C", "nodes": [part, part | {"name": "f"}]}
    tree = {"nodes": [known, {"nodeType": "ContractDefinition", "name": "D", "nodes": []}]}
    assert [each.split("'")[1] for each in disagreements(unit, tree)] == ["C.gone", "D"]
    assert disagreements(unit, {"nodes": [known | {"nodes": []}]}) == []


def test_without_a_compiler_all_stays_as_it_was_read(tmp_path: Path) -> None:
    def offline(version: str) -> Path:
        raise CompilerUnavailable(f"solc {version} cannot be fetched", hint="go online")

    (tmp_path / "C.sol").write_bytes(SOURCE)
    (tmp_path / "D.sol").write_text("x += 1;")
    loaded = load_program([tmp_path / "C.sol", tmp_path / "D.sol"])
    with Toolchain(fetch=offline) as toolchain:
        refined = refine_solidity(loaded, toolchain)
    assert refined.loaded.compilers == {}
    assert "go online" in refined.refused[str(tmp_path / "C.sol")]
    assert "fragment" in refined.refused[str(tmp_path / "D.sol")]


@pytest.mark.node
def test_the_right_compiler_refines_files_and_what_they_import(tmp_path: Path) -> None:
    (tmp_path / "C.sol").write_bytes(SOURCE)
    (tmp_path / "D.sol").write_text('pragma solidity ^0.8.0; import "./C.sol"; contract D is C {}')
    (tmp_path / "E.sol").write_text("pragma solidity ^0.8.0; contract E { gone x; }")
    loaded = load_program([tmp_path / name for name in ("C.sol", "D.sol", "E.sol")])
    with Toolchain() as toolchain:
        refined = refine_solidity(loaded, toolchain)
    assert set(refined.refused) == {str(tmp_path / "E.sol")}
    assert len(set(refined.loaded.compilers.values())) == 1
    assert len(refined.loaded.compilers) == 2
    assert refined.loaded.reasons == loaded.reasons
    (contract,) = (c for c in refined.loaded.program.contracts if c.tree.name == "C")
    (view,) = build_contract(contract, set()).entries
    assert "store" in [op.kind for op in view.ops]
    assert [op.type.kind for op in view.ops if op.kind == "call"] == ["uint"]
