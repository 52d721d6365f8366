"""Each rule speaks on the fault and is silent on its repaired twin; names play no part."""

import pytest
from tests.unit.audit.sources import program
from tests.unit.audit.test_cases import CASES

from diptych.audit.analysis.contract import build_contract
from diptych.audit.catalogue import installed_rules

HEAD = """contract C {
    address o; mapping(address => bool) may; uint n; bool done; mapping(address => uint) h;
    constructor() { o = msg.sender; }
    modifier only() { require(msg.sender == o); _; }
    function obey() public only { n = 1; }
    function _sender() internal view returns (address) { return msg.sender; }
"""


def found(rule: str, members: str, pragma: str = "0.8.0") -> int:
    made = program(f"pragma solidity ^{pragma}; {HEAD} {members} }}")
    (loaded,) = installed_rules([rule])
    (contract,) = made.contracts
    return len(list(loaded.check(build_contract(contract, set()))))


FAULTS = [
    ("unprotected-selfdestruct", "function f() public { selfdestruct(payable(msg.sender)); }"),
    ("unprotected-selfdestruct", "function f(address a) public { require(a != o);"
     " selfdestruct(payable(a)); }"),
    ("unprotected-selfdestruct", "function f() public { assembly { selfdestruct(caller()) } }"),
    ("integer-overflow", "function f(uint a) public { unchecked { h[msg.sender] -= a; } }"),
    ("integer-overflow", "function f(uint a, uint b) public { unchecked { n = a * b; } }"),
    ("integer-overflow", "function f(uint a) public { unchecked {"
     " require(h[msg.sender] - a >= 0); } n = 2; }"),
    ("integer-overflow", "function f(uint a) public { require(a >= h[msg.sender]);"
     " unchecked { h[msg.sender] -= a; } }"),
    ("open-withdrawal", "function f() public { payable(msg.sender).transfer(address(this).balance);"
     " }"),
    ("open-withdrawal", "function f(address a, uint v) public { payable(a).transfer(v); }"),
    ("open-withdrawal", "function f() public { payable(msg.sender).transfer(h[msg.sender]); }"),
    ("push-payment", "address[] list; function f() public only { for (uint i = 0; i < list.length;"
     " i++) { payable(list[i]).transfer(1); } }"),
    ("push-payment", "address top; uint bid; function f() public payable {"
     " require(msg.value > bid); payable(top).transfer(bid); top = msg.sender; bid = msg.value; }"),
    ("growing-loop", "address[] list; function add() public { list.push(msg.sender); } function f()"
     " public only { for (uint i = 0; i < list.length; i++) { h[list[i]] = 0; } }"),
    ("growing-loop", "address[] list; function add() public { list.push(msg.sender); }"
     " function f() public only { delete list; }"),
    ("block-time", "function f() public only { if (block.timestamp > n)"
     " payable(o).transfer(1); }"),
    ("block-time", "function f() public { require(block.timestamp % 15 == 0); n = 2; }"),
    ("transaction-order", "uint price; function set(uint p) public only { price = p; } function f()"
     " public only { payable(o).transfer(price); }"),
    ("transaction-order", "mapping(address => mapping(address => uint)) w;"
     " function f(address s, uint v) public { w[msg.sender][s] = v; }"),
    ("unprotected-selfdestruct", "function f() public { require(msg.sender == o || n > 3);"
     " selfdestruct(payable(o)); }"),
    ("tx-origin", "function f() public { require(tx.origin == o); n = 2; }"),
    ("tx-origin", "modifier x() { if (tx.origin != o) revert(); _; } function f() public x {}"),
    ("delegatecall-to-input", "function f(address a, bytes memory d) public"
     " { (bool k, ) = a.delegatecall(d); require(k); }"),
    ("unchecked-call", 'function f(address a) public { a.call(""); }'),
    ("unchecked-call", "function f(address a) public { payable(a).send(1); n = 2; }"),
    ("unchecked-call", 'function f(address a) public { (bool k, ) = a.call(""); n = 2; }'),
    ("weak-randomness", "function f() public { if (uint(keccak256(abi.encode(block.timestamp)))"
     " % 2 == 0) payable(msg.sender).transfer(1); }"),
    ("weak-randomness", "function f() public { if (block.number % 3 == 1)"
     " payable(msg.sender).transfer(1); }"),
    ("weak-randomness", "function f() public { uint b = block.number - 1;"
     " n = uint(blockhash(b)) / 7; }"),
    ("owner-takeover", "function set() public { o = msg.sender; }"),
    ("owner-takeover", "function set(address a) public { o = a; }"),
    ("owner-takeover", "function set(address a) public { require(a != address(0)); o = a; }"),
    ("owner-takeover", "function let(address a) public { may[a] = true; }"
     " function use() public { require(may[msg.sender]); n = 3; }"),
    ("owner-takeover", "address p; modifier q() { require(msg.sender == p); _; }"
     " function set(address a) public { p = a; }"),
]  # fmt: skip

