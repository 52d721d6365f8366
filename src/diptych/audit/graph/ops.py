"""The program graph of one function: blocks of operations in execution order.

Values are in static single assignment: an operation's operands are the operations that made them,
so def-use edges need no names. Conditions end blocks: a block with a `test` has two successors,
the first taken when the test holds.
"""

from collections.abc import Callable, Iterator
from copy import copy
from typing import Any, NamedTuple, TypeAlias

from diptych.audit.graph.program import ContractNode
from diptych.audit.graph.types import Type
from diptych.audit.syntax.unit import Function, StateVariable

__all__ = ["BasicBlock", "CallSite", "Frame", "FunctionGraph", "Op", "Place"]


class CallSite(NamedTuple):
    """What a call op does.

    `kind` is call, staticcall, delegatecall, callcode, send, transfer, high_level, create,
    library (of unknown source) or internal (known, but not inlined). `declaration` is the function
    called, where it is known.
    """

    kind: str
    name: str
    target: "Op | None" = None
    value: "Op | None" = None
    gas: "Op | None" = None
    arguments: tuple["Op", ...] = ()
    declaration: Function | None = None


class Place(NamedTuple):
    """Where a reference points.

    `where` is storage, transient, immutable, memory, calldata or unknown; `variable` the state
    variable at the root, if one is known; `field` the last step: a member's name, `[]` or empty.
    """

    where: str
    variable: StateVariable | None = None
    field: str = ""


class Room:
    """How much more may be kept with the ops of a graph."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = 0

    def takes(self, size: int) -> bool:
        """Whether there is room for so much; it is taken."""
        if size > self.left:
            return False
        self.left -= size
        return True


class Frame:
    """One function body inside of a graph: the entry function itself, or one inlined into it.

    `room` is shared by all bodies of a graph.
    """

    __slots__ = ("call", "caller", "function", "owner", "room")

    def __init__(
        self,
        owner: ContractNode,
        function: Function | None,
        caller: "Frame | None" = None,
        call: tuple[int, int] = (0, 0),
    ) -> None:
        self.owner = owner
        self.function = function
        self.caller = caller
        self.call = call
        self.room: Room = Room() if caller is None else caller.room

    def runs(self, function: Function) -> bool:
        """Whether a function's body is this one or round it."""
        frame: Frame | None = self
        while frame is not None:
            if frame.function is function:
                return True
            frame = frame.caller
        return False

    def stack(self) -> Iterator["Frame"]:
        """Yield this frame and its callers, innermost first."""
        frame: Frame | None = self
        while frame is not None:
            yield frame
            frame = frame.caller


Attribute: TypeAlias = "str | int | bytes | bool | CallSite | Place | Type | None"


class Op:
    """One operation: its kind, the ops whose values it takes, and the type of its own value."""

    __slots__ = (
        "attribute",
        "block",
        "cell",
        "checked",
        "end",
        "frame",
        "index",
        "kind",
        "made_from",
        "operands",
        "start",
        "type",
        "users",
    )

    def __init__(
        self,
        kind: str,
        operands: tuple["Op", ...],
        *,
        attribute: Attribute,
        value_type: Type,
        frame: Frame,
    ) -> None:
        self.kind = kind
        self.operands = operands
        self.attribute = attribute
        self.type = value_type
        self.frame = frame
        self.block = self.index = -1
        self.start = self.end = 0
        self.checked = True
        self.users: list[Op] = []
        self.cell: tuple[int, tuple[str, ...]] | None = None  # kept by `analysis.cells.cell_of`
        self.made_from: tuple[Op, ...] | None = None  # kept by `analysis.contract.sources`

    @property
    def call(self) -> CallSite:
        """The call site of a call op."""
        assert isinstance(self.attribute, CallSite)
        return self.attribute

    @property
    def place(self) -> Place:
        """The place of a ref, element, load, store, push, pop or parameter."""
        return self.attribute if isinstance(self.attribute, Place) else _NOWHERE

    def __repr__(self) -> str:
        return f"<{self.kind} {self.attribute!r} {self.start}:{self.end}>"


class BasicBlock:
    """Ops that run one after the other; `ending` is jump, branch, return, revert or stop."""

    __slots__ = ("ending", "index", "ops", "predecessors", "successors", "test")

    def __init__(self, index: int) -> None:
        self.index = index
        self.ops: list[Op] = []
        self.test: Op | None = None
        self.successors: list[int] = []
        self.predecessors: list[int] = []
        self.ending = "jump"


Asked: TypeAlias = tuple[Callable[..., object], tuple[Any, ...], object]
"""What was asked of a contract while a graph was built, with what, and the answer."""


class FunctionGraph:
    """An entry function with its modifiers and internal calls inlined, in one contract's context.

    `truncated` says that the size limit was reached and calls were left as `internal` ops; `work`
    is what it took to build, in ops and bodies; `asked` is all that was asked of the contract.
    """

    def __init__(self, contract: ContractNode, frame: Frame) -> None:
        self.contract = contract
        self.frame = frame
        self.blocks: list[BasicBlock] = []
        self.parameters: tuple[Op, ...] = ()
        self.results: list[tuple[Op, ...]] = []
        self.truncated = False
        self.work = 0
        self.asked: list[Asked] = []

    def holds_in(self, contract: ContractNode) -> bool:
        """Whether the function would be built the same in the context of another contract."""
        return all(ask(contract, *of) == answer for ask, of, answer in self.asked)

    def seen_from(self, contract: ContractNode) -> "FunctionGraph":
        """Return the same graph, blocks and all, in the context of another contract."""
        seen = copy(self)
        seen.contract = contract
        return seen

    @property
    def ops(self) -> Iterator[Op]:
        """All ops, block by block."""
        for block in self.blocks:
            yield from block.ops


_NOWHERE = Place("unknown")
