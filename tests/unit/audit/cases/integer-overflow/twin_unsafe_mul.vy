# pragma version 0.4.0
price: constant(uint256) = 10 ** 15
got: HashMap[address, uint256]

@external
@payable
def buy(n: uint256):
    assert msg.value == n * price
    self.got[msg.sender] += n
