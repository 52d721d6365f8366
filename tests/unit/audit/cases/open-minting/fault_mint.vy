# pragma version ~=0.4.0
totalSupply: public(uint256)
balanceOf: public(HashMap[address, uint256])
minter: address

event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    value: uint256

@deploy
def __init__():
    self.minter = msg.sender

@external
def mint(to: address, value: uint256):
    self.totalSupply += value
    self.balanceOf[to] += value  # fault
    log Transfer(empty(address), to, value)

@external
def transfer(to: address, value: uint256) -> bool:
    self.balanceOf[msg.sender] -= value
    self.balanceOf[to] += value
    log Transfer(msg.sender, to, value)
    return True
