"""Two versions of a contract are told apart by anything that they do differently, and only so."""

from collections.abc import Iterator

import pytest

from diptych.audit.compile import CompiledContract, Settings, Sources, Toolchain
from diptych.audit.compile.layout import Layout, StorageType, StorageVariable, read_layout
from diptych.audit.replay import ReplayNode, Subject, Verdict, make_plan, replay, replay_node
from diptych.audit.replay.storage import named_storage
from diptych.audit.replay.values import Pool

BODY = """pragma solidity ^0.8.20;
contract Till {{
    struct Entry {{ uint64 at; uint128 amount; }}
    address owner = msg.sender;
    mapping(address => Entry) entries;
    uint256[] log;
    string note;
    {state}
    event Put(address indexed who, uint256 amount);
    constructor(uint8 least) {{ require(least < 200); }}
    function put(string calldata said) external payable {{
        Entry storage entry = entries[msg.sender];
        {put}
        note = said;
        log.push(msg.value);
        emit Put(msg.sender, msg.value);
    }}
    function take() external returns (uint128 due) {{
        due = entries[msg.sender].amount;
        require(due > 0, "nothing");
        entries[msg.sender].amount = 0;
        payable(msg.sender).transfer(due);
    }}
    function age(address who) external view returns (uint256) {{ {age} }}
}}"""
PUT = "entry.at = uint64(block.timestamp); entry.amount += uint128(msg.value);"
AGE = "return block.timestamp - entries[who].at;"


@pytest.fixture(scope="module")
def toolchain() -> Iterator[Toolchain]:
    with Toolchain() as made:
        yield made


@pytest.fixture(scope="module")
def node() -> Iterator[ReplayNode]:
    with replay_node() as made:
        yield made


def compiled(toolchain: Toolchain, **parts: str) -> CompiledContract:
    text = BODY.format(**{"state": "", "put": PUT, "age": AGE, **parts})
    sources = Sources({"Till.sol": text.encode()}, {}, (), ("pragma solidity ^0.8.20;",))
    return toolchain.compile(sources, Settings()).contracts["Till.sol", "Till"]


def compared(node: ReplayNode, toolchain: Toolchain, **parts: str) -> Verdict:
    old, new = compiled(toolchain), compiled(toolchain, **parts)
    pool = Pool((*node.senders, *node.callees))
    sides = [Subject(each, read_layout(each.layout)) for each in (old, new)]
    return replay(node, sides[0], sides[1], make_plan(old, pool, sequences=8))


def test_a_contract_agrees_with_itself_and_gas_is_told_by_function(
    node: ReplayNode, toolchain: Toolchain
) -> None:
    verdict = compared(node, toolchain)
    assert verdict.agrees
    assert verdict.calls == 8 * 12
    assert verdict.succeeded > 40
    assert {"constructor", "put(string)", "take()", "age(address)"} <= verdict.gas.keys()
    assert all(use.before == use.after > 21_000 for use in verdict.gas.values())


def test_another_order_of_statements_agrees_but_costs_what_it_costs(
    node: ReplayNode, toolchain: Toolchain
) -> None:
    put = "entry.amount = entry.amount + uint128(msg.value); entry.at = uint64(block.timestamp);"
    assert compared(node, toolchain, put=put).agrees


def test_variables_that_move_in_storage_are_compared_by_name(
    node: ReplayNode, toolchain: Toolchain
) -> None:
    assert compared(node, toolchain, state="bool private appended;").agrees


@pytest.mark.parametrize(
    ("parts", "what"),
    [
        ({"put": PUT + "entry.at += 1;"}, "storage variable entries"),
        ({"put": PUT + "require(msg.value != 1);"}, "it reverts only afterwards"),
        ({"age": "return block.timestamp - entries[who].at + 1;"}, "other return data"),
        ({"put": PUT + "emit Put(address(0), 0);"}, "other events"),
        ({"put": PUT + "if (msg.value > 1) payable(msg.sender).transfer(1);"}, "balance of"),
    ],
)
def test_every_kind_of_difference_is_seen(
    node: ReplayNode, toolchain: Toolchain, parts: dict[str, str], what: str
) -> None:
    verdict = compared(node, toolchain, **parts)
    assert not verdict.agrees
    assert what in " ".join(each.what for each in verdict.differences)


def test_an_excused_call_is_left_out_and_the_rest_still_compared(
    node: ReplayNode, toolchain: Toolchain
) -> None:
    old = compiled(toolchain)
    new = compiled(toolchain, put=PUT + "require(msg.value != 1);")
    sides = [Subject(each, read_layout(each.layout)) for each in (old, new)]
    plan = make_plan(old, Pool((*node.senders, *node.callees)), sequences=8)
    verdict = replay(
        node,
        sides[0],
        sides[1],
        plan,
        excuse=lambda call, before, after: (
            call.value_wei == 1 and before.succeeded and not after.succeeded
        ),
    )
    assert verdict.agrees
    assert verdict.excused > 0


def test_the_same_seed_gives_the_same_calls_and_another_gives_others(toolchain: Toolchain) -> None:
    contract, pool = compiled(toolchain), Pool(("0x" + "11" * 20,))
    first = make_plan(contract, pool, seed=1)
    assert first == make_plan(contract, pool, seed=1)
    assert first.sequences != make_plan(contract, pool, seed=2).sequences


def test_storage_is_named_through_arrays_texts_and_structs() -> None:
    types = {
        "u": StorageType("uint256", "inplace", 32),
        "h": StorageType("uint128", "inplace", 16),
        "s": StorageType("S", "inplace", 32, members=(_v("a", "h"), _v("b", "h", offset=16))),
        "l": StorageType("uint256[]", "dynamic_array", 32, item="u"),
        "t": StorageType("string", "bytes", 32),
    }
    layout = Layout((_v("pair", "s"), _v("list", "l", 1), _v("text", "t", 2)), types)
    short = int.from_bytes(b"hi".ljust(31, b"\0") + b"\x04", "big")
    items = 0xB10E2D527612073B26EECDFD717E6A320CF44B4AFAC2B0732D9FCBE2B7FA0CF6  # Keccak of 1
    storage = {0: (7 << 128) | 5, 1: 2, 2: short, items + 1: 9, 77: 1}
    found = named_storage(layout, storage, ())
    assert {name: value.lstrip(b"\0") for name, value in found.values.items()} == {
        "pair.a": b"\x05",
        "pair.b": b"\x07",
        "list.length": b"\x02",
        "list[1]": b"\x09",
        "text": b"hi",
    }
    assert found.rest == {77: 1}


def _v(name: str, kind: str, slot: int = 0, *, offset: int = 0) -> StorageVariable:
    return StorageVariable(name, slot, offset, kind)
