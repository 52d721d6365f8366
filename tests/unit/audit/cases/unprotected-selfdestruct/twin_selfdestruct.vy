# @version 0.3.7
owner: address

@external
def __init__():
    self.owner = msg.sender

@external
def close():
    assert self.owner == msg.sender
    selfdestruct(msg.sender)
