"""What instructions do to the stack, to memory and to storage, as ops."""

from collections.abc import Callable, Sequence
from typing import Final

from diptych.audit.graph.evm import calls
from diptych.audit.graph.evm.memory import Memory, address
from diptych.audit.graph.evm.opcodes import ENVIRONMENT, OPERATORS, SHAPES, fold
from diptych.audit.graph.evm.places import Places
from diptych.audit.graph.evm.words import binary, is_zero, truth, value_of
from diptych.audit.graph.ops import Attribute, BasicBlock, Frame, Op, Place
from diptych.audit.graph.types import ADDRESS, UINT256, Type
from diptych.audit.syntax.evm.code import JUMP, JUMPI, Bytecode, Instruction

__all__ = ["Machine"]

_ADDRESSES = frozenset({"msg.sender", "tx.origin", "this", "block.coinbase"})
_WORD = Type("fixed_bytes", 256)
_TYPED = 0x1901 << 240
_HEAD = 4  # bytes of the selector before the arguments
_NAMES: Final = {
    0x08: "addmod",
    0x09: "mulmod",
    0x0B: "signextend",
    0x1A: "byte",
    0x3B: "extcodesize",
    0x3F: "extcodehash",
    0x49: "blobhash",
    0x58: "pc",
    0x1E: "clz",
}
_COPIES: Final = {
    0x37: "calldatacopy",
    0x39: "codecopy",
    0x3C: "extcodecopy",
    0x3E: "returndatacopy",
}


class Machine:
    """One block as it runs."""

    def __init__(self, code: Bytecode, frame: Frame, block: BasicBlock) -> None:
        self.code: Final = code
        self.frame: Final = frame
        self.block: Final = block
        self.stack: list[Op] = []
        self.memory = Memory()
        self.test: Op | None = None
        self._at = code.span(0, 0)

    def make(
        self,
        kind: str,
        operands: Sequence[Op],
        *,
        attribute: Attribute = None,
        type: Type = UINT256,  # as in the builder of source graphs
    ) -> Op:
        """Append an op to the block."""
        made = Op(kind, tuple(operands), attribute=attribute, value_type=type, frame=self.frame)
        made.start, made.end = self._at
        made.block, made.index = self.block.index, len(self.block.ops)
        self.block.ops.append(made)
        return made

    def const(self, value: int, kind: Type = UINT256) -> Op:
        """Append a constant."""
        return self.make("const", (), attribute=value, type=kind)

    def pop(self) -> Op:
        """Take the top word."""
        return self.stack.pop() if self.stack else self.make("unknown", ())

    def take(self, count: int) -> tuple[Op, ...]:
        """Take some words, the top one first."""
        return tuple(self.pop() for _ in range(count))

    def run(self, instructions: Sequence[Instruction]) -> None:
        """Run a block to its end."""
        for each in instructions:
            self._at = self.code.span(each.pc, each.size)
            self._one(each)

    def _one(self, each: Instruction) -> None:
        opcode = each.opcode
        if 0x5F <= opcode <= 0x7F:
            self.stack.append(self.const(each.value))
        elif 0x80 <= opcode <= 0x9F:
            self._move(opcode)
        elif opcode in SHAPES:
            takes, gives = SHAPES[opcode]
            if opcode == JUMPI:
                self.pop()
                self.test = truth(self.make, self.pop())
                return
            taken = self.take(takes)
            made = self._result(each, taken)
            if gives:
                self.stack.append(made if made is not None else self.make("unknown", taken))
        else:
            self.make("revert", ())
            self.block.ending = "revert"

    def _move(self, opcode: int) -> None:
        depth = opcode & 0x0F
        while len(self.stack) < depth + 2:
            self.stack.insert(0, self.make("unknown", ()))
        if opcode < 0x90:
            self.stack.append(self.stack[-depth - 1])
        else:
            self.stack[-1], self.stack[-depth - 2] = self.stack[-depth - 2], self.stack[-1]

    def _result(self, each: Instruction, taken: tuple[Op, ...]) -> Op | None:
        known = fold(each.opcode, tuple(value_of(op) for op in taken))
        if known is not None:
            return self.const(known)
        if each.opcode in ENVIRONMENT:
            name = ENVIRONMENT[each.opcode]
            return self.make(
                "env", (), attribute=name, type=ADDRESS if name in _ADDRESSES else UINT256
            )
        if each.opcode in OPERATORS:
            return binary(self.make, OPERATORS[each.opcode], taken)
        if each.opcode in _NAMES:
            return self.make("assembly", taken, attribute=_NAMES[each.opcode])
        if each.opcode in _COPIES:
            copied = self.make("assembly", taken, attribute=_COPIES[each.opcode])
            self.memory.put(address(taken[1 if each.opcode == 0x3C else 0]), copied)
            return copied
        does = _EFFECTS.get(each.opcode)
        return None if does is None else does(self, each.opcode, taken)


def _is_zero(machine: Machine, _opcode: int, taken: tuple[Op, ...]) -> Op:
    return is_zero(machine.make, taken[0])


def _not(machine: Machine, _opcode: int, taken: tuple[Op, ...]) -> Op:
    return machine.make("unary", taken, attribute="~")


def _shift(machine: Machine, opcode: int, taken: tuple[Op, ...]) -> Op:
    if value_of(taken[0]) == 0:
        return taken[1]
    sign = "<<" if opcode == 0x1B else ">>"
    return machine.make("binary", taken[::-1], attribute=sign)


