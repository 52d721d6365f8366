"""Bytecode as instructions, and what its functions are.

Opcodes by the Ethereum yellow paper, appendix H, up to the Osaka fork.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from diptych.audit.syntax.unit import StateVariable

__all__ = ["JUMP", "JUMPDEST", "JUMPI", "Bytecode", "Entry", "Instruction"]

JUMP, JUMPI, JUMPDEST = 0x56, 0x57, 0x5B
_PUSH0, _PUSH32 = 0x5F, 0x7F
_ENDS = frozenset({0x00, 0xF3, 0xFD, 0xFE, 0xFF, JUMP, JUMPI})
_MAX_BLOCK = 4_096


class Instruction(NamedTuple):
    """One instruction: where it stands, its opcode, and what it pushes if it is a PUSH."""

    pc: int
    opcode: int
    size: int
    value: int = 0


class Entry(NamedTuple):
    """A function of the dispatcher: its selector in hex, where its code starts, what it takes."""

    selector: str
    pc: int
    arguments: str
    mutability: str


@dataclass(frozen=True)
class Bytecode:
    """Code that is at rest in a contract.

    Attributes:
        code: the bytes, without metadata.
        base: where the first byte's digits stand in the text.
        entries: functions by the place their code starts at.
        met: the words that the dispatcher leaves to each function; filled likewise.
        variables: what stands for each storage slot; filled when graphs are built.
        creation: the code that returned this one, if it is known; its variables are the same.
    """

    code: bytes
    base: int
    entries: dict[int, Entry] = field(default_factory=dict)
    met: dict[int, tuple[int | None, ...]] = field(default_factory=dict)
    variables: dict[int, StateVariable] = field(default_factory=dict)
    creation: "Bytecode | None" = None

    def span(self, pc: int, size: int) -> tuple[int, int]:
        """Return where an instruction's digits start and end in the text."""
        return self.base + 2 * pc, self.base + 2 * (pc + size)

    @cached_property
    def targets(self) -> frozenset[int]:
        """Where jumps may go."""
        found: list[int] = []
        at = 0
        while at < len(self.code):
            opcode = self.code[at]
            if opcode == JUMPDEST:
                found.append(at)
            at += 1 + max(0, opcode - _PUSH0) * (opcode <= _PUSH32)
        return frozenset(found)

    def block(self, pc: int) -> tuple[Instruction, ...]:
        """Return the instructions from one on to the next that ends a block or may be jumped to.

        Code that runs off its end stops, as the machine does.
        """
        if pc not in self._blocks:
            found: list[Instruction] = []
            at = pc
            while at < len(self.code) and len(found) < _MAX_BLOCK:
                each = self._instruction(at)
                if found and each.opcode == JUMPDEST:
                    break
                found.append(each)
                at += each.size
                if each.opcode in _ENDS:
                    break
            self._blocks[pc] = tuple(found) or (Instruction(pc, 0, 1),)
        return self._blocks[pc]

    def variable(self, slot: int) -> StateVariable:
        """Return what stands for a storage slot."""
        if slot not in self.variables:
            name = f"slot {slot:#x}"
            self.variables[slot] = StateVariable(0, 0, name, None, "private", "", None)
        return self.variables[slot]

    @cached_property
    def _blocks(self) -> dict[int, tuple[Instruction, ...]]:
        return {}

    def _instruction(self, at: int) -> Instruction:
        opcode = self.code[at]
        if _PUSH0 <= opcode <= _PUSH32:
            width = opcode - _PUSH0
            raw = self.code[at + 1 : at + 1 + width].ljust(width, b"\0")
            return Instruction(at, opcode, 1 + width, int.from_bytes(raw, "big"))
        return Instruction(at, opcode, 1)
