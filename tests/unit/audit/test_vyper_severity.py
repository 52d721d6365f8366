"""How grave findings in Vyper are: what is uncertain or harmless in itself weighs little."""

from pathlib import Path

import pytest

from diptych.audit.catalogue import installed_rules
from diptych.audit.scan import scan_files

LOCKED = """# @version 0.2.16
held: HashMap[address, uint256]
@external
@payable
@nonreentrant("lock")
def put():
    self.held[msg.sender] += msg.value
@external
@nonreentrant("lock")
def take(amount: uint256):
    {}
    {}
"""
WRITE, CALL = "self.held[msg.sender] -= amount", 'raw_call(msg.sender, b"", value=amount)'
CLOSING = """# @version 0.3.7
end: uint256
heir: address
@external
def __init__(end: uint256, heir: address):
    self.end = end
    self.heir = heir
@external
def close():
    assert block.timestamp >= self.end
    selfdestruct({})
"""
TOKEN = """# pragma version ~=0.4.0
from ethereum.ercs import IERC20
token: IERC20
held: HashMap[address, uint256]
@deploy
def __init__(token: IERC20):
    self.token = token
{}
@external
def put(amount: uint256):
    extcall self.token.transferFrom(msg.sender, self, amount)
    self.held[msg.sender] += amount
"""
SETTER = "@external\ndef change(token: IERC20):\n    self.token = token"
NEWTON = """# pragma version ~=0.4.0
root: uint256
scale: uint256
@external
def solve(a: uint256, b: uint256, c: uint256):
    x: uint256 = a
    for i: uint256 in range(255):
        y: uint256 = x
        x = {}
        if x == y:
            break
    self.root = x
"""
FOR_OTHERS = """# pragma version ~=0.4.0
from ethereum.ercs import IERC20
token: immutable(IERC20)
held: HashMap[address, uint256]
@deploy
def __init__(token_: IERC20):
    token = token_
@external
def put(holder: address, amount: uint256):
    assert extcall token.transferFrom(holder, self, amount)
    {}
"""
CHOSEN = """# pragma version ~=0.4.0
from ethereum.ercs import IERC20
coins: immutable(IERC20[2])
paid: HashMap[address, uint256]
@deploy
def __init__(coins_: IERC20[2]):
    coins = coins_
@external
def pay(i: uint256{}):
    amount: uint256 = self.paid[msg.sender]
    all: IERC20[2] = {}
    assert extcall all[i].transfer(msg.sender, amount)
    self.paid[msg.sender] = 0
"""


@pytest.mark.parametrize(
    ("rule", "source", "severity"),
    [
        ("vyper-broken-lock", LOCKED.format(CALL, WRITE), "high"),
        ("vyper-broken-lock", LOCKED.format(WRITE, CALL), "low"),
        ("unprotected-selfdestruct", CLOSING.format("msg.sender"), "high"),
        ("unprotected-selfdestruct", CLOSING.format("self.heir"), "low"),
        ("unchecked-token-return", TOKEN.format(SETTER), "medium"),
        ("unchecked-token-return", TOKEN.format(""), "low"),
        ("division-before-multiplication", NEWTON.format("a // b * c"), "medium"),
        ("division-before-multiplication", NEWTON.format("x // b * c"), "low"),
        ("arbitrary-from", FOR_OTHERS.format("self.held[msg.sender] += amount"), "medium"),
        ("arbitrary-from", FOR_OTHERS.format("self.held[holder] += amount"), "low"),
        ("reentrancy", CHOSEN.format(", of: IERC20[2]", "of"), "medium"),
        ("reentrancy", CHOSEN.format("", "coins"), "low"),
    ],
)
def test_severity(rule: str, source: str, severity: str, tmp_path: Path) -> None:
    path = tmp_path / "a.vy"
    path.write_text(source)
    report = scan_files([path], installed_rules([rule]))
    assert [finding.severity for finding in report.findings] == [severity]


ROLES = """# pragma version ~=0.4.0
flag Right:
    MINT
    SET
rights: HashMap[address, Right]
vault: address
@deploy
def __init__():
    self.rights[msg.sender] = Right.SET
@external
def set_vault(vault: address):
    {}
    self.vault = vault
@external
def flush():
    assert msg.sender == self.vault
    send(self.vault, self.balance)
"""


@pytest.mark.parametrize(
    ("check", "found"),
    [
        ("assert Right.SET in self.rights[msg.sender]", 0),
        ("assert Right.SET not in self.rights[vault]", 1),
    ],
)
def test_rights_in_flags_keep_callers_out(check: str, found: int, tmp_path: Path) -> None:
    path = tmp_path / "a.vy"
    path.write_text(ROLES.format(check))
    report = scan_files([path], installed_rules(["owner-takeover"]))
    assert len(report.findings) == found
