# pragma version 0.4.0
from ethereum.ercs import IERC20
interface Pair:
    def getReserves() -> (uint112, uint112, uint32): view
interface Feed:
    def latestRoundData() -> (uint80, int256, uint256, uint256, uint80): view
feed: immutable(Feed)
pool: immutable(Pair)
coin: immutable(IERC20)
debt: HashMap[address, uint256]
locked: HashMap[address, uint256]

@deploy
def __init__(p: Pair, c: IERC20, f: Feed):
    pool = p
    coin = c
    feed = f

@external
@payable
def lock():
    self.locked[msg.sender] += msg.value

@external
def borrow(n: uint256):
    a: uint80 = 0
    p: int256 = 0
    s: uint256 = 0
    u: uint256 = 0
    b: uint80 = 0
    a, p, s, u, b = staticcall feed.latestRoundData()
    assert p > 0 and block.timestamp - u < 3600
    price: uint256 = convert(p, uint256)
    assert self.locked[msg.sender] * price // 10 ** 18 >= (self.debt[msg.sender] + n) * 3 // 2
    self.debt[msg.sender] += n
    assert extcall coin.transfer(msg.sender, n)
