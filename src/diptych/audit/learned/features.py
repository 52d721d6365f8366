"""From one function's graph to the arrays that the network reads; training and scans share it.

Nodes are ops, less those that only carry a literal or a place, and one more for each storage
variable that the ops share. Relations: operand, next, same variable, guard; each both ways.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from diptych.audit.analysis.contract import ContractGraph, FunctionView, is_entry
from diptych.audit.graph.ops import Op
from diptych.audit.learned.relations import EFFECTS, RELATIONS, VARIABLE, Limits, relations
from diptych.audit.learned.vocabulary import KINDS, attribute_of, kind_of, type_of
from diptych.audit.syntax.unit import StateVariable

__all__ = ["FLAGS", "FUNCTION_FLAGS", "RELATIONS", "Encoder", "FunctionArrays"]

MAX_NODES: Final = 400
_LEFT_OUT = frozenset({"const", "zero", "ref", "type"})
_TAINT = {"msg.sender": 2, "tx.origin": 2, "caller": 2, "msg.value": 4, "callvalue": 4}
_TIME = frozenset({"block.timestamp", "now", "timestamp"})
_CHANCE = frozenset(
    {"block.number", "block.difficulty", "block.prevrandao", "block.coinbase", "blockhash"}
)
_BRINGS = frozenset({"param", "load", "call", "env", "builtin", "assembly"})
_TAINTS = 7
_TAINT_ROWS = tuple(
    tuple(float(mask >> bit & 1) for bit in range(_TAINTS)) for mask in range(1 << _TAINTS)
)
_NO_CALL = (0.0, 0.0, 0.0, 0.0)
_LARGE = 1_000
FLAGS: Final = _TAINTS + 14
FUNCTION_FLAGS: Final = 14


class FunctionArrays(NamedTuple):
    """One function as numbers: nodes, edges by relation, and facts about the whole.

    `ops` are the nodes that are ops, in order; nodes of variables follow them. An edge is
    (source node, target node, relation).
    """

    ops: tuple[Op, ...]
    words: list[tuple[int, int, int]]
    flags: list[tuple[float, ...]]
    edges: list[tuple[int, int, int]]
    function: list[float]


class _Variable(NamedTuple):
    """What the whole contract does with a state variable."""

    writers: int
    open_writers: int
    readers: int


class Encoder:
    """Encodes the functions of one contract."""

    def __init__(self, contract: ContractGraph) -> None:
        self._contract = contract
        self._variables = dict(self._usage())

    def encode(self, view: FunctionView) -> FunctionArrays:
        """Return the arrays of one function."""
        ops, words, flags, edges = view.shared(_own_arrays)
        words, flags, edges = words.copy(), flags.copy(), edges.copy()
        hubs: dict[int, int] = {}
        for node, op in enumerate(ops):
            variable = op.place.variable
            if variable is not None and op.kind in ("load", "store", "push", "pop"):
                if id(variable) not in hubs:
                    hubs[id(variable)] = len(words)
                    words.append((KINDS.index("variable"), 1, type_of(op.type)))
                    flags.append(self._variable_flags(variable))
                hub = hubs[id(variable)]
                edges += ((node, hub, VARIABLE), (hub, node, VARIABLE + 1))
        return FunctionArrays(ops, words, flags, edges, self._function(view))

    def _usage(self) -> Iterator[tuple[int, _Variable]]:
        counts: dict[int, list[int]] = {}
        for view in self._contract.functions:
            if view.is_constructor:
                continue
            limits = view.shared(Limits)
            written = {id(op.place.variable): limits.by_block(op.block) for op in view.writes}
            for key, limited in written.items():
                found = counts.setdefault(key, [0, 0, 0])
                found[0] += 1
                found[1] += not limited and view.is_entry
            for key in {id(op.place.variable) for op in view.reads}:
                counts.setdefault(key, [0, 0, 0])[2] += 1
        yield from ((key, _Variable(*found)) for key, found in counts.items())

    def _variable_flags(self, variable: StateVariable) -> tuple[float, ...]:
        used = self._variables.get(id(variable), _Variable(0, 0, 0))
        row = [0.0] * FLAGS
        row[0] = min(used.writers, 4) / 4
        row[1] = min(used.open_writers, 4) / 4
        row[2] = min(used.readers, 4) / 4
        row[3] = float(used.writers == 0)
        row[4] = float(variable.mutability == "constant")
        return tuple(row)

    def _function(self, view: FunctionView) -> list[float]:
        function, node = view.function, self._contract.node
        kind = "" if function is None else function.kind
        mutability = "" if function is None else function.mutability
        version = view.graph.frame.owner.unit.version
        return [
            float(function is not None and is_entry(function)),
            float(kind == "constructor"),
            float(kind in ("fallback", "receive")),
            float(kind == "modifier"),
            float(mutability == "payable"),
            float(mutability in ("view", "pure")),
            float(function is not None and bool(function.modifiers)),
            float(version >= (0, 8, 0)),
            float(version < (0, 5, 0)),
            float(node.tree.kind == "library"),
            float(node.tree.kind == "abstract"),
            float(bool(node.missing)),
            min(len(view.ops), 400) / 400,
            min(len(self._contract.functions), 40) / 40,
        ]


class _OwnArrays(NamedTuple):
    """What of a function's arrays its graph alone decides."""

    ops: tuple[Op, ...]
    words: list[tuple[int, int, int]]
    flags: list[tuple[float, ...]]
    edges: list[tuple[int, int, int]]


