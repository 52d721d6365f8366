# @version 0.3.7
prize: uint256
answer: bytes32
owner: address

@external
@payable
def __init__(a: bytes32):
    self.owner = msg.sender
    self.answer = a
    self.prize = msg.value

@external
def solve(x: bytes32):
    assert keccak256(x) == self.answer
    n: uint256 = self.prize
    self.prize = 0
    send(msg.sender, n)  # fault
