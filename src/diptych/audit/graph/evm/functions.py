"""The graph of one function of bytecode, and of what runs when no selector is met."""

from diptych.audit.graph.evm.explore import Stack, explore
from diptych.audit.graph.evm.lift import lift
from diptych.audit.graph.ops import Frame, FunctionGraph
from diptych.audit.graph.program import ContractNode
from diptych.audit.syntax.evm.code import Bytecode

__all__ = ["lift_function"]

_SPARE = (None,) * 16
_MAX_NODES = 1_500
_MAX_CREATION_NODES = 600


def lift_function(
    contract: ContractNode, frame: Frame, code: Bytecode, max_ops: int
) -> FunctionGraph:
    """Build the graph of a function.

    Args:
        contract: whose code it is.
        frame: the function; where it starts in the text says where its code starts.
        code: the code.
        max_ops: size after which the rest is left out.
    """
    function = frame.function
    if function is not None and function.kind == "constructor" and code.creation is not None:
        return _constructor(contract, frame, code.creation, max_ops)
    start = 0 if function is None else (function.start - code.base) // 2
    if start not in code.entries:
        explored = explore(code, 0, (), without=code.entries, limit=_MAX_NODES)
        jumps_by_table = bool(explored.copied and code.entries)  # as Vyper finds functions
        explored.truncated |= explored.loose and not jumps_by_table
    else:
        met: Stack = _dispatched(code).get(start, _SPARE)
        explored = explore(code, start, met, limit=_MAX_NODES)
        explored.truncated |= explored.loose
    return lift(FunctionGraph(contract, frame), code, explored, max_ops)


def _constructor(
    contract: ContractNode, frame: Frame, creation: Bytecode, max_ops: int
) -> FunctionGraph:
    """Build the graph of what runs once; what cannot be followed of it costs nothing else."""
    explored = explore(creation, 0, (), limit=_MAX_CREATION_NODES)
    return lift(FunctionGraph(contract, frame), creation, explored, max_ops)


def _dispatched(code: Bytecode) -> dict[int, Stack]:
    """Return the words that the dispatcher leaves to each function."""
    if not code.met:
        found = explore(code, 0, (), without=code.entries, limit=_MAX_NODES).met
        code.met.update({**dict.fromkeys(code.entries, _SPARE), **found})
    return code.met
