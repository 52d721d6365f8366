"""Keccak-256 and RLP agree with the reference libraries and refuse what is not canonical."""

import contextlib

import pytest
import rlp  # type: ignore[import-untyped]
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st

from diptych_verify.errors import MalformedError
from diptych_verify.keccak import keccak256
from diptych_verify.rlp import (
    RlpItem,
    as_bytes,
    as_integer,
    as_list,
    encode_integer,
    rlp_decode,
    rlp_encode,
)

ITEMS: st.SearchStrategy[RlpItem] = st.recursive(
    st.binary(max_size=70), lambda inner: st.lists(inner, max_size=5), max_leaves=30
)


@pytest.mark.parametrize("size", [0, 1, 31, 32, 134, 135, 136, 137, 271, 272, 273, 1000])
def test_keccak_agrees_with_the_reference(size: int) -> None:
    message = bytes(i * 7 % 256 for i in range(size))
    assert keccak256(message) == keccak(message)


def test_keccak_is_not_sha3() -> None:
    assert keccak256(b"").hex() == (
        "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    )


@given(ITEMS)
def test_round_trip_and_agreement(item: RlpItem) -> None:
    raw = rlp_encode(item)
    assert raw == rlp.encode(item)
    assert rlp_decode(raw) == item


@given(st.binary(max_size=12))
def test_accepts_exactly_what_the_reference_accepts(raw: bytes) -> None:
    try:
        expected = rlp.decode(raw, strict=True)
    except Exception:
        with pytest.raises(MalformedError):
            rlp_decode(raw)
    else:
        assert rlp_encode(rlp_decode(raw)) == rlp.encode(expected)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "8100",
        "817f",
        "8180ff",
        "b800",
        "b837" + "00" * 55,
        "b90038" + "00" * 56,
        "bfffffffffffffffff",
        "c18100",
        "c281",
        "f800",
        "f90001c0",
        "c1",
        "c0c0",
        "0000",
        "ffffffffffffffffff",
    ],
)
def test_not_canonical(text: str) -> None:
    with pytest.raises(MalformedError):
        rlp_decode(bytes.fromhex(text))


def test_limits() -> None:
    raw = bytes.fromhex("c5c4c3c2c1c0")
    assert rlp_decode(raw, max_depth=6) == [[[[[[]]]]]]
    with pytest.raises(MalformedError):
        rlp_decode(raw, max_depth=5)
    with pytest.raises(MalformedError):
        rlp_decode(b"\xc0", max_depth=0)
    with pytest.raises(MalformedError):
        rlp_decode(b"\xc3\xc0\xc0\xc0", max_items=3)
    with pytest.raises(MalformedError):
        rlp_decode(b"\x83abc", max_bytes=3)
    deep = b""
    for _ in range(30_000):
        deep = _wrap(deep)
        if len(deep) > 60_000:
            break
    with pytest.raises(MalformedError):
        rlp_decode(deep)


def _wrap(content: bytes) -> bytes:
    if len(content) <= 55:
        return bytes([0xC0 + len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([0xF7 + len(length)]) + length + content


def test_typed_items() -> None:
    assert encode_integer(0) == b"\x80"
    assert encode_integer(127) == b"\x7f"
    assert encode_integer(128) == b"\x81\x80"
    assert as_integer(b"", "n") == 0
    items: list[RlpItem] = [b"\x00", b"\x00\x01", bytes(9), [], b"\x01" * 9]
    for item in items:
        with pytest.raises(MalformedError):
            as_integer(item, "n")
    with pytest.raises(MalformedError):
        as_bytes([], "b")
    with pytest.raises(MalformedError):
        as_bytes(b"12", "b", size=3)
    with pytest.raises(MalformedError):
        as_list(b"", "l")
    with pytest.raises(MalformedError):
        as_list([b""], "l", minimum=2)
    with pytest.raises(MalformedError):
        rlp_encode([1])


@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise_anything_else(raw: bytes) -> None:
    with contextlib.suppress(MalformedError):
        rlp_decode(raw)
