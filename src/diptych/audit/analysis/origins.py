"""Where values come from, along def-use edges and through memory by its root."""

from collections.abc import Callable, Iterator

from diptych.audit.analysis.contract import FunctionView
from diptych.audit.graph.ops import Op

__all__ = ["BIT", "KINDS", "STORED", "carried", "origin_masks"]

KINDS = ("caller", "argument", "value", "block", "result", "storage")
BIT = {kind: 1 << at for at, kind in enumerate(KINDS)}
_ENVIRONMENT = {
    "msg.sender": "caller",
    "tx.origin": "caller",
    "msg.value": "value",
    "msg.data": "argument",
    "msg.sig": "argument",
    "calldatasize": "argument",
    "tx.gasprice": "caller",
}
_DATA = frozenset({"calldataload", "calldatacopy"})
STORED = frozenset({"storage", "transient"})
_BRINGS = frozenset({"param", "env", "call", "builtin", "assembly", "load"})
_OF_MEMORY = frozenset({"element", "store"})
_PASSED_ON = ("memory", "calldata")
_MAX_ROUNDS = 4


def origin_masks(view: FunctionView, is_open: Callable[[Op], bool] | None) -> dict[Op, int]:
    """Return each op's origins as bits, of `BIT`; ops without any are left out.

    Args:
        view: the function.
        is_open: whether what an op reads from storage can come from anybody; None for never.
    """
    known: dict[Op, int] = {}
    members: dict[tuple[Op, str], int] = {}
    steps = list(_steps(view, is_open))
    for _ in range(_MAX_ROUNDS):
        changed = False
        for op, own, givers, in_memory in steps:
            mask = own
            for operand in givers:
                mask |= known.get(operand, 0)
            if in_memory and members:
                mask |= members.get((_root(op), op.place.field), 0)
            if known.get(op, 0) != mask:
                known[op] = mask
                changed = changed or op.kind == "phi"
            if mask and in_memory and op.kind == "store":
                changed = _into_memory(op, known, members) or changed
        if not changed:
            break
    return known


def _steps(
    view: FunctionView, is_open: Callable[[Op], bool] | None
) -> Iterator[tuple[Op, int, tuple[Op, ...], bool]]:
    """Yield ops: what each brings in, whose origins it takes on, whether it is of memory."""
    for op in view.ops:
        own = _own(op, is_open) if op.kind in _BRINGS else 0
        givers = _givers(op)
        if own or givers:
            yield op, own, givers, op.kind in _OF_MEMORY and op.place.where == "memory"


def _givers(op: Op) -> tuple[Op, ...]:
    """Return the operands whose origins an op hands on.

    Who says which item of a list in memory it is does not say what it is.
    """
    kind = op.kind
    if kind == "call" or (kind == "load" and op.place.where not in _PASSED_ON):
        return ()
    if kind == "element" and op.place.where == "memory" and op.place.field == "[]":
        return op.operands[:1]
    return op.operands


def _own(op: Op, is_open: Callable[[Op], bool] | None) -> int:
    """Return the origins that an op itself brings in."""
    kind = op.kind
    if kind == "param":
        return BIT["argument"]
    if kind == "env":
        name = str(op.attribute)
        return BIT[_ENVIRONMENT[name]] if name in _ENVIRONMENT else _of_block(name)
    if kind == "call":
        return 0 if op.call.kind == "create" else BIT["result"]
    if kind == "builtin":
        return BIT["block"] if op.attribute == "blockhash" else 0
    if kind == "assembly":
        return BIT["argument"] if op.attribute in _DATA else 0
    if kind == "load" and is_open is not None and op.place.where in STORED and is_open(op):
        return BIT["storage"]
    return 0


def _of_block(name: str) -> int:
    return BIT["block"] if name.startswith("block.") and name != "block.chainid" else 0


def carried(op: Op, known: dict[Op, int]) -> int:
    """Return the origins that an op's operands hand on."""
    mask = 0
    for operand in _givers(op):
        mask |= known.get(operand, 0)
    return mask


def _into_memory(store: Op, known: dict[Op, int], members: dict[tuple[Op, str], int]) -> bool:
    """Let what is stored in a memory object be read from it, by member; says if that is news."""
    root, field = _root(store.operands[0]), store.place.field
    value = known.get(store.operands[-1], 0)
    if field in ("", "[]"):
        before, known[root] = known.get(root, 0), known.get(root, 0) | value
        return before != known[root]
    before = members.get((root, field), 0)
    members[root, field] = before | value
    return before != before | value


def _root(op: Op) -> Op:
    while op.kind == "element":
        op = op.operands[0]
    return op
