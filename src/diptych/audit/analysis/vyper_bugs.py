"""Known faults of Vyper's compilers, each with the ops that bring it out.

Names and version ranges are facts of the advisories that the Vyper team publishes
(github.com/vyperlang/vyper/security/advisories). Faults that nothing in the source gives away are
not listed.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from diptych.audit.analysis.contract import FunctionView, sources
from diptych.audit.graph.ops import Op
from diptych.audit.syntax.vyper.versions import Version

__all__ = ["VYPER_BUGS", "VyperBug"]


class VyperBug(NamedTuple):
    """One fault: what goes wrong, the versions from `introduced` to before `fixed`, and where."""

    name: str
    introduced: Version
    fixed: Version
    trigger: Callable[[FunctionView], Iterator[Op]]


def _builtins(view: FunctionView, *names: str) -> Iterator[Op]:
    return (op for op in view.ops if op.kind == "builtin" and op.attribute in names)


def _is_constant(op: Op) -> bool:
    return all(each.kind in ("const", "cast") for each in sources(op))


def _delegated_value(view: FunctionView) -> Iterator[Op]:
    return (op for op in view.calls if op.call.kind == "delegatecall" and op.call.value is not None)


def _slices(view: FunctionView) -> Iterator[Op]:
    for op in view.ops:
        if op.kind == "slice" and not any(_is_constant(each) for each in op.operands[1:]):
            yield op


def _extracts(view: FunctionView) -> Iterator[Op]:
    for op in _builtins(view, "extract32"):
        if not all(_is_constant(each) for each in op.operands[1:]):
            yield op


def _recoveries(view: FunctionView) -> Iterator[Op]:
    return _builtins(view, "ecrecover")


def _concatenations(view: FunctionView) -> Iterator[Op]:
    """Yield joins of bytes inside of internal functions, whose memory can be written over."""
    for op in _builtins(view, "bytes.concat"):
        function = op.frame.function
        if function is not None and function.visibility == "internal":
            yield op


def _signed_keys(view: FunctionView) -> Iterator[Op]:
    items = (op for op in view.ops if op.kind == "element" and len(op.operands) > 1)
    for op in items:
        base, key = op.operands[:2]
        if base.type.kind == "array" and key.type.kind == "int" and not _is_constant(key):
            yield op


def _logs_of_storage(view: FunctionView) -> Iterator[Op]:
    logs = (op for op in view.ops if op.kind == "emit" and op.attribute == "raw_log")
    yield from (op for op in logs if any(each.place.where == "storage" for each in op.operands))


def _roots(view: FunctionView) -> Iterator[Op]:
    return _builtins(view, "sqrt")


_SECOND: Version = (0, 2, 0)
_FOURTH: Version = (0, 4, 0)
VYPER_BUGS = (
    VyperBug("raw_call drops the value of a delegate call", _SECOND, _FOURTH, _delegated_value),
    VyperBug("slice checks its bounds with a sum that wraps", _SECOND, _FOURTH, _slices),
    VyperBug("extract32 can read beyond its bytes", _SECOND, _FOURTH, _extracts),
    VyperBug("ecrecover can give what lay in memory", _SECOND, (0, 3, 10), _recoveries),
    VyperBug("concat can write over the caller's memory", (0, 3, 0), _FOURTH, _concatenations),
    VyperBug("a negative index passes for a large one", _SECOND, _FOURTH, _signed_keys),
    VyperBug("raw_log logs the slot of a stored topic", _SECOND, _FOURTH, _logs_of_storage),
    VyperBug("sqrt can round up", _SECOND, (0, 4, 2), _roots),
)