TWINS = [
    ("unprotected-selfdestruct", "function f() public only { selfdestruct(payable(o)); }"),
    ("unprotected-selfdestruct", "function f() public { if (msg.sender != o) revert();"
     " selfdestruct(payable(o)); }"),
    ("unprotected-selfdestruct", "function f() public { require(may[msg.sender]);"
     " selfdestruct(payable(o)); }"),
    ("unprotected-selfdestruct", "function f() public { require(_sender() == o);"
     " selfdestruct(payable(o)); }"),
    ("unprotected-selfdestruct", "function f() public {"
     " require(msg.sender == o || may[msg.sender]); selfdestruct(payable(o)); }"),
    ("unprotected-selfdestruct", "function f() public { if (msg.sender != o && !may[msg.sender])"
     " revert(); selfdestruct(payable(o)); }"),
    ("unprotected-selfdestruct", "function f() internal { selfdestruct(payable(o)); }"),
    ("integer-overflow", "function f(uint a) public { h[msg.sender] -= a; }"),
    ("integer-overflow", "function f(uint a) public { require(h[msg.sender] >= a);"
     " unchecked { h[msg.sender] -= a; } }"),
    ("integer-overflow", "function f(uint a) public { unchecked { uint c = n + a;"
     " require(c >= a); n = c; } }"),
    ("integer-overflow", "function f(uint a) public { unchecked { n = n + 1; } }"),
    ("integer-overflow", "function f(uint a) internal { unchecked { n = n + a; } }"),
    ("open-withdrawal", "function f() public only { payable(msg.sender)"
     ".transfer(address(this).balance); }"),
    ("open-withdrawal", "function f() public { uint v = h[msg.sender]; h[msg.sender] = 0;"
     " payable(msg.sender).transfer(v); }"),
    ("open-withdrawal", "function f(uint v) public { require(h[msg.sender] >= v);"
     " h[msg.sender] -= v; payable(msg.sender).transfer(v); }"),
    ("open-withdrawal", "function f() public payable { payable(msg.sender).transfer(msg.value); }"),
    ("open-withdrawal", "function f() public { payable(o).transfer(address(this).balance); }"),
    ("push-payment", "address[] list; function f() public only { for (uint i = 0; i < list.length;"
     " i++) { payable(list[i]).send(1); } }"),
    ("push-payment", "function f() public { for (uint i = 0; i < n; i++)"
     " { payable(msg.sender).transfer(1); } }"),
    ("push-payment", "function f() public { payable(o).transfer(1); }"),
    ("growing-loop", "address[] list; function add() public only { list.push(msg.sender); }"
     " function f() public { for (uint i = 0; i < list.length; i++) { h[list[i]] = 0; } }"),
    ("growing-loop", "address[] list; function add() public { list.push(msg.sender); } function f()"
     " public view returns (uint s) { for (uint i = 0; i < list.length; i++) { s += h[list[i]]; }"
     " }"),
    ("block-time", "function f() public { require(block.timestamp > n); h[msg.sender] = 1; }"),
    ("transaction-order", "uint price; constructor(uint p) { price = p; } function f()"
     " public only { payable(o).transfer(price); }"),
    ("transaction-order", "mapping(address => mapping(address => uint)) w; function f(address s,"
     " uint v) public { require(w[msg.sender][s] == 0 || v == 0); w[msg.sender][s] = v; }"),
    ("tx-origin", "function f() public { require(msg.sender == o); n = 2; }"),
    ("tx-origin", "function f() public { require(tx.origin == msg.sender); n = 2; }"),
    ("delegatecall-to-input", "function f(address a, bytes memory d) public only"
     " { (bool k, ) = a.delegatecall(d); require(k); }"),
    ("delegatecall-to-input", "function f(bytes memory d) public"
     " { (bool k, ) = o.delegatecall(d); require(k); }"),
    ("unchecked-call", 'function f(address a) public { (bool k, ) = a.call(""); require(k); }'),
    ("unchecked-call", "function f(address a) public { if (!payable(a).send(1)) revert(); }"),
    ("unchecked-call", "function f(address a) public { done = payable(a).send(1); }"),
    ("unchecked-call", "function f(address a) public returns (bool k) { (k, ) = a.call(''); }"),
    ("unchecked-call", "function f(address a) public { payable(a).transfer(1); }"),
    ("weak-randomness", "function f(uint a) public { n = uint(keccak256(abi.encode(a))) % 7; }"),
    ("weak-randomness", "function f() public { n = uint32(block.timestamp % 2**32); }"),
    ("weak-randomness", "function f() public { require(block.timestamp > n); n = 1; }"),
    ("owner-takeover", "function set(address a) public only { o = a; }"),
    ("owner-takeover", "function init() public { require(!done); done = true; o = msg.sender; }"),
    ("owner-takeover", "function init(address a) public { require(o == address(0)); o = a; }"),
    ("owner-takeover", "function hold() public { h[msg.sender] = 1; }"),
    ("owner-takeover", "function join() public { may[msg.sender] = true; }"
     " function use() public { require(may[msg.sender]); n = 3; }"),
    ("owner-takeover", "function quit(address a) public { require(a == msg.sender);"
     " may[a] = false; } function use() public { require(may[msg.sender]); n = 3; }"),
    ("owner-takeover", "function let(address a) public only { may[a] = true; }"
     " function use() public { require(may[msg.sender]); n = 3; }"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "members"), FAULTS)
