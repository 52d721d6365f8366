"""Who can get at a fault, and what leaves the contract there."""

from collections.abc import Iterable
from functools import cached_property
from typing import Final

from diptych.audit.analysis.access import (
    free_blocks,
    is_keyed_by_caller,
    is_restricted,
    restricting,
    restricting_tests,
)
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.payments import is_payment
from diptych.audit.analysis.uses import tests
from diptych.audit.finding import Exposure
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Spot

__all__ = ["Exposures"]

_VALUES = ("code", "ether", "tokens", "state", "none")
_TAKES_CODE = frozenset({"delegatecall", "callcode"})
_TOKEN_MOVES = frozenset(
    {"transfer", "transferFrom", "safeTransfer", "safeTransferFrom", "safeBatchTransferFrom"}
)
"""Of ERC-20, ERC-721, ERC-1155, and of the libraries that wrap them."""
_TOKEN_INTERFACE = frozenset({"balanceOf", "transfer", "transferFrom"})
_ABSTRACT = frozenset({"library", "abstract", "interface"})


class Exposures:
    """Answers for one contract; what is asked once is kept."""

    def __init__(self, contract: ContractGraph) -> None:
        self.contract: Final = contract
        self._values: dict[int, str] = {}

    def of(self, op: Op | Spot) -> Exposure:
        """Return the exposure of an op or a declaration.

        Where a declaration belongs to no function, the least guarded function counts.
        """
        view = self.view(op)
        if view is None:
            views = [each for each in self.contract.functions if each.is_entry]
            reach = "unknown" if self._is_abstract or not views else "anyone"
            return Exposure(reach, self._contract_value, "contract")
        value = self._value(view)
        if _VALUES.index(value) <= _VALUES.index("tokens") or value == self._contract_value:
            return Exposure(self._reach(view, op), value, "function")
        return Exposure(self._reach(view, op), self._contract_value, "contract")

    def view(self, op: Op | Spot) -> FunctionView | None:
        """Return the function that an op runs in, None if it belongs to none."""
        *_, outermost = op.frame.stack()
        found = self._by_frame.get(id(outermost))
        if found is None and outermost.function is not None:
            found = self._by_function.get(id(outermost.function))
        return found

    @cached_property
    def _by_frame(self) -> dict[int, FunctionView]:
        return {id(view.graph.frame): view for view in self.contract.functions}

    @cached_property
    def _by_function(self) -> dict[int, FunctionView]:
        return {id(view.function): view for view in self.contract.functions}

    @cached_property
    def _is_abstract(self) -> bool:
        tree = self.contract.node.tree
        return tree.kind in _ABSTRACT or not tree.name

    def reach(self, view: FunctionView) -> str:
        """Return who can use a function to any effect; terms as of `Exposure`."""
        return self._reach(view, None)

    def _reach(self, view: FunctionView, op: Op | Spot | None) -> str:
        if view.is_constructor:
            return "deployer"
        if not view.is_entry:
            return "unknown" if self._is_abstract else "nobody"
        effects = [op] if isinstance(op, Op) else _effects(view)
        if effects and all(_is_guarded(view, each) for each in effects):
            return "privileged"
        return "keyed" if effects and all(_is_keyed(view, each) for each in effects) else "anyone"

    def _value(self, view: FunctionView) -> str:
        if id(view) not in self._values:
            self._values[id(view)] = _gravest(self._leaving(view))
        return self._values[id(view)]

    def _leaving(self, view: FunctionView) -> Iterable[str]:
        for op in view.ops:
            if op.kind == "selfdestruct":
                yield "code"
            if op.kind == "call":
                yield _moved(op)
        if view.writes:
            yield "tokens" if self._is_token else "state"

    @cached_property
    def _is_token(self) -> bool:
        return self.contract.node.functions.keys() >= _TOKEN_INTERFACE

    @cached_property
    def _contract_value(self) -> str:
        return _gravest(self._value(view) for view in self.contract.functions)


def _moved(op: Op) -> str:
    if op.call.kind in _TAKES_CODE:
        return "code"
    if is_payment(op):
        return "ether"
    return "tokens" if op.call.name in _TOKEN_MOVES else "none"


def _gravest(values: Iterable[str]) -> str:
    return min(values, key=_VALUES.index, default="none")


def _is_guarded(view: FunctionView, op: Op) -> bool:
    """Whether only some callers reach an op, by other conditions than the op is about itself."""
    if not is_restricted(view, op):
        return False
    own = {op, *op.operands}
    if own.isdisjoint(tests(view)):
        return True
    asked = restricting_tests(view).intersection(own)
    return not asked or op.block not in view.analysis(_Others).without(asked)


class _Others:
    """Where anybody gets if some tests are left out."""

    def __init__(self, view: FunctionView) -> None:
        self._view: Final = view
        self._known: Final[dict[frozenset[Op], frozenset[int]]] = {}

    def without(self, left_out: frozenset[Op]) -> frozenset[int]:
        """Return the blocks that lie on a way that no condition but these restricts."""
        if left_out not in self._known:
            asked = restricting(self._view)
            self._known[left_out] = free_blocks(
                self._view, lambda fact: fact.test not in left_out and asked(fact)
            )
        return self._known[left_out]


def _effects(view: FunctionView) -> list[Op]:
    """Return the ops by which a function changes anything."""
    return [*view.writes, *view.calls]


def _is_keyed(view: FunctionView, op: Op) -> bool:
    """Whether a condition on the caller's own entry of a mapping stands before an op."""
    known = view.shared(_keyed_tests)
    for fact in view.flow.facts(op):
        if fact.test not in known:
            read = (each for each in sources(fact.test) if each.kind == "load")
            known[fact.test] = any(is_keyed_by_caller(each) for each in read)
        if known[fact.test]:
            return True
    return False


def _keyed_tests(view: FunctionView) -> dict[Op, bool]:
    """Return a memory for `_is_keyed`, as a condition is met again on every way after it."""
    del view
    return {}
