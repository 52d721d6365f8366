# @version ^0.3.9
# A draw by numbers that the players fix before any of them is known.

MAX_PLAYERS: constant(uint256) = 16
PRICE: constant(uint256) = 10**17

host: immutable(address)
players: public(DynArray[address, MAX_PLAYERS])
sealed: public(HashMap[address, bytes32])
opened: public(HashMap[address, bool])
mix: public(bytes32)
shown: public(uint256)
until: public(uint256)
won: public(HashMap[address, uint256])


@external
def __init__(lasts: uint256):
    host = msg.sender
    self.until = block.timestamp + lasts


@external
@payable
def enter(seal: bytes32):
    assert block.timestamp < self.until, "closed"
    assert msg.value == PRICE, "price"
    assert self.sealed[msg.sender] == empty(bytes32), "twice"
    self.sealed[msg.sender] = seal
    self.players.append(msg.sender)


@external
def show(secret: bytes32):
    assert block.timestamp >= self.until, "open"
    assert not self.opened[msg.sender], "twice"
    assert keccak256(concat(secret, convert(msg.sender, bytes32))) == self.sealed[msg.sender], "other"
    self.opened[msg.sender] = True
    self.mix = keccak256(concat(self.mix, secret))
    self.shown += 1


@external
def draw():
    assert self.shown == len(self.players), "not all are shown"
    chosen: uint256 = convert(self.mix, uint256) % len(self.players)
    winner: address = self.players[chosen]
    self.shown = 0
    self.players = []
    self.won[winner] += self.balance


@external
@nonreentrant("draw")
def fetch():
    due: uint256 = self.won[msg.sender]
    self.won[msg.sender] = 0
    raw_call(msg.sender, b"", value=due)


@external
def end():
    assert msg.sender == host, "only the host"
    selfdestruct(host)
