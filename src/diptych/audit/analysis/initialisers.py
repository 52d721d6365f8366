"""Functions that run once in place of a constructor, and what keeps an implementation shut."""

from collections.abc import Iterator

from diptych.audit.analysis import once
from diptych.audit.analysis.contract import ContractGraph, FunctionView
from diptych.audit.analysis.syntax import nodes_of
from diptych.audit.graph.ops import Op
from diptych.audit.graph.program import ContractNode
from diptych.audit.syntax.tree import Call, Name
from diptych.audit.syntax.unit import Function

__all__ = ["initialisers", "is_initialiser", "is_shut", "is_unseen", "may_be_checked", "runs_once"]

# Names of OpenZeppelin's Initializable, which others follow.
_ENTRY = frozenset({"initializer", "reinitializer"})
_SHUT = "_disableInitializers"


def is_initialiser(function: Function) -> bool:
    """Whether a modifier says that a function initialises."""
    return any(each.name in _ENTRY for each in function.modifiers)


def initialisers(contract: ContractGraph) -> Iterator[FunctionView]:
    """Yield the entries that initialise the contract, as their modifiers say."""
    for view in contract.entries:
        function = view.function
        if function is not None and is_initialiser(function):
            yield view


def runs_once(view: FunctionView, op: Op) -> bool:
    """Whether a modifier or a condition on what it writes bars an op once a function has run."""
    return any(is_initialiser(each) for each in _around(view, op)) or once.runs_once(view, op)


def _around(view: FunctionView, op: Op) -> Iterator[Function]:
    if view.function is not None:
        yield view.function
    for frame in op.frame.stack():
        if frame.function is not None:
            yield frame.function


def may_be_checked(view: FunctionView, op: Op) -> bool:
    """Whether code whose source is not there runs before an op and could refuse the caller."""
    return any(
        is_unseen(call) and not call.users and view.flow.dominates(call, op) for call in view.calls
    )


def is_unseen(call: Op) -> bool:
    """Whether a call runs code of this contract or a library whose source is not there."""
    site = call.call
    if site.kind == "high_level":
        return site.target is not None and site.target.kind == "unknown"
    return site.kind in ("internal", "library") and site.declaration is None


def is_shut(node: ContractNode) -> bool:
    """Whether a constructor bars the initialisers of the contract itself."""
    for owner in node.ancestry:
        for function in owner.tree.functions:
            if function.kind == "constructor" and is_initialiser(function):
                return True
        for function, call in nodes_of(owner, Call):
            if (
                function.kind == "constructor"
                and isinstance(call.function, Name)
                and call.function.text == _SHUT
            ):
                return True
    return False
