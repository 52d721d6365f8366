"""ABIs in every form they come in, and forms they must not have."""

import json
from typing import Any

import pytest

from diptych.contracts import contract_names
from diptych.index.abi import known_abi, read_abi
from diptych.index.abi.known import known_names
from diptych.index.abi.types import BadAbi

ITEM: dict[str, Any] = {
    "type": "event",
    "name": "Paid",
    "anonymous": False,
    "inputs": [
        {"name": "who", "type": "address", "indexed": True, "internalType": "address"},
        {
            "name": "parts",
            "type": "tuple[2][]",
            "indexed": False,
            "components": [{"name": "a", "type": "uint8"}, {"name": "b", "type": "string[]"}],
        },
    ],
}
ABI = [{"type": "constructor", "inputs": []}, ITEM, {"type": "fallback"}, ITEM]
SIGNATURE = "Paid(address,(uint8,string[])[2][])"
FORMS: dict[str, Any] = {
    "list": ABI,
    "artefact": {"abi": ABI, "bytecode": {"object": "0x"}, "id": 3},
    "text within an artefact": {"abi": json.dumps(ABI)},
    "explorer": {"status": "1", "message": "OK", "result": json.dumps(ABI)},
    "explorer's sources": {"status": "1", "result": [{"SourceCode": "", "ABI": json.dumps(ABI)}]},
    "metadata": {"compiler": {}, "output": {"abi": ABI, "devdoc": {}}},
    "compiler": {"contracts": {"a.sol": {"A": {"abi": ABI}, "B": {"abi": []}}}},
    "lines": ["function f()", "event Paid(address indexed who, (uint8 a, string[] b)[2][] parts)"],
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_an_abi_is_read(form: str) -> None:
    for raw in (FORMS[form], json.dumps(FORMS[form]), json.dumps(FORMS[form]).encode()):
        (event,) = read_abi(raw, "test").events
        assert event.signature == SIGNATURE
        assert [(one.name, one.indexed) for one in event.inputs] == [
            ("who", True),
            ("parts", False),
        ]


def test_lines_of_solidity_are_read_and_written() -> None:
    text = b"\xef\xbb\xbf// mine\nevent A(uint indexed x, address payable) anonymous;\nB()\n"
    events = read_abi(text, "test").events
    assert [one.declaration for one in events] == [
        "event A(uint256 indexed x, address) anonymous",
        "event B()",
    ]
    assert read_abi([one.declaration for one in events], "again").events == events


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "nothing"),
        (b"\xff\xfe", "neither JSON nor lines"),
        (b"{", "no JSON"),
        (b"[" * 100_000, "nested"),
        ({"status": "0", "result": "Contract source code not verified"}, "item 0"),
        ({"bytecode": "0x"}, "expected one named abi"),
        ({"contracts": {"a": {"A": {"abi": ABI}, "B": {"abi": ABI}}}}, "2 contracts"),
        ([5], "item 0: got int"),
        ([{**ITEM, "name": "a b"}], "name"),
        ([{**ITEM, "name": "x" * 200}], "name"),
        ([{**ITEM, "name": None}], "expected text"),
        ([{**ITEM, "inputs": {}}], "expected a list"),
        ([{**ITEM, "inputs": [{"type": "uint7"}]}], "type"),
        ([{**ITEM, "inputs": [{"type": "uint8[0]"}]}], "no array of 0"),
        ([{**ITEM, "inputs": [{"type": "uint8[999999]"}]}], "at most"),
        ([{**ITEM, "inputs": [{"type": "uint8[4000][4000]"}]}], "at most"),
        ([{**ITEM, "inputs": [{"type": "uint8" + "[]" * 17}]}], "type"),
        ([{**ITEM, "inputs": [{"type": "tuple"}]}], "without components"),
        ([{**ITEM, "inputs": [{"type": "uint8", "indexed": 1}]}], "true or false"),
        ([{**ITEM, "inputs": [{"type": "uint8", "indexed": True}] * 4}], "topics"),
        (["event A(IERC20 token)"], "expected one of Solidity"),
        (["event A(uint8"], "expected"),
        (["event A(uint8 a b)"], "expected"),
        (["event A() x"], "expected the end"),
        (["event A(" + "(" * 200 + "uint8"], "nested deeper"),
        (["event A('x')"], "expected"),
        (["event A(tuple x)"], "expected"),
    ],
)
def test_what_is_no_abi_is_refused_with_its_place(raw: Any, why: str) -> None:
    with pytest.raises(BadAbi, match=why) as caught:
        read_abi(raw, "some.json")
    assert caught.value.message.startswith("some.json: ")


def test_overloaded_events_are_found_by_name_and_topic() -> None:
    abi = read_abi(["event A(uint8 x)", "event A(uint8 indexed x)", "event A(bool)"], "test")
    assert len(abi.named("A")) == 3
    assert len(abi.with_topic(abi.events[0].topic0)) == 2
    assert abi.event("A(bool)").signature == "A(bool)"
    with pytest.raises(BadAbi, match="which is one of"):
        abi.event("A")
    with pytest.raises(BadAbi, match="expected one of: A"):
        abi.event("B")


def test_columns_have_one_name_each_and_none_of_the_system() -> None:
    text = "event A(uint8 x, uint8 x, uint8, uint8 _block, uint8 arg2, uint8 _event)"
    (event,) = read_abi([text], "test").events
    assert event.columns == ("x", "x_", "arg2", "_block_", "arg2_", "_event_")


def test_known_abis_have_the_topics_that_chains_show() -> None:
    topic = known_abi("erc20").event("Transfer").topic0.hex()
    assert topic == "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
    swap = known_abi("uniswap-v3-pool").event("Swap").topic0.hex()
    assert swap == "c42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67"
    assert set(contract_names()) < set(known_names())
    assert all(known_abi(name).events for name in known_names())
    with pytest.raises(BadAbi, match=r"expected one of: .*erc20"):
        known_abi("erc21")
