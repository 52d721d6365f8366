# pragma version 0.4.3
from ethereum.ercs import IERC20
held: HashMap[IERC20, HashMap[address, uint256]]

@external
def deposit(token: IERC20, amount: uint256):
    assert extcall token.transferFrom(msg.sender, self, amount, default_return_value=True)
    self.held[token][msg.sender] += amount

@external
def withdraw(token: IERC20, amount: uint256):
    self.held[token][msg.sender] -= amount
    extcall token.transfer(msg.sender, amount)  # fault
