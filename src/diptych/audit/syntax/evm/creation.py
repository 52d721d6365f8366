"""Creation code: which part of it is returned and becomes the contract's code."""

from itertools import combinations

from diptych.audit.syntax.evm.code import Bytecode, Instruction

__all__ = ["runtime_span"]

_CODECOPY, _RETURN, _STOP = 0x39, 0xF3, 0x00
_CALLDATALOAD, _CALLDATASIZE = 0x35, 0x36
_LEAST = 4  # bytes of runtime code that are worth it
_MAX_BLOCKS = 4_000


def runtime_span(code: bytes) -> tuple[int, int]:
    """Return where runtime code starts and ends in creation code; all of it in any other code.

    Creation code copies a part of itself to memory and returns it, in one block that Solidity and
    Vyper write with constants; runtime code looks at its input before it returns anything.
    """
    reader = Bytecode(code, 0)
    at = blocks = 0
    while at < len(code) and blocks < _MAX_BLOCKS:
        block = reader.block(at)
        blocks += 1
        found = _copied(block, len(code))
        if found is not None:
            return found
        if any(each.opcode in (_CALLDATALOAD, _CALLDATASIZE) for each in block):
            break
        at = block[-1].pc + block[-1].size
    return 0, len(code)


def _copied(block: tuple[Instruction, ...], total: int) -> tuple[int, int] | None:
    """Return what part of the code a block returns, if it ends so."""
    if block[-1].opcode != _RETURN:
        return None
    found: list[tuple[int, int]] = []
    for at, each in enumerate(block):
        if each.opcode == _CODECOPY:
            words = [e.value for e in block[max(0, at - 6) : at] if 0x5F <= e.opcode <= 0x7F]
            fits = [
                (size, start)
                for size, start in combinations(words, 2)
                if size >= _LEAST and each.pc < start and start + size <= total
            ]
            found = fits or found  # what is returned is copied last, constants of strings before
    if not found:
        return None
    size, start = max(found)  # the size is pushed first
    return start, start + size
