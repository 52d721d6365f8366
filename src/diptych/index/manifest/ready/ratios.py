"""Prices as exact ratios. Pure."""

from math import gcd

_Q192 = 1 << 192


def ratio(above: int, below: int) -> str | None:
    """Return a ratio in lowest terms, None if one of the two is 0: that is no price.

    >>> ratio(6, 4), ratio(5, 0)
    ('3/2', None)
    """
    if above == 0 or below == 0:
        return None
    common = gcd(above, below)
    return f"{above // common}/{below // common}"


def price_of_root(root_x96: int) -> str | None:
    """Return the price that a square root of it times 2**96 stands for (Uniswap v3, 6.1).

    >>> price_of_root(3 << 95)
    '9/4'
    """
    return ratio(root_x96 * root_x96, _Q192)
