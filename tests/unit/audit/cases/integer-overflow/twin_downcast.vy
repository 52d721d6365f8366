# pragma version 0.4.0
ends: HashMap[address, uint64]

@external
@payable
def lock(n: uint256):
    self.ends[msg.sender] = convert(block.timestamp + n, uint64)
    assert msg.value > 0

@external
def out():
    assert block.timestamp > convert(self.ends[msg.sender], uint256)
    send(msg.sender, 1)
