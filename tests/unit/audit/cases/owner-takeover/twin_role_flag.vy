# pragma version ~=0.4.0
flag Roles:
    ADMIN
    KEEPER

roles: HashMap[address, Roles]
fee: uint256
vault: address

@deploy
def __init__():
    self.roles[msg.sender] = Roles.ADMIN

@internal
@view
def _need(who: address, role: Roles):
    assert role in self.roles[who]

@external
def grant(who: address, role: Roles):
    self._need(msg.sender, Roles.ADMIN)
    self.roles[who] |= role

@external
def setVault(v: address):
    self._need(msg.sender, Roles.KEEPER)
    self.vault = v

@external
def flush():
    self._need(msg.sender, Roles.KEEPER)
    send(self.vault, self.balance)
