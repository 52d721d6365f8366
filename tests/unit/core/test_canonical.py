"""Canonical JSON against the vectors of RFC 8785 and as properties."""

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.core.canonical import NotCanonical, canonical_json
from diptych.core.errors import JsonValue

SAFE = 2**53 - 1
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
# ECMAScript writes 2^53 and more without an exponent, so it reads back as an integer: statements
# carry such numbers as decimal strings.
_FLOATS = st.floats(allow_nan=False, allow_infinity=False).filter(
    lambda number: not number.is_integer() or abs(number) <= SAFE
)
_SCALARS = st.none() | st.booleans() | st.integers(-SAFE, SAFE) | _FLOATS | _TEXT
JSON = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=20,
)


def test_rfc_8785_section_3_2_2_sample() -> None:
    value: JsonValue = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    assert canonical_json(value).decode() == (
        '{"literals":[null,true,false],'
        '"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_rfc_8785_section_3_2_3_sorts_keys_by_utf_16_code_units() -> None:
    value: JsonValue = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    names = list(json.loads(canonical_json(value)).values())
    assert names == [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ]


@pytest.mark.parametrize(
    ("bits", "expected"),
    [
        # RFC 8785 appendix B: IEEE 754 bits and their ECMAScript form.
        ("0000000000000000", "0"),
        ("8000000000000000", "0"),
        ("0000000000000001", "5e-324"),
        ("8000000000000001", "-5e-324"),
        ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("ffefffffffffffff", "-1.7976931348623157e+308"),
        ("4340000000000000", "9007199254740992"),
        ("c340000000000000", "-9007199254740992"),
        ("4430000000000000", "295147905179352830000"),
        ("44b52d02c7e14af5", "9.999999999999997e+22"),
        ("44b52d02c7e14af6", "1e+23"),
        ("44b52d02c7e14af7", "1.0000000000000001e+23"),
        ("444b1ae4d6e2ef4e", "999999999999999700000"),
        ("444b1ae4d6e2ef4f", "999999999999999900000"),
        ("444b1ae4d6e2ef50", "1e+21"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
        ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("41b3de4355555553", "333333333.3333332"),
        ("41b3de4355555554", "333333333.33333325"),
        ("41b3de4355555555", "333333333.3333333"),
        ("41b3de4355555556", "333333333.3333334"),
        ("41b3de4355555557", "333333333.33333343"),
        ("becbf647612f3696", "-0.0000033333333333333333"),
        ("43143ff3c1cb0959", "1424953923781206.2"),
    ],
)
def test_rfc_8785_appendix_b_numbers(bits: str, expected: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical_json(number).decode() == expected


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        -float("inf"),
        SAFE + 1,
        -SAFE - 1,
        "\ud800",
        {"\udc00": 1},
        [2**256],
    ],
)
def test_a_value_without_canonical_form_is_refused(value: JsonValue) -> None:
    with pytest.raises(NotCanonical) as caught:
        canonical_json(value)
    assert caught.value.code == "Json.NotCanonical"
    assert "decimal strings" in caught.value.hint


def test_a_foreign_type_is_refused() -> None:
    with pytest.raises(NotCanonical):
        canonical_json({"a": b"bytes"})  # type: ignore[dict-item]


def test_bottomless_nesting_is_refused_rather_than_crashing() -> None:
    value: JsonValue = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(NotCanonical):
        canonical_json(value)


@pytest.mark.parametrize("edge", [SAFE, -SAFE])
def test_the_largest_safe_integers_are_written(edge: int) -> None:
    assert canonical_json(edge) == str(edge).encode()


@given(JSON)
def test_parsing_what_was_written_gives_the_value_back(value: JsonValue) -> None:
    assert json.loads(canonical_json(value)) == value


@given(JSON)
def test_writing_is_idempotent(value: JsonValue) -> None:
    written = canonical_json(value)
    assert canonical_json(json.loads(written)) == written


@given(st.dictionaries(_TEXT, st.integers(0, 9), max_size=8))
def test_keys_stand_in_utf_16_order_whatever_the_insertion_order(value: dict[str, int]) -> None:
    backwards = dict(reversed(value.items()))
    written = canonical_json(dict(value))
    assert canonical_json(dict(backwards)) == written
    keys = list(json.loads(written))
    assert keys == sorted(value, key=lambda key: key.encode("utf-16-be"))
