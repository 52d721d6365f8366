# pragma version 0.4.0
interface Pool:
    def exchange(i: int128, j: int128, dx: uint256, min_dy: uint256) -> uint256: nonpayable
pool: immutable(Pool)

@deploy
def __init__(p: Pool):
    pool = p

@external
def swap(dx: uint256, least: uint256) -> uint256:
    return extcall pool.exchange(0, 1, dx, least)