def _hash(machine: Machine, _opcode: int, taken: tuple[Op, ...]) -> Op:
    size = value_of(taken[1])
    words = machine.memory.read(address(taken[0]), size)
    if not words and size != 0:  # copied there in a loop
        words = machine.memory.latest()
    if len(words) > 1 and value_of(words[0]) == _TYPED and words[1].kind == "load":
        words[1].type = _WORD  # the hash of the domain, by EIP-712
    return machine.make("builtin", words, attribute="keccak256", type=_WORD)


def _input(machine: Machine, _opcode: int, taken: tuple[Op, ...]) -> Op:
    offset = value_of(taken[0])
    function = machine.frame.function
    if function is not None and offset is not None and offset >= _HEAD:
        at, rest = divmod(offset - _HEAD, 32)
        if rest == 0 and at < len(function.parameters):
            place = Place("value", None, function.parameters[at].name)
            kind = machine.frame.owner.type_of(function.parameters[at].type)
            return machine.make("param", (), attribute=place, type=kind)
    if offset == 0:
        return machine.make("env", (), attribute="msg.sig")
    return machine.make("assembly", taken, attribute="calldataload")


def _account(machine: Machine, opcode: int, taken: tuple[Op, ...]) -> Op:
    held = taken or (machine.make("env", (), attribute="this", type=ADDRESS),)
    return machine.make("account", held, attribute="balance")


def _block_hash(machine: Machine, _opcode: int, taken: tuple[Op, ...]) -> Op:
    return machine.make("builtin", taken, attribute="blockhash", type=_WORD)


def _from_memory(machine: Machine, _opcode: int, taken: tuple[Op, ...]) -> Op:
    where = address(taken[0])
    known = machine.memory.words.get(where)
    if known is None:
        known = machine.make("load", taken, attribute=Place("memory"), type=UINT256)
        machine.memory.put(where, known)
    return known


def _to_memory(machine: Machine, opcode: int, taken: tuple[Op, ...]) -> None:
    where, value = taken
    if opcode == 0x52:
        machine.memory.put(address(where), value)


def _copy_memory(machine: Machine, _opcode: int, taken: tuple[Op, ...]) -> None:
    to, origin, size = taken
    (base, start), (other, offset) = address(to), address(origin)
    for at in range(0, min(value_of(size) or 0, 320), 32):
        word = machine.memory.words.get((other, offset + at))
        if word is not None:
            machine.memory.put((base, start + at), word)


def _from_storage(machine: Machine, opcode: int, taken: tuple[Op, ...]) -> Op:
    where = "storage" if opcode == 0x54 else "transient"
    target = Places(machine.code, machine.make, where).of(taken[0])
    return machine.make("load", (target,), attribute=target.place, type=UINT256)


def _to_storage(machine: Machine, opcode: int, taken: tuple[Op, ...]) -> Op:
    where = "storage" if opcode == 0x55 else "transient"
    target = Places(machine.code, machine.make, where).of(taken[0])
    return machine.make("store", (target, taken[1]), attribute=target.place, type=UINT256)


def _log(machine: Machine, opcode: int, taken: tuple[Op, ...]) -> Op:
    words = machine.memory.read(address(taken[0]), value_of(taken[1]))
    return machine.make("emit", (*taken[2:], *words), attribute=f"log{opcode - 0xA0}")


def _end(machine: Machine, opcode: int, taken: tuple[Op, ...]) -> Op:
    if opcode == 0xFF:
        machine.block.ending = "stop"
        return machine.make("selfdestruct", taken)
    if opcode in (0xFD, 0xFE):
        machine.block.ending = "revert"
        return machine.make("revert", ())
    machine.block.ending = "return"
    if opcode == 0x00:
        return machine.make("end", ())
    return machine.make("return", machine.memory.read(address(taken[0]), value_of(taken[1])))


def _call(machine: Machine, opcode: int, taken: tuple[Op, ...]) -> Op:
    made, result = calls.called(opcode, taken, machine.memory, machine.make)
    if result is not None:
        out = taken[-2:]
        machine.memory.put(address(out[0]), result)
    return made


def _create(machine: Machine, opcode: int, taken: tuple[Op, ...]) -> Op:
    return calls.created(taken, machine.make)


def _jump(_machine: Machine, _opcode: int, _taken: tuple[Op, ...]) -> None:
    return None


_EFFECTS: Final[dict[int, Callable[[Machine, int, tuple[Op, ...]], Op | None]]] = {
    0x00: _end,
    0x15: _is_zero,
    0x19: _not,
    **dict.fromkeys((0x1B, 0x1C, 0x1D), _shift),
    0x20: _hash,
    **dict.fromkeys((0x31, 0x47), _account),
    0x35: _input,
    0x40: _block_hash,
    0x51: _from_memory,
    **dict.fromkeys((0x52, 0x53), _to_memory),
    **dict.fromkeys((0x54, 0x5C), _from_storage),
    **dict.fromkeys((0x55, 0x5D), _to_storage),
    0x5E: _copy_memory,
    **dict.fromkeys(range(0xA0, 0xA5), _log),
    **dict.fromkeys((0xF1, 0xF2, 0xF4, 0xFA), _call),
    **dict.fromkeys((0xF0, 0xF5), _create),
    **dict.fromkeys((0xF3, 0xFD, 0xFE, 0xFF), _end),
    JUMP: _jump,
}
