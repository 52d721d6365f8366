# pragma version 0.4.0
owner: immutable(address)

@deploy
@payable
def __init__():
    owner = msg.sender

@external
def drain(to: address):
    assert msg.sender == owner
    send(to, self.balance)

@external
@payable
def __default__():
    pass
