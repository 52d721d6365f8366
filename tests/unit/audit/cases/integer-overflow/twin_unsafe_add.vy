# pragma version 0.4.1
totalSupply: public(uint256)
balanceOf: public(HashMap[address, uint256])
owner: address

@external
def transfer(to: address, n: uint256) -> bool:
    self.balanceOf[msg.sender] -= n
    self.balanceOf[to] = unsafe_add(self.balanceOf[to], n)
    return True
