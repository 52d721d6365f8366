# pragma version 0.4.2
rate: uint256
period: uint256
owed: HashMap[address, uint256]

@external
def accrue(n: uint256):
    self.owed[msg.sender] += n * self.rate // self.period
