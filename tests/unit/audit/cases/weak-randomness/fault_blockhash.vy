# @version 0.2.12
pot: uint256

@external
@payable
def guess(n: uint256):
    assert msg.value == 10 ** 16
    self.pot += msg.value
    answer: uint256 = convert(blockhash(block.number - 1), uint256) % 10  # fault
    if n == answer:
        p: uint256 = self.pot
        self.pot = 0
        send(msg.sender, p)
