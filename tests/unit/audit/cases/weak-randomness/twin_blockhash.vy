# @version 0.2.12
pot: uint256

@external
@payable
def guess(n: uint256):
    assert msg.value == 10 ** 16
    self.pot += msg.value
    assert n < 10
    self.guesses[msg.sender] = n

guesses: HashMap[address, uint256]
