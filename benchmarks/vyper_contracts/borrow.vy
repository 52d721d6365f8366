# pragma version ~=0.4.1
# Loans of ether against a token, at an oracle's price.

from ethereum.ercs import IERC20
import keys

initializes: keys
exports: (keys.owner, keys.hand_over)

interface Feed:
    def latestRoundData() -> (uint80, int256, uint256, uint256, uint80): view

struct Loan:
    pledged: uint256
    owed: uint256

MAX_AGE: constant(uint256) = 3600
SCALE: constant(uint256) = 10**8

PLEDGE: immutable(address)
FEED: immutable(address)
loans: public(HashMap[address, Loan])
lent: public(uint256)


@deploy
@payable
def __init__(pledge: address, feed: address):
    keys.__init__()
    PLEDGE = pledge
    FEED = feed


@view
@internal
def _price() -> uint256:
    round_id: uint80 = 0
    answer: int256 = 0
    started: uint256 = 0
    updated: uint256 = 0
    answered: uint80 = 0
    round_id, answer, started, updated, answered = staticcall Feed(FEED).latestRoundData()
    assert answer > 0, "no price"
    assert block.timestamp - updated <= MAX_AGE, "stale"
    return convert(answer, uint256)


@external
@nonreentrant
def borrow(pledged: uint256, amount: uint256):
    loan: Loan = self.loans[msg.sender]
    loan.pledged += pledged
    loan.owed += amount
    assert loan.pledged * self._price() // SCALE // 2 >= loan.owed, "too little"
    self.loans[msg.sender] = loan
    self.lent += amount
    assert extcall IERC20(PLEDGE).transferFrom(msg.sender, self, pledged), "not paid"
    raw_call(msg.sender, b"", value=amount)


@external
@payable
@nonreentrant
def repay():
    loan: Loan = self.loans[msg.sender]
    assert msg.value == loan.owed, "not what is owed"
    self.loans[msg.sender] = Loan(pledged=0, owed=0)
    self.lent -= loan.owed
    assert extcall IERC20(PLEDGE).transfer(msg.sender, loan.pledged), "not paid"


@external
@nonreentrant
def withdraw(to: address, amount: uint256):
    keys._only_owner()
    raw_call(to, b"", value=amount)


@external
@payable
def fund():
    pass
