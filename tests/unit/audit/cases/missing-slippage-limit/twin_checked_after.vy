# pragma version ~=0.4.0
from ethereum.ercs import IERC20

interface Pool:
    def add_liquidity(amounts: uint256[2], least: uint256): nonpayable
    def remove_liquidity_one_coin(burn: uint256, i: int128, least: uint256): nonpayable

pool: immutable(Pool)
share: immutable(IERC20)
coin: immutable(IERC20)


@deploy
def __init__(p: Pool, s: IERC20, c: IERC20):
    pool = p
    share = s
    coin = c


@internal
def _enter(amount: uint256) -> uint256:
    before: uint256 = staticcall share.balanceOf(self)
    amounts: uint256[2] = [amount, 0]
    extcall pool.add_liquidity(amounts, 0)
    return staticcall share.balanceOf(self) - before


@external
def turn(amount: uint256, least: uint256) -> uint256:
    assert extcall coin.transferFrom(msg.sender, self, amount, default_return_value=True)
    got: uint256 = self._enter(amount)
    extcall pool.remove_liquidity_one_coin(got, 1, 0)
    out: uint256 = staticcall coin.balanceOf(self)
    assert out >= least
    assert extcall coin.transfer(msg.sender, out, default_return_value=True)
    return out
