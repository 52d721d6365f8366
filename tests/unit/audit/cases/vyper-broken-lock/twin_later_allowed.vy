# @version >=0.2.16

held: HashMap[address, uint256]


@external
@nonreentrant("lock")
def take(amount: uint256):
    assert self.held[msg.sender] >= amount
    raw_call(msg.sender, b"", value=amount)
    self.held[msg.sender] -= amount


@external
@nonreentrant("lock")
def move(to: address, amount: uint256):
    self.held[msg.sender] -= amount
    self.held[to] += amount
