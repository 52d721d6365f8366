"""What a rule is: facts about it, and a function from a contract's graphs to matches."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Frame, Op
from diptych.audit.graph.program import ContractNode
from diptych.audit.syntax.unit import Function

__all__ = ["Match", "Rule", "Spot", "asked_for", "declared"]


class Spot(NamedTuple):
    """A stretch of source that is no op: a declaration, a modifier, a pragma."""

    frame: Frame
    start: int
    end: int


class Stretch(Protocol):
    """Any node of the syntax tree."""

    @property
    def start(self) -> int:
        """Byte offset of the first byte."""

    @property
    def end(self) -> int:
        """Byte offset after the last byte."""


def declared(owner: ContractNode, tree: Stretch, function: Function | None = None) -> Spot:
    """Return the spot of a declaration.

    Args:
        owner: the contract whose source holds it, not one that inherits it.
        tree: the node of the syntax tree.
        function: the function that it is, or stands in.
    """
    return Spot(Frame(owner, function), tree.start, tree.end)


def asked_for(op: Op, *, entry: bool = False) -> Op | Spot:
    """Return where an op was asked for: itself, or the call of the library that it stands in.

    What goes wrong inside of `a.mul(b)` is the fault of who calls it.

    Args:
        op: what went wrong.
        entry: go back to the function that was entered from outside.
    """
    frame, place = op.frame, (op.start, op.end)
    while frame.caller is not None and (entry or frame.owner.tree.kind == "library"):
        place = frame.call
        frame = frame.caller
    if frame is op.frame or (frame.owner.tree.kind == "library" and not entry):
        return op
    return Spot(frame, *place)


class Match(NamedTuple):
    """One place where a rule speaks: what is at fault, why, and what belongs to it.

    `severity` is empty where it is the rule's own.
    """

    op: Op | Spot
    message: str
    related: tuple[Op | Spot, ...] = ()
    severity: str = ""


@dataclass(frozen=True)
class Rule:
    """A rule that runs on every contract of a scan; see docs/packages/audit.md to write one."""

    info: RuleInfo
    check: Callable[[ContractGraph], Iterator[Match]]
