# @version 0.2.16
owner: public(address)
treasury: public(address)

@external
def initialize(_owner: address, _treasury: address):
    self.owner = _owner  # fault
    self.treasury = _treasury

@external
def sweep():
    assert msg.sender == self.owner
    send(self.treasury, self.balance)

@external
@payable
def __default__():
    pass
