"""The canonical JSON of disclosed fields is that of RFC 8785, byte for byte."""

import math
import struct

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.verify.test_jsonio import VALUES

from diptych_verify.errors import JsonValue, MalformedError
from diptych_verify.jcs import canonical_json, ecmascript_number


@given(VALUES)
def test_agrees_with_the_library(value: JsonValue) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_agree_and_read_back(value: float) -> None:
    text = ecmascript_number(value)
    assert float(text) == value
    assert text.encode() == rfc8785.dumps(value)


@pytest.mark.parametrize(
    ("bits", "text"),
    [
        # RFC 8785 appendix B.
        ("0000000000000000", "0"),
        ("8000000000000000", "0"),
        ("0000000000000001", "5e-324"),
        ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("4340000000000000", "9007199254740992"),
        ("4430000000000000", "295147905179352830000"),
        ("44b52d02c7e14af5", "9.999999999999997e+22"),
        ("44b52d02c7e14af6", "1e+23"),
        ("444b1ae4d6e2ef4e", "999999999999999700000"),
        ("444b1ae4d6e2ef50", "1e+21"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
        ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("41b3de4355555553", "333333333.3333332"),
        ("becbf647612f3696", "-0.0000033333333333333333"),
    ],
)
def test_published_vectors(bits: str, text: str) -> None:
    value: float = struct.unpack(">d", bytes.fromhex(bits))[0]
    assert ecmascript_number(value) == text


def test_keys_sort_by_utf16_units() -> None:
    value: JsonValue = {"\ue000": 1, "\U0001f600": 2, "a": 3}
    assert canonical_json(value).decode() == '{"a":3,"\U0001f600":2,"\ue000":1}'


def test_refused() -> None:
    deep: JsonValue = 1
    for _ in range(40):
        deep = [deep]
    for value in (deep, math.nan, math.inf):
        with pytest.raises(MalformedError):
            canonical_json(value)
