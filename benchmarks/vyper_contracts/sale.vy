# @version 0.3.10
# An auction whose losers fetch their bids themselves, and an exchange at a fixed curve.

interface Token:
    def transfer(to: address, amount: uint256) -> bool: nonpayable
    def transferFrom(owner: address, to: address, amount: uint256) -> bool: nonpayable
    def balanceOf(owner: address) -> uint256: view

event Bid:
    bidder: indexed(address)
    amount: uint256

MAX_BIDDERS: constant(uint256) = 32

seller: public(address)
asset: public(immutable(address))
ends: public(uint256)
best: public(uint256)
leader: public(address)
refunds: public(HashMap[address, uint256])
bidders: DynArray[address, MAX_BIDDERS]
ready: public(bool)
stock: public(uint256)
money: public(uint256)


@external
def __init__(_asset: address):
    asset = _asset
    self.seller = msg.sender


@external
def open(lasts: uint256):
    assert msg.sender == self.seller, "only the seller"
    assert not self.ready, "already open"
    self.ready = True
    self.ends = block.timestamp + lasts


@external
@payable
def bid():
    assert self.ready and block.timestamp < self.ends, "closed"
    assert msg.value > self.best, "too little"
    self.refunds[self.leader] += self.best
    self.best = msg.value
    self.leader = msg.sender
    log Bid(msg.sender, msg.value)


@external
@nonreentrant("sale")
def fetch():
    due: uint256 = self.refunds[msg.sender]
    self.refunds[msg.sender] = 0
    raw_call(msg.sender, b"", value=due)


@external
@nonreentrant("sale")
def finish():
    assert self.ready and block.timestamp >= self.ends, "open"
    due: uint256 = self.best
    self.ready = False
    self.best = 0
    send(self.seller, due)


@external
@payable
@nonreentrant("sale")
def buy(least: uint256, deadline: uint256):
    assert block.timestamp <= deadline, "too late"
    gives: uint256 = self.stock * msg.value / (self.money + msg.value)
    assert gives >= least, "too little"
    self.stock -= gives
    self.money += msg.value
    assert Token(asset).transfer(msg.sender, gives), "not paid"


@external
@nonreentrant("sale")
def sell(amount: uint256, least: uint256, deadline: uint256):
    assert block.timestamp <= deadline, "too late"
    gives: uint256 = self.money * amount / (self.stock + amount)
    assert gives >= least, "too little"
    self.stock += amount
    self.money -= gives
    assert Token(asset).transferFrom(msg.sender, self, amount), "not paid"
    raw_call(msg.sender, b"", value=gives)


@external
def close():
    assert msg.sender == self.seller, "only the seller"
    assert not self.ready, "open"
    selfdestruct(self.seller)
