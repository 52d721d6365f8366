# @version 0.3.10
goal: uint256
done: bool

@external
@payable
def give():
    assert self.balance <= self.goal

@external
def finish(to: address):
    assert self.balance == self.goal  # fault
    self.done = True
