# @version 0.3.10

total: uint256
supply: uint256
since: uint256
held: HashMap[address, uint256]


@internal
@view
def _grown() -> uint256:
    return self.total + block.timestamp - self.since


@external
def shares(assets: uint256):
    product: uint256 = assets * self._grown()
    made: uint256 = product / self.supply
    if product % self.supply != 0:
        made += 1
    self.held[msg.sender] = made
