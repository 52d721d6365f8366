"""Strict JSON: what it accepts reads back, everything else is `Verify.Malformed`."""

import contextlib
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych_verify.errors import JsonValue, MalformedError
from diptych_verify.jsonio import MAX_INTEGER, ObjectReader, decode_b64, decode_hex, strict_json

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=20,
)


def parse(raw: bytes, **limits: int) -> JsonValue:
    bounds = {"max_bytes": 10_000, "max_depth": 8, **limits}
    return strict_json(raw, **bounds)


@given(VALUES)
def test_ordinary_values_read_back(value: JsonValue) -> None:
    assert strict_json(json.dumps(value).encode(), max_bytes=1 << 20, max_depth=64) == value


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"a":1}',
        b'{"a":{"b":1,"b":2}}',
        b"NaN",
        b"[Infinity]",
        b"-Infinity",
        b"1e999",
        b"9007199254740992",
        b"-9007199254740992",
        b"1" * 5000,
        b"0." + b"1" * 5000,
        b"[1] 2",
        b"{}{}",
        b"",
        b"   ",
        b"\xff",
        b'"\xc3\x28"',
        b"\xef\xbb\xbf{}",
        '{"a":1}'.encode("utf-16"),
        b'"\\ud800"',
        b'{"\\udfff":1}',
        b'["ok","\\ud83d"]',
        b"[" * 9 + b"]" * 9,
        b"[" * 4000 + b"]" * 4000,
        b'{"a":' * 2000,
        b"01",
        b"+1",
        b".5",
        b"'a'",
        b"[1,]",
        b'{"a":1,}',
        b'"\t"',
        b"nul",
    ],
)
def test_refused(raw: bytes) -> None:
    with pytest.raises(MalformedError) as caught:
        parse(raw)
    assert caught.value.code == "Verify.Malformed"


def test_limits_are_inclusive() -> None:
    assert parse(b"[[1]]", max_depth=2) == [[1]]
    assert parse(b"[[]]", max_depth=2) == [[]]
    assert parse(b"1", max_depth=0) == 1
    with pytest.raises(MalformedError):
        parse(b"[[1]]", max_depth=1)
    with pytest.raises(MalformedError):
        parse(b"[1]", max_bytes=2)
    with pytest.raises(MalformedError, match="values"):
        parse(b"[1,2,3]", max_values=2)
    assert parse(b'"\\ud83d\\ude00"') == "\U0001f600"
    assert parse(str(MAX_INTEGER).encode()) == MAX_INTEGER


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 9 + b'"' * 20_000_000,
        b"[" * 9 + b'"]]' * 7_000_000,
        b"[" + b"]" * 20_000_000 + b"[" * 9,
        b'"\xf0\x9f\x98\x80' + b"a" * 20_000_000 + b'"',
    ],
    ids=["quotes", "closing quotes", "closing brackets", "wide text"],
)
def test_large_hostile_input_is_refused_soon(raw: bytes) -> None:
    start_s = time.process_time()
    with pytest.raises(MalformedError):
        parse(raw, max_bytes=32 << 20, max_depth=8)
    assert time.process_time() - start_s < 2


def test_large_plain_input_is_read() -> None:
    assert parse(b'["' + b"a" * 20_000_000 + b'"]', max_bytes=32 << 20) == ["a" * 20_000_000]


@given(st.binary(max_size=200))
def test_arbitrary_bytes_never_raise_anything_else(raw: bytes) -> None:
    with contextlib.suppress(MalformedError):
        parse(raw)


def test_base64_has_one_form() -> None:
    assert decode_b64("QQ==") == b"A"
    for text in ("QR==", "QQ", "QQ=", "Q Q==", "QQ==\n", "-_8=", "QQ==QQ==", "é"):
        with pytest.raises(MalformedError):
            decode_b64(text)


def test_hex_is_lower_case_and_exact() -> None:
    assert decode_hex("00ff", size=2) == b"\x00\xff"
    for text in ("00FF", "0x00", "00f", "00ff00", " 00ff", "00ff\n", "\u0660" * 4):
        with pytest.raises(MalformedError):
            decode_hex(text, size=2)


def test_reader_refuses_wrong_types_and_unknown_fields() -> None:
    def reader(**fields: JsonValue) -> ObjectReader:
        return ObjectReader(dict(fields), "thing")

    assert reader(n=3).integer("n") == 3
    for value in (True, 1.0, "1", None, -1, 11):
        with pytest.raises(MalformedError, match=r"thing\.n"):
            reader(n=value).integer("n", maximum=10)
    with pytest.raises(MalformedError, match="missing"):
        reader().text("t")
    with pytest.raises(MalformedError):
        reader(t=["x"]).text("t")
    with pytest.raises(MalformedError):
        reader(t="long").text("t", max_characters=3)
    with pytest.raises(MalformedError):
        reader(items={}).items("items", maximum=1)
    with pytest.raises(MalformedError):
        reader(items=[1, 2]).items("items", maximum=1)
    with pytest.raises(MalformedError):
        reader(items=[1]).objects("items", maximum=1)
    with pytest.raises(MalformedError):
        reader(items=["QQ=="]).b64_items("items", maximum=1, size=2)
    with pytest.raises(MalformedError):
        reader(items=[1]).texts("items", maximum=1)
    with pytest.raises(MalformedError):
        reader(h="ab").hex_bytes("h", size=1, prefix="0x")
    with pytest.raises(MalformedError):
        ObjectReader([1], "thing")
    known = reader(a="1", b="2")
    known.text("a")
    with pytest.raises(MalformedError, match="'b'"):
        known.done()
