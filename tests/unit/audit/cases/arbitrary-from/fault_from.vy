# pragma version 0.4.3
from ethereum.ercs import IERC20
asset: immutable(IERC20)
stakes: HashMap[address, uint256]

@deploy
def __init__(a: IERC20):
    asset = a

@external
def stake(holder: address, amount: uint256):
    assert extcall asset.transferFrom(holder, self, amount)  # fault
    self.stakes[msg.sender] += amount

@external
def unstake(amount: uint256):
    self.stakes[msg.sender] -= amount
    assert extcall asset.transfer(msg.sender, amount)
