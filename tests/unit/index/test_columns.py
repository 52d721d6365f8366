"""Columns of text, bytes and amounts: exact both ways, and the wrong row named."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.index.amounts import amounts_from_decimal, decimal_from_amounts
from diptych.index.columns import (
    amounts_from_hex,
    binary_from_hex,
    bytes_from_hex,
    fixed_binary,
    hex_from_binary,
    integers_from_hex,
)
from diptych.index.texts import MalformedColumn

EDGES = [0, 1, 9, 10, 2**63 - 1, 2**63, 2**64, 10**76 - 1, 10**76, 2**255 - 1, 2**255, 2**256 - 1]
SIGNED = [0, -1, 1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 10**76, -(10**76), 2**255 - 1]


@given(st.lists(st.none() | st.binary(min_size=20, max_size=20)))
def test_fixed_bytes_are_read_and_shown(rows: list[bytes | None]) -> None:
    texts = [None if row is None else "0x" + row.hex() for row in rows]
    read = binary_from_hex(texts, 20, what="address")
    assert read.to_pylist() == rows
    assert hex_from_binary(read).to_pylist() == texts


@given(st.lists(st.none() | st.binary(max_size=70)))
def test_bytes_of_any_length_are_read_and_shown(rows: list[bytes | None]) -> None:
    texts = [None if row is None else "0x" + row.hex() for row in rows]
    read = bytes_from_hex(texts, what="data")
    assert read.to_pylist() == rows
    assert hex_from_binary(read).to_pylist() == texts
    assert hex_from_binary(read[1:]).to_pylist() == texts[1:]


@pytest.mark.parametrize(
    "wrong",
    ["0x12", "0x" + "1" * 39, "0x" + "1" * 42, "1" * 42, "0X" + "1" * 40, "0x" + "1 " * 20, ""],
)
def test_an_address_of_other_form_is_refused_with_its_row(wrong: str) -> None:
    with pytest.raises(MalformedColumn, match=r"address: got '.* in row 1"):
        binary_from_hex(["0x" + "ab" * 20, wrong], 20, what="address")


def test_rows_that_only_together_have_the_right_length_are_refused() -> None:
    one = "0x" + "ab" * 20
    with pytest.raises(MalformedColumn, match="row 0"):
        binary_from_hex([one + one, ""], 20, what="address")
    with pytest.raises(MalformedColumn, match="row 1"):
        binary_from_hex([one, "0x" + "g" * 40], 20, what="address")


@pytest.mark.parametrize("wrong", ["0", "0x1", "0xzz", "x0", "0x0x11", "0x1_", "é"])
def test_data_that_is_no_hex_is_refused(wrong: str) -> None:
    with pytest.raises(MalformedColumn, match="data: got"):
        bytes_from_hex(["0x", wrong], what="data")


@pytest.mark.parametrize("wrong", [1, 1.5, "\ud800", ["0x"]])
def test_what_is_no_text_is_refused(wrong: object) -> None:
    with pytest.raises(MalformedColumn, match="data"):
        bytes_from_hex(["0x", wrong], what="data")
    with pytest.raises(MalformedColumn, match="amount"):
        amounts_from_decimal(["0", wrong])


@given(st.lists(st.none() | st.integers(0, 2**63 - 1)))
def test_quantities_are_read(rows: list[int | None]) -> None:
    texts = [None if row is None else hex(row) for row in rows]
    assert integers_from_hex(texts, what="number").to_pylist() == rows


@given(st.lists(st.none() | st.integers(0, 2**256 - 1)))
def test_amounts_are_read_from_quantities_and_shown(rows: list[int | None]) -> None:
    texts = [None if row is None else hex(row) for row in rows]
    amounts = amounts_from_hex(texts, what="value")
    decimal = [None if row is None else str(row) for row in rows]
    assert decimal_from_amounts(amounts).to_pylist() == decimal
    assert amounts_from_decimal(decimal).to_pylist() == amounts.to_pylist()


@pytest.mark.parametrize("wrong", ["0x", "", "0x8000000000000000", "0x" + "0" * 17, "0xg", "12"])
def test_a_quantity_that_is_none_or_too_large_is_refused(wrong: str) -> None:
    with pytest.raises(MalformedColumn, match="in row 1"):
        integers_from_hex(["0x1", wrong], what="number")


def test_an_amount_beyond_256_bits_is_refused() -> None:
    assert amounts_from_hex(["0x" + "f" * 64], what="value").to_pylist() == [b"\xff" * 32]
    with pytest.raises(MalformedColumn, match="row 0"):
        amounts_from_hex(["0x1" + "f" * 64], what="value")


@pytest.mark.parametrize("values", [EDGES, EDGES[:5], []])
def test_unsigned_amounts_at_the_edges(values: list[int]) -> None:
    amounts = fixed_binary(b"".join(one.to_bytes(32, "big") for one in values), 32)
    assert decimal_from_amounts(amounts).to_pylist() == [str(one) for one in values]
    assert amounts_from_decimal([str(one) for one in values]).equals(amounts)


@pytest.mark.parametrize("values", [SIGNED, SIGNED[:4]])
def test_signed_amounts_at_the_edges(values: list[int]) -> None:
    raw = b"".join(one.to_bytes(32, "big", signed=True) for one in values)
    amounts = fixed_binary(raw, 32)
    texts = [str(one) for one in values]
    assert decimal_from_amounts(amounts, signed=True).to_pylist() == texts
    assert amounts_from_decimal(texts, signed=True).equals(amounts)


@pytest.mark.parametrize("wrong", ["", "-1", "1e5", "1.0", "+5", " 5", str(2**256), "9" * 79])
def test_text_that_is_no_amount_is_refused(wrong: str) -> None:
    with pytest.raises(MalformedColumn, match=r"row 1"):
        amounts_from_decimal(["1", wrong])


def test_columns_in_pieces_are_taken_whole() -> None:
    pieces = pa.chunked_array([pa.array(["0x01"]), pa.array([None, "0x02"])])
    assert integers_from_hex(pieces, what="n").to_pylist() == [1, None, 2]
