# pragma version ~=0.4.1
# Rewards in one token for a stake in another.

from ethereum.ercs import IERC20

event Staked:
    who: indexed(address)
    amount: uint256

struct Stake:
    amount: uint256
    since: uint256
    owed: uint256

STAKED: public(immutable(address))
REWARD: public(immutable(address))
RATE: public(immutable(uint256))
SCALE: constant(uint256) = 10**18

keeper: public(address)
paused: public(bool)
total: public(uint256)
stakes: public(HashMap[address, Stake])


@deploy
def __init__(staked: address, reward: address, rate: uint256):
    STAKED = staked
    REWARD = reward
    RATE = rate
    self.keeper = msg.sender


@internal
def _settle(who: address):
    found: Stake = self.stakes[who]
    passed: uint256 = block.timestamp - found.since
    self.stakes[who].owed = found.owed + found.amount * RATE * passed // SCALE
    self.stakes[who].since = block.timestamp


@external
@nonreentrant
def stake(amount: uint256):
    assert not self.paused, "paused"
    assert amount > 0, "nothing"
    self._settle(msg.sender)
    self.stakes[msg.sender].amount += amount
    self.total += amount
    assert extcall IERC20(STAKED).transferFrom(msg.sender, self, amount), "not paid"
    log Staked(who=msg.sender, amount=amount)


@external
@nonreentrant
def leave(amount: uint256):
    self._settle(msg.sender)
    held: uint256 = self.stakes[msg.sender].amount
    assert held >= amount, "too much"
    self.stakes[msg.sender].amount = unsafe_sub(held, amount)
    self.total -= amount
    assert extcall IERC20(STAKED).transfer(msg.sender, amount), "not paid"


@external
@nonreentrant
def claim():
    self._settle(msg.sender)
    due: uint256 = self.stakes[msg.sender].owed
    assert due > 0, "nothing"
    self.stakes[msg.sender].owed = 0
    assert extcall IERC20(REWARD).transfer(msg.sender, due), "not paid"


@external
def pause(on: bool):
    assert msg.sender == self.keeper, "only the keeper"
    self.paused = on


@external
def replace_keeper(keeper: address):
    assert msg.sender == self.keeper, "only the keeper"
    self.keeper = keeper


@external
def rescue(token: address, to: address, amount: uint256):
    assert msg.sender == self.keeper, "only the keeper"
    assert token != STAKED and token != REWARD, "not yours"
    assert extcall IERC20(token).transfer(to, amount), "not paid"
