"""The state while one function graph is built: the block being filled and what locals hold.

Locals become values at once: `env` maps a local's key to the op that made its value, copied where
control flow parts and merged by phi ops where it joins.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from diptych.audit.graph.ops import Attribute, BasicBlock, Frame, FunctionGraph, Op
from diptych.audit.graph.types import UNKNOWN, Type
from diptych.audit.syntax.statements import AssemblyFunction, Statement
from diptych.audit.syntax.tree import Expression

__all__ = ["MAX_DEPTH", "Builder", "Exit", "Local", "Lowering", "Scope"]

# Deeper than this, counted over all inlined calls, Python would run out of stack.
MAX_DEPTH = 160
_TYPED = frozenset({"binary", "call", "element", "load", "member", "pick", "slice", "unknown"})

Env = dict[int, Op]
Answer = TypeVar("Answer")


class Spanned(Protocol):
    """Anything that stands somewhere in the source."""

    @property
    def start(self) -> int:
        """Where it starts, in bytes."""

    @property
    def end(self) -> int:
        """Where it ends."""


class Local(NamedTuple):
    """A local variable: its key in the environment, its type and where its data lies."""

    key: int
    type: Type
    where: str


class Exit(NamedTuple):
    """A block from which control leaves a loop, a body or a branch, and the locals there."""

    block: BasicBlock
    env: Env


class Scope:
    """What a running body knows: its frame, its locals by name, and where jumps go."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.owner = frame.owner
        unit = frame.owner.unit
        self.is_vyper = unit.tree.language == "vyper"
        self.meanings = unit.meanings
        self.checks_overflow = unit.checks_overflow
        self.is_scoped = unit.is_scoped
        self.names: list[dict[str, Local]] = [{}]
        self.results: tuple[Local, ...] = ()
        self.returns: list[Exit] = []
        self.breaks: list[list[Exit]] = []
        self.continues: list[list[Exit]] = []
        self.placeholder: Callable[[], None] | None = None
        self.unchecked = 0
        self.in_assembly = False
        self.functions: dict[str, AssemblyFunction] = {}
        self.running: frozenset[str] = frozenset()

    def find(self, name: str) -> Local | None:
        """Return the innermost local of a name."""
        for names in reversed(self.names):
            if name in names:
                return names[name]
        return None

    def open(self) -> None:
        """Keep the names that follow inside of a block, as Solidity does since 0.5."""
        if self.is_scoped:
            self.names.append({})

    def close(self) -> None:
        """Forget the names of the block that ends."""
        if self.is_scoped:
            self.names.pop()


class Lowering(NamedTuple):
    """How the parts of the lowering reach each other."""

    values: Mapping[type, Callable[["Builder", Any], Op]]
    run: Callable[["Builder", Statement], None]