def test_the_fault_is_found_once(rule: str, members: str) -> None:
    assert found(rule, members) == 1


@pytest.mark.parametrize(("rule", "members"), TWINS)
def test_the_repaired_twin_is_silent(rule: str, members: str) -> None:
    assert found(rule, members) == 0


def test_every_rule_has_a_fault_and_a_twin() -> None:
    ids = {rule.info.id for rule in installed_rules()}
    assert {rule for rule, _ in FAULTS} | {
        path.parent.name for path in CASES.glob("*/fault*")
    } == ids
    assert {rule for rule, _ in TWINS} | {path.parent.name for path in CASES.glob("*/twin*")} == ids


@pytest.mark.parametrize(("pragma", "count"), [("0.4.24", 1), ("0.7.6", 1), ("0.8.4", 0)])
def test_plain_arithmetic_wraps_before_0_8(pragma: str, count: int) -> None:
    members = "function f(uint a) public { h[msg.sender] -= a; }"
    assert found("integer-overflow", members, pragma=pragma) == count


@pytest.mark.parametrize("old", ["Owner", "C1"])
def test_a_constructor_by_a_wrong_name_is_a_takeover(old: str) -> None:
    source = f"function {old}() {{ o = msg.sender; }}"
    assert found("owner-takeover", source, pragma="0.4.24") == 1
    assert found("owner-takeover", "function C() { o = msg.sender; }", pragma="0.4.24") == 0
