# @version 0.3.7
from vyper.interfaces import ERC20
held: HashMap[address, HashMap[address, uint256]]

@external
def deposit(token: address, amount: uint256):
    ERC20(token).transferFrom(msg.sender, self, amount)  # fault
    self.held[token][msg.sender] += amount

@external
def withdraw(token: address, amount: uint256):
    self.held[token][msg.sender] -= amount
    assert ERC20(token).transfer(msg.sender, amount, default_return_value=True)
