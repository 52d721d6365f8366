# SPDX-License-Identifier: Apache-2.0
# pragma version 0.4.3

bal: HashMap[address, uint256]
due: HashMap[address, uint256]
kept: HashMap[address, uint256]
owner: public(address)
locked: bool

@deploy
def __init__():
    self.owner = msg.sender

@external
@payable
def put():
    self.due[msg.sender] += msg.value

@external
def F_reentrancy():
    a: uint256 = self.due[msg.sender]
    raw_call(msg.sender, b"", value=a)
    self.due[msg.sender] = 0

@external
def T_reentrancy():
    a: uint256 = self.due[msg.sender]
    self.due[msg.sender] = 0
    raw_call(msg.sender, b"", value=a)

@external
@nonreentrant
def T2_reentrancy():
    a: uint256 = self.kept[msg.sender]
    raw_call(msg.sender, b"", value=a)
    self.kept[msg.sender] = 0

@external
@payable
@nonreentrant
def keep():
    self.kept[msg.sender] += msg.value

@external
def F_access_owner(o: address):
    self.owner = o

@external
def T_access_owner(o: address):
    assert msg.sender == self.owner
    self.owner = o

@external
def F_access_kill():
    selfdestruct(msg.sender)

@external
def T_access_kill():
    assert msg.sender == self.owner
    selfdestruct(msg.sender)

@external
def F_access_delegate(t: address, d: Bytes[100]):
    raw_call(t, d, is_delegate_call=True)

@external
def T_access_delegate(t: address, d: Bytes[100]):
    assert msg.sender == self.owner
    raw_call(t, d, is_delegate_call=True)

@external
def F_access_origin():
    assert tx.origin == self.owner
    send(msg.sender, self.balance)

@external
def F_access_take():
    send(msg.sender, self.balance)

@external
def F_unchecked(t: address):
    assert msg.sender == self.owner
    ok: bool = raw_call(t, b"", value=1, revert_on_failure=False)
    self.due[t] = 0

@external
@payable
def F_random():
    if convert(keccak256(concat(convert(block.number, bytes32), convert(block.timestamp, bytes32))), uint256) % 2 == 0:
        send(msg.sender, 2 * 10 ** 18)

@external
def F_overflow(to: address, v: uint256):
    self.bal[msg.sender] = unsafe_sub(self.bal[msg.sender], v)
    self.bal[to] = unsafe_add(self.bal[to], v)

@external
def T_overflow(to: address, v: uint256):
    self.bal[msg.sender] -= v
    self.bal[to] += v

@external
def F_overflow_mul(n: uint256, p: uint256, to: address):
    t: uint256 = unsafe_mul(n, p)
    assert self.due[msg.sender] >= t
    self.due[msg.sender] -= t
    self.due[to] += n
