"""Revert data is named after the contract's own rule."""

import pytest
from eth_abi.abi import encode
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st

from diptych.ledger.errors import Reverted
from diptych.ledger.reverts import AbiItem, RevertDecoder

ABI: list[AbiItem] = [
    {"type": "function", "name": "anchor"},
    {
        "type": "error",
        "name": "SizeMustGrow",
        "inputs": [{"name": "size", "type": "uint48"}, {"name": "root", "type": "bytes32"}],
    },
    {
        "type": "error",
        "name": "Nested",
        "inputs": [
            {
                "name": "pairs",
                "type": "tuple[]",
                "components": [{"name": "a", "type": "uint8"}, {"name": "b", "type": "string"}],
            }
        ],
    },
]
DECODER = RevertDecoder({"Anchor": ABI})
GROW = keccak(b"SizeMustGrow(uint48,bytes32)")[:4]


def test_custom_error_gives_code_and_arguments() -> None:
    error = DECODER.decode(GROW + encode(["uint48", "bytes32"], [7, b"\x01" * 32]))
    assert error.code == "Anchor.SizeMustGrow"
    assert error.details["arguments"] == {"size": "7", "root": "0x" + "01" * 32}
    assert "size = 7" in error.message
    assert Reverted.code == "Chain.Reverted"


def test_tuples_are_part_of_the_selector() -> None:
    data = keccak(b"Nested((uint8,string)[])")[:4] + encode(["(uint8,string)[]"], [[(1, "x")]])
    assert DECODER.decode(data).code == "Anchor.Nested"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "without a reason"),
        (b"\x01\x02\x03\x04", "01020304"),
        (bytes.fromhex("08c379a0") + encode(["string"], ["no\x1b[2J way"]), "no [2J way"),
        (bytes.fromhex("4e487b71") + encode(["uint256"], [0x11]), "overflow"),
        (bytes.fromhex("4e487b71") + encode(["uint256"], [0x99]), "0x99"),
    ],
)
def test_other_reasons(data: bytes, words: str) -> None:
    error = DECODER.decode(data)
    assert error.code == "Chain.Reverted"
    assert words in error.message


def test_named_error_wins_over_the_plain_one() -> None:
    plain = Reverted("eth_call reverted", data=GROW + bytes(64))
    assert DECODER.explain(plain).code == "Anchor.SizeMustGrow"
    assert DECODER.explain(Reverted("no data")).message == "no data"


@given(st.sampled_from([b"", GROW, bytes.fromhex("08c379a0")]), st.binary(max_size=200))
def test_hostile_data_never_fails(selector: bytes, body: bytes) -> None:
    assert isinstance(DECODER.decode(selector + body), Reverted)
