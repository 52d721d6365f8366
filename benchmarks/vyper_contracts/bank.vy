# @version 0.3.10
# Ether held for its owners, with a fee that the treasurer sets.

event Deposit:
    sender: indexed(address)
    amount: uint256

event Withdrawal:
    sender: indexed(address)
    amount: uint256

MAX_FEE: constant(uint256) = 100
FEE_BASE: constant(uint256) = 10_000

treasurer: public(address)
fee: public(uint256)
fees: public(uint256)
held: public(HashMap[address, uint256])


@external
def __init__():
    self.treasurer = msg.sender


@external
@payable
def deposit():
    self.held[msg.sender] += msg.value
    log Deposit(msg.sender, msg.value)


@external
@nonreentrant("bank")
def withdraw(amount: uint256):
    due: uint256 = self.held[msg.sender]
    assert due >= amount, "too much"
    self.held[msg.sender] = due - amount
    kept: uint256 = amount * self.fee / FEE_BASE
    self.fees += kept
    raw_call(msg.sender, b"", value=amount - kept)
    log Withdrawal(msg.sender, amount)


@external
@nonreentrant("bank")
def move(to: address, amount: uint256):
    assert self.held[msg.sender] >= amount, "too much"
    self.held[msg.sender] -= amount
    self.held[to] += amount


@external
def set_fee(fee: uint256):
    assert msg.sender == self.treasurer, "only the treasurer"
    assert fee <= MAX_FEE, "too high"
    self.fee = fee


@external
def hand_over(to: address):
    assert msg.sender == self.treasurer, "only the treasurer"
    assert to != empty(address), "nobody"
    self.treasurer = to


@external
@nonreentrant("bank")
def take_fees(to: address):
    assert msg.sender == self.treasurer, "only the treasurer"
    due: uint256 = self.fees
    self.fees = 0
    raw_call(to, b"", value=due)
