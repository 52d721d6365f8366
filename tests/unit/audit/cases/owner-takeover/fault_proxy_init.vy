# @version 0.3.10
interface Wallet:
    def setup(o: address): nonpayable
impl: immutable(address)
made: DynArray[address, 100]
owner: address

@external
def __init__(i: address):
    impl = i
    self.owner = msg.sender

@external
def setOwner(o: address):
    self.owner = o  # fault

@external
def make() -> address:
    w: address = create_minimal_proxy_to(impl)
    Wallet(w).setup(msg.sender)
    self.made.append(w)
    return w

@external
def sweep(t: address):
    assert self.owner == msg.sender
    send(t, self.balance)
