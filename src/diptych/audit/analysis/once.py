"""What runs once: writes that a flag, or the written value itself, bars a second time."""

from diptych.audit.analysis.cells import Cell, cell_of, overlap
from diptych.audit.analysis.contract import FunctionView, sources
from diptych.audit.analysis.locks import is_lock_test
from diptych.audit.analysis.paths import all_facts
from diptych.audit.analysis.values import unwrapped
from diptych.audit.graph.ops import Op

__all__ = ["runs_once"]

_CHOSEN = frozenset({"msg.sender", "tx.origin", "msg.value"})


def runs_once(view: FunctionView, op: Op, *, ever: bool = False) -> bool:
    """Whether a condition on state that the same function changes bars a second run.

    A comparison with an argument, as in `require(given != owner)`, bars nothing; nor does a flag
    that each caller has for himself.

    Args:
        view: the function.
        op: what runs once.
        ever: count only what is set to a constant for all, as initialisers do: no entry of a
            mapping, which bars a second run for that entry alone.
    """
    tests = [each.test for each in all_facts(view, op) if not is_lock_test(view, each.test)]
    if not tests:
        return False
    written = [cell_of(write) for write in view.writes if not ever or _is_switch(write)]
    return any(_looks_at(test, written) for test in tests if not _is_chosen(test))


def _is_switch(write: Op) -> bool:
    value = unwrapped(write.operands[-1])
    return value.kind == "const" and "[]" not in cell_of(write).path


def _looks_at(test: Op, written: list[Cell]) -> bool:
    return any(
        each.kind == "load" and any(overlap(cell_of(each), cell) for cell in written)
        for each in sources(test)
    )


def _is_chosen(test: Op) -> bool:
    return any(
        each.kind == "param" or (each.kind == "env" and each.attribute in _CHOSEN)
        for each in sources(test)
    )
