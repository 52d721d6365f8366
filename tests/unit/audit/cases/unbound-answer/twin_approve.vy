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

sealed: HashMap[address, bytes32]
at: HashMap[address, uint256]

@external
def commit(h: bytes32):
    self.sealed[msg.sender] = h
    self.at[msg.sender] = block.number

@external
def solve(x: bytes32):
    assert self.sealed[msg.sender] == keccak256(concat(x, convert(msg.sender, bytes32)))
    assert block.number > self.at[msg.sender]
    assert keccak256(x) == self.answer
    n: uint256 = self.prize
    self.prize = 0
    send(msg.sender, n)
