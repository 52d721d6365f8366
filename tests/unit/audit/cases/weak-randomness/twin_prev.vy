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
    for p: address in self.players:
        self.paid[p] = self.balance // 50

paid: HashMap[address, uint256]
