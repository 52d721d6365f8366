# @version 0.3.10
total: uint256
pooled: uint256
share: HashMap[address, uint256]

@external
@payable
@nonreentrant("x")
def add():
    self.total += msg.value
    self.pooled += msg.value
    self.share[msg.sender] += msg.value

@external
@nonreentrant("x")
def cut(n: uint256):
    self.share[msg.sender] -= n
    v: uint256 = n * self.pooled / self.total
    self.total -= n
    self.pooled -= v
    raw_call(msg.sender, b"", value=v)

@view
@external
def price() -> uint256:
    return self.pooled * 10**18 / self.total
