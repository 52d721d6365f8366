"""Reentrancy is found in whatever clothes, and silent where state comes first or a lock is held."""

import pytest
from tests.unit.audit.sources import program

from diptych.audit.analysis.contract import build_contract
from diptych.audit.rules.calls.reentrancy import RULE

BANK = """pragma solidity ^0.8.0;
interface Token {{ function pay(address, uint) external; function look() external view; }}
contract Bank {{
    mapping(address => uint) held; uint total; uint lock; bool busy; Token token;
    modifier once() {{ require(lock == 0); lock = 1; _; lock = 0; }}
    function _pay(address to, uint amount) internal {{ (bool ok, ) = to.call{{value: amount}}("");
        require(ok); }}
    function o() internal view returns (address) {{ return address(this); }}
    function take(uint amount) public {modifiers} {{ {body} }}
}}"""
CHECK = "require(held[msg.sender] >= amount);"
CALL = '(bool ok, ) = msg.sender.call{value: amount}("");'
WRITE = "held[msg.sender] -= amount;"


def found(body: str, modifiers: str = "") -> int:
    made = program(BANK.format(body=body, modifiers=modifiers))
    contract = next(c for c in made.contracts if c.tree.name == "Bank")
    return len(list(RULE.check(build_contract(contract, set()))))


@pytest.mark.parametrize(
    "body",
    [
        CHECK + CALL + WRITE,
        CHECK + "_pay(msg.sender, amount);" + WRITE,
        CHECK + "token.pay(msg.sender, amount);" + WRITE,
        CHECK + "if (amount > 5) { " + CALL + " }" + WRITE,
        "uint due = held[msg.sender]; " + CALL + "held[msg.sender] = due - amount;",
        "for (uint i = 0; i < amount; i++) { require(held[msg.sender] > 0); " + CALL + WRITE + "}",
        "require(!busy); " + CHECK + CALL + WRITE,
        "busy = true; " + CHECK + CALL + WRITE + "busy = false;",
    ],
)
def test_state_written_after_the_call_is_found(body: str) -> None:
    assert found(body) == 1


@pytest.mark.parametrize(
    ("body", "modifiers"),
    [
        (CHECK + WRITE + CALL, ""),
        (CHECK + CALL + WRITE, "once"),
        ("require(!busy); busy = true; " + CHECK + CALL + WRITE + "busy = false;", ""),
        (CHECK + "payable(msg.sender).transfer(amount);" + WRITE, ""),
        (CHECK + 'msg.sender.call{value: 1, gas: 2300}("");' + WRITE, ""),
        (CHECK + "token.look();" + WRITE, ""),
        (CHECK + CALL + "total = 1;", ""),
        (CHECK + "Token made = Token(address(new Bank())); made.pay(o(), 1);" + WRITE, ""),
        (CHECK + "if (amount > 5) { " + CALL + " } else { " + WRITE + " }", ""),
    ],
)
def test_what_cannot_be_entered_again_is_silent(body: str, modifiers: str) -> None:
    assert found(body, modifiers) == 0


@pytest.mark.parametrize(
    ("call", "severity"),
    [
        (CALL, "high"),
        ("Token(msg.sender).pay(msg.sender, amount);", "medium"),
        ("token.pay(msg.sender, amount);", "low"),
    ],
)
def test_it_is_grave_where_the_attacker_is_called(call: str, severity: str) -> None:
    made = program(BANK.format(body=CHECK + call + WRITE, modifiers=""))
    contract = next(c for c in made.contracts if c.tree.name == "Bank")
    (match,) = RULE.check(build_contract(contract, set()))
    assert match.severity == severity


def test_it_is_found_in_the_old_spelling_and_in_inherited_code() -> None:
    made = program(
        "pragma solidity ^0.4.19; contract Base { mapping(address => uint) h;"
        " function go(uint n) { if (h[msg.sender] >= n) { if (msg.sender.call.value(n)()) { n; }"
        " h[msg.sender] -= n; } } } contract Top is Base { }"
    )
    top = next(c for c in made.contracts if c.tree.name == "Top")
    (match,) = RULE.check(build_contract(top, set()))
    assert match.op.frame.owner.tree.name == "Base"
    assert "'h'" in match.message
