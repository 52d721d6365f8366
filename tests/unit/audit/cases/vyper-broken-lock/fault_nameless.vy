# @version 0.3.7

held: HashMap[address, uint256]


@external
@nonreentrant("")
def take(amount: uint256):
    assert self.held[msg.sender] >= amount
    raw_call(msg.sender, b"", value=amount)  # fault
    self.held[msg.sender] -= amount
