# @version ^0.3.10
keeper: address
limit: uint256

@external
def __init__():
    self.keeper = msg.sender

@external
def setLimit(n: uint256):
    assert msg.sender == self.keeper
    self.limit = n

@external
def pay(to: address):
    assert msg.sender == self.keeper
    send(to, self.limit)
