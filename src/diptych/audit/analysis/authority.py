"""What a signature is for: whether what is signed says what is done, and how often."""

from diptych.audit.analysis.cells import cell_of
from diptych.audit.analysis.contract import FunctionView, sources
from diptych.audit.analysis.signatures import Recovery
from diptych.audit.analysis.uses import tests
from diptych.audit.graph.ops import Op

__all__ = ["is_order", "may_be_counted"]

_COMPUTED = -1


def is_order(view: FunctionView, recovery: Recovery, digest: tuple[Op, ...]) -> bool:
    """Whether an argument that is signed goes into what is done; else the signature is a report.

    Who sends a signed price again, to do what he may do anyway, wins nothing by it but time.
    """
    signed = {id(each) for each in digest if each.kind == "param"}
    if not signed:
        return False
    effects = (*view.writes, *(call for call in view.calls if call is not recovery.op))
    return any(
        id(each) in signed for op in effects for operand in op.operands for each in sources(operand)
    )


def may_be_counted(view: FunctionView) -> bool:
    """Whether what is kept in computed slots is looked at and written, as nonces may be there."""
    written = any(cell_of(write).variable == _COMPUTED for write in view.writes)
    return written and any(
        each.kind == "load"
        and each.place.where == "storage"
        and cell_of(each).variable == _COMPUTED
        for test in tests(view)
        for each in sources(test)
    )
