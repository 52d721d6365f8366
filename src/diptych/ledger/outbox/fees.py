"""The offer per gas: the market's price, raised when stuck, never above the cap. Pure."""

from dataclasses import dataclass

from diptych.ledger.outbox.errors import FeeCapReached
from diptych.ledger.records import Fees


@dataclass(frozen=True)
class Offer:
    """An offer per gas (EIP-1559).

    Attributes:
        max_fee_wei: most per gas.
        priority_fee_wei: tip per gas.
    """

    max_fee_wei: int
    priority_fee_wei: int


def first_offer(fees: Fees, *, cap_wei: int) -> Offer:
    """Return what to offer at first: the market's price, cut at the cap.

    Raises:
        FeeCapReached: even the base fee is above the cap.

    >>> first_offer(Fees(10, 2, 22), cap_wei=100)
    Offer(max_fee_wei=22, priority_fee_wei=2)
    """
    if fees.base_fee_wei > cap_wei:
        raise _capped(fees.base_fee_wei, cap_wei)
    max_fee_wei = min(fees.max_fee_wei, cap_wei)
    return Offer(max_fee_wei, min(fees.priority_fee_wei, max_fee_wei))


def raised_offer(last: Offer, fees: Fees, *, cap_wei: int) -> Offer:
    """Return an offer that replaces the last one: both parts at least 12.5 % higher.

    Nodes ask for 10 % (geth, `--txpool.pricebump`) or 12.5 % on both parts.

    Raises:
        FeeCapReached: the smallest acceptable offer is above the cap.

    >>> raised_offer(Offer(22, 2), Fees(10, 2, 22), cap_wei=100)
    Offer(max_fee_wei=25, priority_fee_wei=3)
    """
    least_fee_wei = bumped(last.max_fee_wei)
    least_tip_wei = bumped(last.priority_fee_wei)
    if max(least_fee_wei, least_tip_wei) > cap_wei:
        raise _capped(least_fee_wei, cap_wei)
    max_fee_wei = min(max(least_fee_wei, fees.max_fee_wei), cap_wei)
    tip_wei = max(least_tip_wei, min(fees.priority_fee_wei, max_fee_wei))
    return Offer(max(max_fee_wei, tip_wei), tip_wei)


def bumped(amount_wei: int) -> int:
    """Return `amount_wei` raised by 12.5 %, rounded up, and by at least 1.

    >>> bumped(8), bumped(0)
    (9, 1)
    """
    return max(-(-amount_wei * 9 // 8), amount_wei + 1)


def _capped(wanted_wei: int, cap_wei: int) -> FeeCapReached:
    return FeeCapReached(
        f"got a price of {wanted_wei} wei per gas, expected at most {cap_wei} wei",
        hint="wait, or raise chain.max_fee_gwei",
    )
