# pragma version ~=0.4.0
players: DynArray[address, 50]
done: bool

@external
@payable
def join():
    assert msg.value == as_wei_value(1, "ether")
    self.players.append(msg.sender)

@external
def draw():
    assert not self.done
    assert len(self.players) == 50
    self.done = True
    at: uint256 = convert(keccak256(concat(block.prevhash, convert(block.timestamp, bytes32))), uint256) % 50  # fault
    send(self.players[at], self.balance)
