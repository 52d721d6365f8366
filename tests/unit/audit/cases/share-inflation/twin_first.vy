# pragma version 0.4.0
from ethereum.ercs import IERC20
asset: immutable(IERC20)
totalSupply: public(uint256)
balanceOf: public(HashMap[address, uint256])
managed: uint256

@deploy
def __init__(a: IERC20):
    asset = a

@external
def deposit(n: uint256) -> uint256:
    have: uint256 = self.managed
    got: uint256 = n
    if self.totalSupply > 0:
        got = n * self.totalSupply // have
    self.managed += n
    assert got > 0
    self.totalSupply += got
    self.balanceOf[msg.sender] += got
    assert extcall asset.transferFrom(msg.sender, self, n)
    return got

@external
def withdraw(s: uint256) -> uint256:
    n: uint256 = s * self.managed // self.totalSupply
    self.balanceOf[msg.sender] -= s
    self.totalSupply -= s
    self.managed -= n
    assert extcall asset.transfer(msg.sender, n)
    return n
