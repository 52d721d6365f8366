# pragma version ~=0.4.0
struct Config:
    owner: address
    fee: uint256
config: Config

@deploy
def __init__():
    self.config = Config(owner=msg.sender, fee=30)

@external
def configure(c: Config):
    self.config = c  # fault

@external
def cash(to: address):
    assert msg.sender == self.config.owner
    send(to, self.balance)

@external
@payable
def __default__():
    pass
