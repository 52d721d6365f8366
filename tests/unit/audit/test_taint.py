"""Taint: what comes from outside reaches values by storage and memory, until a guard pins it."""

import pytest
from tests.unit.audit.sources import program

from diptych.audit.analysis.contract import FunctionView, build_contract
from diptych.audit.analysis.reach import anybody_reaches
from diptych.audit.analysis.taint import tainted
from diptych.audit.graph.ops import Op

HEAD = """pragma solidity ^0.8.20; contract C { address o; address any; address set; bool done;
    mapping(address => bool) listed; mapping(bytes32 => bool) known; struct S { address a; uint n; }
    mapping(address => uint) level;
    constructor() { o = msg.sender; }
    function open(address a) external { any = a; }
    function shut(address a) external { require(msg.sender == o); set = a; listed[a] = true;
        known[keccak256(abi.encode(a))] = true; level[a] = 2; }
    function f(address a, bytes calldata sig) external payable {"""


def call_in(body: str) -> tuple[FunctionView, Op]:
    (contract,) = program(f"{HEAD} {body} }} }}").contracts
    graph = build_contract(contract, set())
    view = next(v for v in graph.functions if v.function is not None and v.function.name == "f")
    return view, view.calls[-1]


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        ('a.call("");', ["argument"]),
        ('msg.sender.call("");', ["caller"]),
        ('any.call("");', ["storage"]),
        ('S memory s; s.a = a; s.a.call("");', ["argument"]),
        ('S memory s = S(a, 1); s.a.call("");', ["argument"]),
        ('address t = o; for (uint i; i < 3; i++) { t.call(""); t = a; }', ["argument"]),
        ('address t; if (done) t = any; t.call("");', ["storage"]),
        ('require(a != address(0)); a.call("");', ["argument"]),
        ('require(listed[msg.sender]); a.call("");', ["argument"]),
    ],
)
def test_what_comes_from_outside_is_seen(body: str, kinds: list[str]) -> None:
    view, call = call_in(body)
    assert call.call.target is not None
    assert tainted(view, call.call.target, kinds, at=call)


@pytest.mark.parametrize(
    "body",
    [
        'o.call("");',
        'set.call("");',
        'S memory s; s.a = o; s.n = msg.value; s.a.call("");',
        'require(a == o); a.call("");',
        'require(listed[a]); a.call("");',
        'if (!listed[a]) revert(); a.call("");',
        'require(known[keccak256(abi.encode(a))]); a.call("");',
        'a.call(""); require(a == set);',
    ],
)
def test_what_is_fixed_or_pinned_is_not(body: str) -> None:
    view, call = call_in(body)
    assert call.call.target is not None
    assert not tainted(view, call.call.target, at=call)


@pytest.mark.parametrize(
    ("body", "free"),
    [
        ('a.call("");', True),
        ('require(msg.sender == o); a.call("");', False),
        ('a.call(""); require(msg.sender == o);', False),
        ('if (msg.sender != o) { if (msg.sender != set) revert(); } a.call("");', False),
        ('if (msg.sender != o) { if (a != set) revert(); } a.call("");', True),
        ('bool ok; if (msg.sender == o) ok = true; require(ok); a.call("");', False),
        ('require(level[msg.sender] > 1); a.call("");', False),
        ('require(ecrecover(keccak256(sig), 27, 0, 0) == o); a.call("");', False),
        ('a.call(""); revert();', False),
        ('require(false == true || msg.sender != o); a.call("");', True),
    ],
)
def test_who_can_get_there(body: str, free: bool) -> None:
    view, call = call_in(body)
    assert anybody_reaches(view, call) is free
