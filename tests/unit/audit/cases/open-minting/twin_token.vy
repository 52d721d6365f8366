# pragma version ~=0.4.1

issuer: public(immutable(address))
supply: public(uint256)
held: public(HashMap[address, uint256])
granted: public(HashMap[address, HashMap[address, uint256]])


@deploy
def __init__():
    issuer = msg.sender


@external
def issue(to: address, amount: uint256):
    assert msg.sender == issuer
    self.supply += amount
    self.held[to] += amount


@external
@payable
def buy(amount: uint256):
    assert msg.value == amount
    self.held[msg.sender] += amount


@external
def grant(to: address, amount: uint256):
    self.granted[msg.sender][to] += amount


@external
def move(to: address, amount: uint256):
    self.held[msg.sender] -= amount
    self.held[to] += amount


@external
def use(owner: address, amount: uint256):
    self.granted[owner][msg.sender] -= amount
    self.held[owner] -= amount
    self.held[msg.sender] += amount
