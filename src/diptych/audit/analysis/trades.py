"""Calls of the exchanges in common use: where their limits and deadlines stand.

The interfaces are standards of their own: Uniswap v2 (router), v3 (router, positions) and the many
exchanges that copy them, Curve.
"""

from typing import Final, NamedTuple

from diptych.audit.analysis.contract import FunctionView
from diptych.audit.graph.ops import Op

__all__ = ["Trade", "is_quote", "trades"]


class _Form(NamedTuple):
    """A function of an exchange: places of its limits, of its deadline, and how many it takes."""

    limits: tuple[int, ...]
    deadline: int | None
    taken: int
    most: bool = False


_EXCHANGES: Final[dict[str, tuple[_Form, ...]]] = {
    "swapExactTokensForTokens": (_Form((1,), 4, 5), _Form((1,), None, 4)),
    "swapTokensForExactTokens": (_Form((1,), 4, 5, True), _Form((1,), None, 4, True)),
    "swapExactETHForTokens": (_Form((0,), 3, 4),),
    "swapExactTokensForETH": (_Form((1,), 4, 5),),
    "swapTokensForExactETH": (_Form((1,), 4, 5, True),),
    "swapExactTokensForTokensSupportingFeeOnTransferTokens": (_Form((1,), 4, 5),),
    "swapExactETHForTokensSupportingFeeOnTransferTokens": (_Form((0,), 3, 4),),
    "swapExactTokensForETHSupportingFeeOnTransferTokens": (_Form((1,), 4, 5),),
    "addLiquidity": (_Form((4, 5), 7, 8), _Form((1,), None, 2)),
    "addLiquidityETH": (_Form((2, 3), 5, 6),),
    "removeLiquidity": (_Form((3, 4), 6, 7),),
    "removeLiquidityETH": (_Form((2, 3), 5, 6),),
    "exchange": (_Form((3,), None, 4), _Form((3,), None, 5)),
    "add_liquidity": (_Form((1,), None, 2),),
    "remove_liquidity_one_coin": (_Form((2,), None, 3),),
}
# The same with one struct as argument, by how many members it has.
_STRUCTS: Final[dict[str, tuple[_Form, ...]]] = {
    "exactInputSingle": (_Form((6,), 4, 8), _Form((5,), None, 7)),
    "exactInput": (_Form((4,), 2, 5), _Form((3,), None, 4)),
    "exactOutputSingle": (_Form((6,), 4, 8, True), _Form((5,), None, 7, True)),
    "exactOutput": (_Form((4,), 2, 5, True), _Form((3,), None, 4, True)),
    "mint": (_Form((7, 8), 10, 11),),
    "increaseLiquidity": (_Form((3, 4), 5, 6),),
    "decreaseLiquidity": (_Form((2, 3), 4, 5),),
}
_QUOTES = frozenset(
    {
        "getAmountsOut",
        "getAmountOut",
        "getAmountsIn",
        "getAmountIn",
        "quoteExactInputSingle",
        "quoteExactInput",
        "quoteExactOutputSingle",
        "quoteExactOutput",
        "get_dy",
        "calc_token_amount",
        "calc_withdraw_one_coin",
    }
)
_OUTSIDE = frozenset({"high_level", "library"})


class Trade(NamedTuple):
    """One call of an exchange.

    `limits` are the least amounts to get, or with `most` the greatest to give; `deadline` is the
    time until which the trade may happen, where the call takes one.
    """

    op: Op
    limits: tuple[Op, ...]
    deadline: Op | None
    most: bool


def trades(view: FunctionView) -> tuple[Trade, ...]:
    """Return the calls of exchanges in one function, in order."""
    return view.analysis(_all)


def is_quote(op: Op) -> bool:
    """Whether an op asks an exchange what a trade would give right now."""
    return op.kind == "call" and op.call.kind in _OUTSIDE and op.call.name in _QUOTES


def _all(view: FunctionView) -> tuple[Trade, ...]:
    found = (_read(op) for op in view.calls if op.call.kind in _OUTSIDE)
    return tuple(each for each in found if each is not None)


def _members(given: Op) -> tuple[Op, ...]:
    """Return the parts of a struct that is made on the spot, its declaration there or not."""
    if given.kind == "call":
        return given.call.arguments
    return given.operands if given.kind == "make" else ()


def _read(op: Op) -> Trade | None:
    given: tuple[Op, ...] = op.call.arguments
    forms = _EXCHANGES.get(op.call.name, ())
    if len(given) == 1:
        given = _members(given[0])
        forms = _STRUCTS.get(op.call.name, ())
    for form in forms:
        if form.taken == len(given):
            deadline = None if form.deadline is None else given[form.deadline]
            return Trade(op, tuple(given[at] for at in form.limits), deadline, form.most)
    return None
