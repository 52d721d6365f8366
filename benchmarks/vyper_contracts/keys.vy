# pragma version ~=0.4.1
# Who owns a contract.

event HandedOver:
    to: indexed(address)

owner: public(address)


@deploy
def __init__():
    self.owner = msg.sender


@internal
def _only_owner():
    assert msg.sender == self.owner, "only the owner"


@external
def hand_over(to: address):
    self._only_owner()
    assert to != empty(address), "nobody"
    self.owner = to
    log HandedOver(to=to)
