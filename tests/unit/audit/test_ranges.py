"""Value ranges: types, operators, conditions, joins and loops narrow what a value can be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.audit.sources import body

from diptych.audit.analysis.contract import FunctionView
from diptych.audit.analysis.intervals import Range, compute
from diptych.audit.analysis.ranges import may_overflow, range_of
from diptych.audit.graph.ops import Op

WORD = (1 << 256) - 1


def returned(statements: str, members: str = "", pragma: str = "0.8.0") -> tuple[FunctionView, Op]:
    """Build a function and return it with the value that it gives back."""
    view = FunctionView(body(statements, members, pragma))
    (end,) = (op for op in view.ops if op.kind == "return")
    return view, end


@pytest.mark.parametrize(
    ("statements", "low", "high"),
    [
        ("return a;", 0, WORD),
        ("return a % 10;", 0, 9),
        ("return a & 0xff;", 0, 255),
        ("return a >> 200;", 0, (1 << 56) - 1),
        ("return a / 1e18;", 0, WORD // 10**18),
        ("return uint8(a);", 0, 255),
        ("return uint256(uint160(b)) + 1;", 1, 1 << 160),
        ("return 2 ** 256 - 1;", WORD, WORD),
        ("return type(uint32).max;", (1 << 32) - 1, (1 << 32) - 1),
        ("require(a < 100); return a;", 0, 99),
        ("require(a >= 5 && a <= 7); return a * 2;", 10, 14),
        ("if (a > 9) revert(); return a;", 0, 9),
        ("if (a > 9 || a == 0) revert(); return a;", 1, 9),
        ("uint c = a; if (c > 9) c = 9; return c;", 0, 9),
        ("uint c = a > 9 ? 9 : a; return c + 1;", 1, 10),
        ("require(uint8(a) < 9); return a;", 0, WORD),
        ("require(uint8(a) < 9); return uint8(a);", 0, 8),
        ("require(uint256(k) < 9); return k;", 0, 8),
        ("require(a <= n); require(n <= 50); return a;", 0, 50),
        ("return block.timestamp + 1 days;", 86400, (1 << 40) + 86400),
        ("return mulmod(a, 3, 7);", 0, 6),
        ("return n + k;", 0, WORD),
        ("return uint256(k) + 1;", 1, 1 << 16),
    ],
)
def test_a_value_lies_in_its_range(statements: str, low: int, high: int) -> None:
    view, end = returned(statements, "uint n; uint16 k;")
    assert range_of(view, end.operands[0], end) == (low, high)


def test_a_loop_counter_is_bounded_by_the_length_it_runs_to() -> None:
    view = FunctionView(body("for (uint i = 0; i < 20; i++) { n = i; }", "uint n;"))
    (store,) = (op for op in view.ops if op.kind == "store")
    assert range_of(view, store.operands[1], store) == (0, 19)


@pytest.mark.parametrize(
    "statements",
    [
        "return a + 1;",
        "return a * a;",
        "return a - n;",
        "return a << 1;",
        "require(a >= 5); return 5 - a;",
        "require(n >= a); return a - n;",
        "return uint256(k) * a;",
    ],
)
def test_arithmetic_that_can_leave_its_type(statements: str) -> None:
    view, end = returned(statements, "uint n; uint16 k;")
    assert may_overflow(view, end.operands[0])


@pytest.mark.parametrize(
    "statements",
    [
        "require(a < 5); return a + 1;",
        "require(a <= type(uint128).max); return a * a;",
        "require(a >= n); return a - n;",
        "if (a < n) return 0; return a - n;",
        "require(n - k >= a); return n - a;",
        "return (a >> 8) << 8;",
        "return 5 - (a % 5);",
        "return block.timestamp * 1e18;",
        "return uint256(k) * 1e18;",
    ],
)
def test_arithmetic_that_stays_in_its_type(statements: str) -> None:
    view = FunctionView(body(statements, "uint n; uint16 k;"))
    end = [op for op in view.ops if op.kind == "return"][-1]
    assert not may_overflow(view, end.operands[0])


def test_arithmetic_that_wraps_has_the_range_of_its_type() -> None:
    view, end = returned("unchecked { return a % 7 - 3; }")
    assert range_of(view, end.operands[0], end) == (0, WORD)


def test_arithmetic_that_reverts_keeps_to_what_fits() -> None:
    view, end = returned("return a % 7 - 3;")
    assert range_of(view, end.operands[0], end) == (0, 3)


numbers = st.integers(-300, 300)


@given(
    st.sampled_from(["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "**"]),
    st.tuples(numbers, numbers).map(sorted),
    st.tuples(numbers, numbers).map(sorted),
    st.data(),
)
def test_an_interval_holds_every_result(
    sign: str, left: list[int], right: list[int], data: st.DataObject
) -> None:
    first, second = (data.draw(st.integers(*ends)) for ends in (left, right))
    made = compute(sign, Range(*left), Range(*right))
    value = _evm(sign, first, second)
    if made is not None and value is not None:
        assert made.low <= value <= made.high


def _evm(sign: str, first: int, second: int) -> int | None:
    """Return what the machine gives; None where it reverts or the operator is not defined."""
    if sign in ("/", "%"):
        if second == 0:
            return None
        quotient = abs(first) // abs(second) * (1 if (first < 0) == (second < 0) else -1)
        return quotient if sign == "/" else first - second * quotient
    if sign in ("<<", ">>", "**"):
        if second < 0:
            return None
        power: int = first**second
        return {"<<": first << second, ">>": first >> second, "**": power}[sign]
    table: dict[str, int] = {"+": first + second, "-": first - second, "*": first * second}
    bits = {"&": first & second, "|": first | second, "^": first ^ second}
    return (table | bits)[sign]
