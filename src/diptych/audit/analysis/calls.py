"""Calls out of a contract: which hand over control, to whom, and what bars the way back in."""

from diptych.audit.analysis.access import is_caller
from diptych.audit.analysis.cells import Cell, cell_of
from diptych.audit.analysis.contract import FunctionView, sources
from diptych.audit.analysis.dominance import Fact
from diptych.audit.analysis.taint import tainted
from diptych.audit.graph.ops import Op

__all__ = ["gives_control", "is_for_people", "is_hook", "is_locked", "is_trusted", "lock_cells"]

_OPEN = frozenset({"call", "callcode", "delegatecall"})
_READ_ONLY = frozenset({"view", "pure"})
_STIPEND_GAS = 2300
_STATIC_FROM = (0, 5, 0)
_STORED = frozenset({"storage", "transient"})
_CHOSEN = ("caller", "argument", "storage")
# What ERC-20, ERC-721, ERC-165 and ERC-4626 declare as view, for where their source is not there.
_ASKING = frozenset(
    {
        "name",
        "symbol",
        "decimals",
        "totalSupply",
        "balanceOf",
        "allowance",
        "ownerOf",
        "getApproved",
        "isApprovedForAll",
        "supportsInterface",
        "asset",
        "totalAssets",
        "convertToShares",
        "convertToAssets",
    }
)
# Modifiers that hold a lock, by the names in common use, for where their source is not there.
_LOCKS = ("nonreentrant", "noreentran", "reentrancyguard")
# ERC-721, ERC-1155 and ERC-777: functions that call the receiver or the sender back, with the
# place of the receiver among the arguments.
_HOOKS = {
    ("_safeMint", 2): 0,
    ("_safeMint", 3): 0,
    ("safeMint", 2): 0,
    ("_safeTransfer", 3): 1,
    ("_safeTransfer", 4): 1,
    ("safeTransferFrom", 3): 1,
    ("safeTransferFrom", 4): 1,
    ("safeTransferFrom", 5): 1,
    ("_safeTransferFrom", 5): 1,
    ("safeBatchTransferFrom", 5): 1,
    ("_mint", 4): 0,
    ("_mintBatch", 4): 0,
    ("operatorSend", 5): 1,
}
_RECEIVERS = frozenset(
    {
        "onERC721Received",
        "onERC1155Received",
        "onERC1155BatchReceived",
        "tokensReceived",
        "tokensToSend",
        "onTransferReceived",
    }
)


def gives_control(op: Op) -> bool:
    """Whether a call lets the callee run code of its own with gas to call back.

    `send` and `transfer` forward 2,300 gas, too little for a call; static calls cannot change
    state. A high-level call counts unless its declaration is `view` or `pure`. A contract that is
    created on the spot runs our own code.
    """
    call = op.call
    if call.target is not None and any(_is_created(each) for each in sources(call.target)):
        return False
    if _is_static(op) or (_is_library(op) and hook_receiver(op) is None):
        return False
    if call.kind in _OPEN:
        gas = call.gas.attribute if call.gas is not None and call.gas.kind == "const" else None
        return not (isinstance(gas, int) and gas <= _STIPEND_GAS)
    if call.kind != "high_level":
        return call.kind in ("internal", "library") and hook_receiver(op) is not None
    if call.declaration is None:
        return not (call.name in _ASKING and op.frame.owner.unit.version >= _STATIC_FROM)
    return call.declaration.mutability not in _READ_ONLY


def _is_library(op: Op) -> bool:
    """Whether a call names a library or a base whose source is not there: `Proofs.verify(...)`."""
    target = op.call.target
    return (
        op.call.kind == "high_level"
        and target is not None
        and target.kind == "unknown"
        and str(target.attribute)[:1].isupper()
    )


def _is_static(op: Op) -> bool:
    """Whether a call is made inside of a function that may only look, so that the callee may not.

    From 0.5 on, calls there are static calls.
    """
    return op.frame.owner.unit.version >= _STATIC_FROM and any(
        frame.function is not None and frame.function.mutability in _READ_ONLY
        for frame in op.frame.stack()
    )


def _is_created(op: Op) -> bool:
    return op.kind == "call" and op.call.kind == "create"


def is_hook(op: Op) -> bool:
    """Whether a call tells somebody, by a token standard, that tokens come or go."""
    return op.call.name in _RECEIVERS or hook_receiver(op) is not None


def hook_receiver(op: Op) -> Op | None:
    """Return whom a token calls back for a call of it; None for any other call."""
    arguments = op.call.arguments
    at = _HOOKS.get((op.call.name, len(arguments)))
    return None if at is None else arguments[at]


def is_trusted(view: FunctionView, call: Op) -> bool:
    """Whether nobody but the contract's makers chose who is called."""
    receiver = hook_receiver(call)
    target = call.call.target if receiver is None else receiver
    return target is not None and not tainted(view, target, _CHOSEN, at=call)


def is_for_people(view: FunctionView, op: Op) -> bool:
    """Whether no contract can be the caller there: it signed itself, or has no code.

    A contract under construction has none either, but cannot be called back.
    """
    return any(_is_person(fact) for fact in view.flow.facts(op))


def _is_person(fact: Fact) -> bool:
    test, holds = fact
    if test.kind != "binary" or test.attribute not in ("==", "!=", ">"):
        return False
    left, right = test.operands
    if (test.attribute == "==") is not holds:
        return False
    names = {each.attribute for each in (left, right) if each.kind == "env"}
    if names == {"tx.origin", "msg.sender"}:
        return True
    return any(_is_size_of_caller(each) for side in (left, right) for each in sources(side))


def _is_size_of_caller(op: Op) -> bool:
    size = (op.kind == "assembly" and op.attribute == "extcodesize") or (
        op.kind == "account" and op.attribute == "code"
    )
    return size and any(is_caller(each) for each in op.operands)


def is_locked(view: FunctionView, call: Op) -> bool:
    """Whether a lock is held during a call, as far as the source shows."""
    if lock_cells(view, call):
        return True
    return view.shared(_has_unseen_lock)


def _has_unseen_lock(view: FunctionView) -> bool:
    return any(
        op.kind == "modifier" and any(each in str(op.attribute).lower() for each in _LOCKS)
        for op in view.ops
    )


def lock_cells(view: FunctionView, call: Op) -> frozenset[Cell]:
    """Return the cells that are tested before a call, changed before it, and changed back."""
    known = view.shared(_known_locks)
    if id(call) not in known:
        known[id(call)] = _lock_cells(view, call)
    return known[id(call)]


def _known_locks(view: FunctionView) -> dict[int, frozenset[Cell]]:
    del view
    return {}


def _lock_cells(view: FunctionView, call: Op) -> frozenset[Cell]:
    stores = [op for op in view.shared(_stores) if view.flow.dominates(op, call)]
    if not stores:
        return frozenset()
    tested = {
        cell_of(source)
        for fact in view.flow.facts(call)
        for source in sources(fact.test)
        if source.kind == "load" and source.place.where in _STORED
    }
    taken = {cell_of(store) for store in stores} & tested
    return frozenset(
        cell
        for cell in taken
        if any(
            cell_of(store) == cell and store not in stores and view.flow.reaches(call, store)
            for store in view.shared(_stores)
        )
    )


def _stores(view: FunctionView) -> tuple[Op, ...]:
    """Return the stores to plain variables and slots, which may be locks."""
    return tuple(
        op
        for op in view.ops
        if op.kind == "store" and op.place.where in _STORED and "[]" not in cell_of(op).path
    )
