# pragma version 0.4.0
bidder: address
bid: uint256
back: HashMap[address, uint256]

@external
@payable
def offer():
    assert msg.value > self.bid
    if self.bidder != empty(address):
        raw_call(self.bidder, b"", value=self.bid)  # fault
    self.bidder = msg.sender
    self.bid = msg.value

@external
def collect():
    n: uint256 = self.back[msg.sender]
    self.back[msg.sender] = 0
    send(msg.sender, n)
