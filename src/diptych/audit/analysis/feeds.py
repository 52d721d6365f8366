"""Price feeds with Chainlink's interface: which part of an answer goes where."""

from typing import NamedTuple

from diptych.audit.analysis.contract import ContractGraph, FunctionView
from diptych.audit.graph.ops import Op

__all__ = ["Answer", "answers", "asks_decimals"]

_ROUNDS = frozenset({"latestRoundData", "getRoundData"})
_BARE = "latestAnswer"
_OUTSIDE = frozenset({"high_level", "library"})


class Answer(NamedTuple):
    """One question to a feed.

    `parts` holds what is used of (round, answer, started, updated, answered in round) by place;
    `bare` says that the feed is asked for the price alone. `passed_on` says that all of it leaves
    the function as it is.
    """

    op: Op
    parts: dict[int, tuple[Op, ...]]
    bare: bool
    passed_on: bool

    @property
    def price(self) -> tuple[Op, ...]:
        """The ops that take the price."""
        return (self.op,) if self.bare else self.parts.get(1, ())


def answers(view: FunctionView) -> tuple[Answer, ...]:
    """Return the questions to price feeds in one function."""
    return view.analysis(_all)


def _all(view: FunctionView) -> tuple[Answer, ...]:
    asked = (op for op in view.calls if op.call.name == _BARE or op.call.name in _ROUNDS)
    return tuple(_read(op) for op in asked if op.call.kind in _OUTSIDE)


def _read(op: Op) -> Answer:
    parts: dict[int, tuple[Op, ...]] = {}
    whole = False
    for user in op.users:
        if user.kind == "pick" and isinstance(user.attribute, int):
            if user.users:
                parts[user.attribute] = (*parts.get(user.attribute, ()), user)
        elif user.kind in ("return", "end", "store", "tuple"):
            whole = True
    return Answer(op, parts, op.call.name == _BARE, whole and op.call.name != _BARE)


def asks_decimals(contract: ContractGraph) -> bool:
    """Whether a contract asks another one for its decimals anywhere."""
    return any(call.call.name == "decimals" for view in contract.functions for call in view.calls)
