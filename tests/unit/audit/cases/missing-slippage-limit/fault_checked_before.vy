# pragma version ~=0.4.0
from ethereum.ercs import IERC20

interface Pool:
    def add_liquidity(amounts: uint256[2], least: uint256): nonpayable

pool: immutable(Pool)
coin: immutable(IERC20)


@deploy
def __init__(p: Pool, c: IERC20):
    pool = p
    coin = c


@external
def enter(amount: uint256, least: uint256):
    assert extcall coin.transferFrom(msg.sender, self, amount, default_return_value=True)
    assert staticcall coin.balanceOf(self) >= least
    amounts: uint256[2] = [amount, 0]
    extcall pool.add_liquidity(amounts, 0)  # fault
