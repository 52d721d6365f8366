# @version 0.3.9
boss: public(address)

@external
def __init__():
    self.boss = msg.sender

@external
def setBoss(who: address):
    self.boss = who  # fault

@external
def pull():
    assert msg.sender == self.boss
    send(self.boss, self.balance)

@external
@payable
def __default__():
    pass
