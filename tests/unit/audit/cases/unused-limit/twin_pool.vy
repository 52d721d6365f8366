# @version 0.3.10

money: uint256
stock: uint256
held: HashMap[address, uint256]


@external
def sell(amount: uint256, least: uint256, deadline: uint256):
    assert block.timestamp <= deadline
    gives: uint256 = self.money * amount / (self.stock + amount)
    assert gives >= least
    self.held[msg.sender] -= amount
    self.stock += amount
    self.money -= gives
    send(msg.sender, gives)


@external
def take(spare: uint256, amount: uint256):
    self.held[msg.sender] -= amount
    send(msg.sender, amount)
