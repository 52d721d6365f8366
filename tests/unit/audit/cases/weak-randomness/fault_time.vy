# @version 0.3.10

players: DynArray[address, 8]
winner: address


@external
def enter():
    self.players.append(msg.sender)


@external
def draw():
    self.winner = self.players[block.timestamp % len(self.players)]  # fault
    send(self.winner, self.balance)
