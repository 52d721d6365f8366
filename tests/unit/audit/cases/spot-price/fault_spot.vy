# pragma version 0.4.0
from ethereum.ercs import IERC20
interface Pair:
    def getReserves() -> (uint112, uint112, uint32): view
pool: immutable(Pair)
coin: immutable(IERC20)
debt: HashMap[address, uint256]
locked: HashMap[address, uint256]

@deploy
def __init__(p: Pair, c: IERC20):
    pool = p
    coin = c

@external
@payable
def lock():
    self.locked[msg.sender] += msg.value

@external
def borrow(n: uint256):
    r0: uint112 = 0
    r1: uint112 = 0
    t: uint32 = 0
    r0, r1, t = staticcall pool.getReserves()
    price: uint256 = convert(r1, uint256) * 10 ** 18 // convert(r0, uint256)  # fault
    assert self.locked[msg.sender] * price // 10 ** 18 >= (self.debt[msg.sender] + n) * 3 // 2
    self.debt[msg.sender] += n
    assert extcall coin.transfer(msg.sender, n)
