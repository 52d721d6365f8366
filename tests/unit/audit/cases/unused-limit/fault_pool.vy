# @version 0.3.10

money: uint256
stock: uint256
held: HashMap[address, uint256]


@external
def sell(amount: uint256, least: uint256):
    gives: uint256 = self.money * amount / (self.stock + amount)
    self.held[msg.sender] -= amount
    self.stock += amount
    self.money -= gives
    send(msg.sender, gives)  # fault
