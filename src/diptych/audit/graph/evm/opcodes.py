"""What instructions take and give, and the value of those whose operands are known."""

from collections.abc import Callable
from typing import Final

__all__ = ["ENVIRONMENT", "OPERATORS", "SHAPES", "WORD", "fold"]

WORD: Final = (1 << 256) - 1

OPERATORS: Final = {
    0x01: "+",
    0x02: "*",
    0x03: "-",
    0x04: "/",
    0x05: "/",
    0x06: "%",
    0x07: "%",
    0x0A: "**",
    0x10: "<",
    0x11: ">",
    0x12: "<",
    0x13: ">",
    0x14: "==",
    0x16: "&",
    0x17: "|",
    0x18: "^",
}
ENVIRONMENT: Final = {
    0x30: "this",
    0x32: "tx.origin",
    0x33: "msg.sender",
    0x34: "msg.value",
    0x36: "calldatasize",
    0x38: "codesize",
    0x3A: "tx.gasprice",
    0x3D: "returndatasize",
    0x41: "block.coinbase",
    0x42: "block.timestamp",
    0x43: "block.number",
    0x44: "block.prevrandao",
    0x45: "block.gaslimit",
    0x46: "block.chainid",
    0x48: "block.basefee",
    0x4A: "block.blobbasefee",
    0x59: "msize",
    0x5A: "gas",
}
# How many words each other instruction takes and gives.
SHAPES: Final[dict[int, tuple[int, int]]] = {
    **dict.fromkeys((0x00, 0x5B, 0xFE), (0, 0)),
    **dict.fromkeys(OPERATORS, (2, 1)),
    **dict.fromkeys(ENVIRONMENT, (0, 1)),
    **dict.fromkeys((0x08, 0x09), (3, 1)),
    **dict.fromkeys((0x0B, 0x1A, 0x1B, 0x1C, 0x1D, 0x20), (2, 1)),
    **dict.fromkeys((0x15, 0x19, 0x1E, 0x31, 0x35, 0x3B, 0x3F, 0x40, 0x49), (1, 1)),
    **dict.fromkeys((0x51, 0x54, 0x5C), (1, 1)),
    **dict.fromkeys((0x47, 0x58), (0, 1)),
    **dict.fromkeys((0x37, 0x39, 0x3E, 0x5E), (3, 0)),
    **dict.fromkeys((0x52, 0x53, 0x55, 0x57, 0x5D, 0xF3, 0xFD), (2, 0)),
    **dict.fromkeys((0x50, 0x56, 0xFF), (1, 0)),
    0x3C: (4, 0),
    **{0xA0 + topics: (2 + topics, 0) for topics in range(5)},
    0xF0: (3, 1),
    0xF5: (4, 1),
    **dict.fromkeys((0xF1, 0xF2), (7, 1)),
    **dict.fromkeys((0xF4, 0xFA), (6, 1)),
}


def _power(base: int, exponent: int) -> int:
    return pow(base, exponent, 1 << 256)


_FOLDS: Final[dict[int, Callable[[int, int], int]]] = {
    0x01: lambda a, b: (a + b) & WORD,
    0x02: lambda a, b: (a * b) & WORD,
    0x03: lambda a, b: (a - b) & WORD,
    0x04: lambda a, b: a // b if b else 0,
    0x06: lambda a, b: a % b if b else 0,
    0x0A: _power,
    0x10: lambda a, b: int(a < b),
    0x11: lambda a, b: int(a > b),
    0x14: lambda a, b: int(a == b),
    0x16: lambda a, b: a & b,
    0x17: lambda a, b: a | b,
    0x18: lambda a, b: a ^ b,
    0x1B: lambda a, b: (b << a) & WORD if a < 256 else 0,
    0x1C: lambda a, b: b >> a if a < 256 else 0,
}


def fold(opcode: int, values: tuple[int | None, ...]) -> int | None:
    """Return what an instruction makes of its operands, top of the stack first, if it is known."""
    if len(values) == 2 and opcode in _FOLDS:
        first, second = values
        return None if first is None or second is None else _FOLDS[opcode](first, second)
    if len(values) == 1 and values[0] is not None:
        if opcode == 0x15:
            return int(values[0] == 0)
        if opcode == 0x19:
            return values[0] ^ WORD
    return None
