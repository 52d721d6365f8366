# @version 0.3.10

owners: HashMap[uint256, address]
granted: HashMap[uint256, address]


@external
@view
def ownerOf(token: uint256) -> address:
    return self.owners[token]


@external
@payable
def approve(to: address, token: uint256):
    assert self.owners[token] == msg.sender
    self.granted[token] = to
