# @version ^0.3.3
totalSupply: public(uint256)
balanceOf: public(HashMap[address, uint256])

@external
def __init__(n: uint256):
    self.totalSupply = n
    self.balanceOf[msg.sender] = n

@external
def transfer(to: address, value: uint256) -> bool:
    self.balanceOf[msg.sender] -= value
    self.balanceOf[to] += value
    return True

@external
def burn(holder: address, value: uint256):
    self.balanceOf[holder] -= value  # fault
    self.totalSupply -= value
