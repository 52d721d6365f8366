"""Faults and repaired twins compiled by solc 0.5 to 0.8 and Vyper 0.3 and 0.4, found in the code.

`box.sol` and `box.vy` show the functions; names begin with F where there is a fault, with T where
there is none, and say which.
"""

import re
from pathlib import Path

import pytest
from eth_hash.auto import keccak

from diptych.audit.analysis.contract import build_contract
from diptych.audit.catalogue import installed_rules
from diptych.audit.scan import scan_files
from diptych.audit.source.load import load_program

FOLDER = Path(__file__).parent / "bytecode"
CATEGORIES = {
    "reentrancy": "reentrancy",
    "access": "access_control",
    "unchecked": "unchecked_low_level_calls",
    "random": "bad_randomness",
    "overflow": "arithmetic",
}
CODES = sorted(path.stem for path in FOLDER.glob("box_*.hex"))
DECLARED = re.compile(r"(?:function|def) (([FT])\d?_(\w+?)(?:_\w+)?)\(([^)]*)\)")


def functions(source: str) -> list[tuple[str, str, str]]:
    """Return selector, F or T, and category of each function in question."""
    found = []
    for name, mark, kind, arguments in DECLARED.findall(source):
        parts = [each.strip() for each in arguments.split(",") if each.strip()]
        types = [part.split(": ")[1] if ": " in part else part.split()[0] for part in parts]
        plain = ",".join(re.sub(r"Bytes\[\d+\]", "bytes", each) for each in types)
        selector = keccak(f"{name}({plain})".encode())[:4].hex()
        found.append((f"0x{selector}", mark, CATEGORIES[kind]))
    return found


@pytest.mark.parametrize("code", CODES)
def test_faults_are_found_and_their_twins_are_not(code: str) -> None:
    source = (FOLDER / ("box.vy" if "vyper" in code else "box.sol")).read_text("utf-8")
    report = scan_files([FOLDER / f"{code}.hex"], installed_rules())
    assert report.files[0].reasons == ()
    told = {(f.location.function, f.rule.category) for f in report.findings}
    wanted = functions(source)
    assert sum(mark == "F" for _, mark, _ in wanted) >= 10
    for selector, mark, category in wanted:
        assert ((selector, category) in told) is (mark == "F"), (selector, mark, category)


@pytest.mark.parametrize("code", [code for code in CODES if "creation" in code])
def test_the_constructor_is_part_of_creation_code(code: str) -> None:
    (contract,) = load_program([FOLDER / f"{code}.hex"]).program.contracts
    graph = build_contract(contract, set())
    (made,) = (view for view in graph.functions if view.is_constructor)
    (write,) = made.writes
    owner = write.place.variable
    assert any(op.attribute == "msg.sender" for op in made.ops)
    readers = {id(v) for v in graph.entries for r in v.reads if r.place.variable is owner}
    assert len(readers) > 3, "slots of the constructor are those of the contract"


def test_sums_that_revert_on_overflow_are_told_from_those_that_wrap() -> None:
    (contract,) = load_program([FOLDER / "box_0.8.20.hex"]).program.contracts
    wraps = {
        view.function.name
        for view in build_contract(contract, set()).entries
        for op in view.ops
        if op.kind == "binary" and op.attribute in ("+", "-", "*") and not op.checked
        if view.function and all(each.kind in ("load", "param") for each in op.operands)
    }
    sums = [each for each in functions((FOLDER / "box.sol").read_text()) if each[2] == "arithmetic"]
    assert wraps == {selector for selector, mark, _ in sums if mark == "F"}


def test_a_constant_that_is_copied_before_is_no_code_that_is_returned(tmp_path: Path) -> None:
    runtime = "5f3560e01c5f5260205ff3"
    creation = f"6052601d60803960{len(runtime) // 2:02x}8060145f395ff3fe"
    path = tmp_path / "a.hex"
    path.write_text(creation.ljust(40, "0") + runtime + "11" * 96)
    (contract,) = load_program([path]).program.contracts
    assert getattr(contract.unit.tree.code, "code", b"").hex() == runtime
