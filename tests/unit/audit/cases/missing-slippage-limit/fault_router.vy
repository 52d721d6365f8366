# @version 0.3.10
from vyper.interfaces import ERC20
interface Router:
    def swapExactTokensForTokens(a: uint256, m: uint256, p: DynArray[address, 4], to: address, d: uint256) -> DynArray[uint256, 4]: nonpayable
router: immutable(address)
usd: immutable(address)
gem: immutable(address)

@external
def __init__(r: address, u: address, g: address):
    router = r
    usd = u
    gem = g

@external
def zap(n: uint256, least: uint256, end: uint256):
    assert ERC20(usd).transferFrom(msg.sender, self, n)
    assert ERC20(usd).approve(router, n)
    Router(router).swapExactTokensForTokens(n, 0, [usd, gem], msg.sender, end)  # fault
