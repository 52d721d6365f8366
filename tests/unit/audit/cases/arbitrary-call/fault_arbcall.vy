# @version 0.3.10
from vyper.interfaces import ERC20
owner: address

@external
def __init__():
    self.owner = msg.sender

@external
def pull(token: address, amount: uint256):
    assert ERC20(token).transferFrom(msg.sender, self, amount)

@external
def execute(target: address, data: Bytes[2048]):
    raw_call(target, data)  # fault