class Builder:
    """One function graph under construction."""

    def __init__(self, graph: FunctionGraph, lowering: Lowering, max_ops: int) -> None:
        self.graph = graph
        self.lowering = lowering
        self._values = lowering.values
        self.room = max_ops
        self.env: Env = {}
        self.scope = Scope(graph.frame)
        self.constants_open = 0
        self.depth = 0
        self._keys = 0
        self._types: dict[int, Type] = {}
        self.block: BasicBlock = self.new_block()

    def ask(self, question: Callable[..., Answer], *about: object) -> Answer:
        """Ask something of the contract whose overrides and state count, and note the answer.

        Nothing else about that contract may play a part in how a function is built.
        """
        answer = question(self.graph.contract, *about)
        self.graph.asked.append((question, about, answer))
        return answer

    # --- values ---------------------------------------------------------------------------------

    def value(self, node: Expression) -> Op:
        """Lower an expression to the op that makes its value."""
        if self.room <= 0 or self.depth > MAX_DEPTH:
            self.graph.truncated = True
            return self.op("unknown", node, attribute="limit")
        self.depth += 1
        made = self._values[type(node)](self, node)
        self.depth -= 1
        return made

    def run(self, node: Statement) -> None:
        """Lower a statement."""
        self.lowering.run(self, node)

    def op(
        self,
        kind: str,
        node: Spanned | None = None,
        operands: tuple[Op, ...] = (),
        *,
        attribute: Attribute = None,
        type: Type = UNKNOWN,
    ) -> Op:
        """Append an op to the current block."""
        scope, block = self.scope, self.block
        ops = block.ops
        made = Op(kind, operands, attribute=attribute, value_type=type, frame=scope.frame)
        if node is not None:
            made.start, made.end = start, end = node.start, node.end
            if scope.meanings is not None and type is UNKNOWN and kind in _TYPED:
                made.type = scope.meanings.type_at(start, end, scope.frame.owner)
        made.block, made.index = block.index, len(ops)
        if scope.unchecked or not scope.checks_overflow:
            made.checked = False
        ops.append(made)
        self.room -= 1
        return made

    # --- locals ---------------------------------------------------------------------------------

    def declare(self, name: str, kind: Type, where: str = "", value: Op | None = None) -> Local:
        """Make a local in the innermost scope."""
        self._keys += 1
        local = Local(self._keys, kind, where)
        self._types[local.key] = kind
        if name:
            self.scope.names[-1][name] = local
        self.env[local.key] = value or self.op("zero", type=kind)
        return local

    def read(self, local: Local) -> Op:
        """Return what a local holds; its default where no way to here gave it a value."""
        if local.key not in self.env:
            self.env[local.key] = self.op("zero", type=local.type)
        return self.env[local.key]

    def enter(self, scope: Scope) -> tuple[Scope, Env]:
        """Begin a body whose locals are its own; returns the caller's, which it cannot change."""
        caller = (self.scope, self.env)
        self.scope, self.env = scope, {}
        return caller

    def leave(self, caller: tuple[Scope, Env]) -> None:
        """Go on with the caller of a body that ends."""
        self.scope, self.env = caller

    # --- control flow ---------------------------------------------------------------------------

    def new_block(self) -> BasicBlock:
        """Add an empty block."""
        block = BasicBlock(len(self.graph.blocks))
        self.graph.blocks.append(block)
        return block

    def link(self, source: BasicBlock, target: BasicBlock) -> None:
        """Add a control-flow edge, unless nothing reaches its source."""
        if source.index < 0:
            return
        source.successors.append(target.index)
        target.predecessors.append(source.index)

    @property
    def live(self) -> bool:
        """Whether control can reach the current block."""
        return self.block.index >= 0

    def here(self) -> Exit:
        """Return the current block with a copy of the locals."""
        return Exit(self.block, dict(self.env))

    def branch(self, test: Op) -> tuple[Exit, Exit]:
        """End the block with a test: where it goes when the test holds, and when it does not."""
        self.block.test, self.block.ending = test, "branch"
        if self.block.index < 0:
            return Exit(BasicBlock(-1), dict(self.env)), Exit(BasicBlock(-1), dict(self.env))
        yes, no = self.new_block(), self.new_block()
        self.link(self.block, yes)
        self.link(self.block, no)
        return Exit(yes, dict(self.env)), Exit(no, dict(self.env))

    def resume(self, exit_: Exit) -> None:
        """Go on filling a block."""
        self.block, self.env = exit_.block, exit_.env

    def join_returns(self, returns: Sequence[Exit]) -> None:
        """Join the ways out of a body with its end."""
        if returns:
            self.join((*returns, self.here()))

    def join(self, exits: Iterable[Exit]) -> None:
        """Start a block that all exits lead to; with none, one that nothing reaches."""
        exits = [each for each in exits if each.block.index >= 0]
        if not exits:
            self.block = BasicBlock(-1)
            return
        if len(exits) == 1 and not exits[0].block.successors:
            self.resume(exits[0])
            return
        block = self.new_block()
        for each in exits:
            self.link(each.block, block)
        self.block = block
        self.env = self._merged([each.env for each in exits])

    def _merged(self, envs: list[Env]) -> Env:
        """Merge locals; one that only some ways declared is zero on the others.

        Such a local can be named afterwards only where names live as long as the function, as
        they did before Solidity 0.5.
        """
        hoists = not self.scope.is_scoped
        keys = dict.fromkeys(key for env in envs for key in env) if hoists else envs[0]
        merged: Env = {}
        first, *rest = envs
        for key in keys:
            same = first.get(key)
            if same is not None and all([env.get(key) is same for env in rest]):
                merged[key] = same
                continue
            values = [env.get(key) for env in envs]
            known = [value for value in values if value is not None]
            if len(known) == len(values) or hoists:
                kind = self._type_of(key, known[0])
                full = tuple(value or self.op("zero", type=kind) for value in values)
                merged[key] = self.op("phi", None, full, type=kind)
        return merged

    def _type_of(self, key: int, value: Op) -> Type:
        """Return a local's type: as declared, or its value's where the declaration names none."""
        declared = self._types.get(key, UNKNOWN)
        return value.type if declared is UNKNOWN else declared

    def finish(self, ending: str) -> None:
        """End the block for good: return, revert or stop. What follows is unreachable."""
        self.block.ending = ending
        self.block = BasicBlock(-1)

    def loop_header(self, keys: Iterable[int]) -> tuple[BasicBlock, dict[int, Op]]:
        """Start a block that will be jumped back to; the locals of `keys` change inside."""
        header = self.new_block()
        self.link(self.block, header)
        self.block = header
        phis: dict[int, Op] = {}
        for key in keys:
            if key in self.env:
                before = self.env[key]
                phis[key] = self.op("phi", None, (before,), type=self._type_of(key, before))
        self.env.update(phis)
        return header, phis

    def jump_back(self, header: BasicBlock, phis: dict[int, Op]) -> None:
        """Close a loop from the current block."""
        self.link(self.block, header)
        for key, phi in phis.items():
            phi.operands = (*phi.operands, self.env.get(key, phi))
