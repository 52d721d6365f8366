# @version 0.3.7
rate: uint256
scale: uint256
owed: HashMap[address, uint256]

@external
def accrue(n: uint256):
    self.owed[msg.sender] += n * self.rate / self.scale
