"""Values that are the same, and code that is the same: where a difference must count."""

from diptych.audit.analysis.contract import build_contract
from diptych.audit.analysis.values import alike
from diptych.audit.fingerprint import normalised
from diptych.audit.graph.ops import Op
from diptych.audit.graph.program import Program, Unit
from diptych.audit.syntax.solidity.reader import read_solidity


def compared(expression: str) -> tuple[Op, Op]:
    source = (
        "pragma solidity ^0.8.0; contract C { function f(uint256 a, uint8 b) external pure "
        f"returns (bool) {{ return {expression}; }} }}"
    ).encode()
    program = Program((Unit("c.sol", read_solidity(source), source),))
    (view,) = build_contract(program.contracts[0], set()).functions
    left, right = next(op for op in view.ops if op.kind == "binary").operands
    return left, right


def test_a_cast_that_keeps_all_digits_makes_no_other_value() -> None:
    assert alike(*compared("uint256(b) == b"))
    assert alike(*compared("uint128(a) == uint128(a)"))


def test_a_cast_that_cuts_makes_another_value() -> None:
    assert not alike(*compared("uint256(uint8(a)) == a"))
    assert not alike(*compared("uint8(a) == uint128(a)"))


def test_two_slashes_divide_in_vyper_and_comment_in_solidity() -> None:
    assert normalised(b"a // b", "c.vy") == b"a//b"
    assert normalised(b"a # b", "c.vy") == b"a"
    assert normalised(b"a // b", "c.sol") == b"a"
