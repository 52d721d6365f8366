# @version ^0.3.4
last: uint256

@external
@payable
def play():
    assert msg.value == 10 ** 18
    if block.timestamp % 15 == 0:  # fault
        send(msg.sender, self.balance)
