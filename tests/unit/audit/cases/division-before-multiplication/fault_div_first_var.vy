# pragma version 0.4.2
rate: uint256
period: uint256
owed: HashMap[address, uint256]

@external
def accrue(n: uint256):
    part: uint256 = n // self.period
    self.owed[msg.sender] += part * self.rate  # fault