def _own_arrays(view: FunctionView) -> _OwnArrays:
    ops = _kept(view)
    words = [(kind_of(op), attribute_of(op), type_of(op.type)) for op in ops]
    flags = list(_flags(view, ops, _taints(view), view.shared(Limits)))
    return _OwnArrays(ops, words, flags, relations(view, ops))


def _kept(view: FunctionView) -> tuple[Op, ...]:
    """Return the ops that become nodes; of a large function, those of effect first."""
    ops = [op for op in view.ops if op.kind not in _LEFT_OUT]
    if len(ops) > MAX_NODES:
        chosen = sorted(range(len(ops)), key=lambda at: (ops[at].kind not in EFFECTS, at))
        ops = [ops[at] for at in sorted(chosen[:MAX_NODES])]
    return tuple(ops)


def _taints(view: FunctionView) -> dict[Op, int]:
    """Return what each value is made of: argument, caller, value, state, call, time, chance."""
    found: dict[Op, int] = {}
    for op in view.ops:
        mask = _own_taint(op) if op.kind in _BRINGS else 0
        for operand in op.operands:
            mask |= found.get(operand, 0)
        found[op] = mask
    return found


def _own_taint(op: Op) -> int:
    if op.kind == "param":
        return 1
    if op.kind == "load":
        return 8 if op.place.where == "storage" else 0
    if op.kind == "call":
        return 16
    name = str(op.attribute)
    if name in _TIME:
        return 32
    return 64 if name in _CHANCE else _TAINT.get(name, 0)


def _flags(
    view: FunctionView, ops: tuple[Op, ...], taints: dict[Op, int], limits: Limits
) -> Iterator[tuple[float, ...]]:
    blocks = view.graph.blocks
    for op in ops:
        limited, depth = limits.of(op.block)
        zero, large, constant = _constants(op.operands)
        yield (
            *_TAINT_ROWS[taints[op]],
            0.0 if op.checked else 1.0,
            0.0 if op.frame.function is view.function else 1.0,
            1.0 if limited else 0.0,
            min(depth, 4) / 4,
            1.0 if op.block in limits.loops else 0.0,
            constant,
            zero,
            large,
            0.0 if op.users else 1.0,
            1.0 if op is blocks[op.block].test else 0.0,
            *(_call_flags(op) if op.kind == "call" else _NO_CALL),
        )


def _constants(operands: tuple[Op, ...]) -> tuple[float, float, float]:
    """Return whether some operand is zero, large, constant at all."""
    zero = large = constant = 0.0
    for each in operands:
        if each.kind not in ("const", "zero"):
            continue
        constant = 1.0
        value = each.attribute if each.kind == "const" else 0
        if isinstance(value, int):
            if value == 0:
                zero = 1.0
            elif value > _LARGE:
                large = 1.0
    return zero, large, constant


def _call_flags(op: Op) -> tuple[float, ...]:
    call = op.call
    known = call.declaration
    return (
        float(call.value is not None),
        float(call.gas is not None),
        float(known is not None and known.mutability in ("view", "pure")),
        float(known is None),
    )
