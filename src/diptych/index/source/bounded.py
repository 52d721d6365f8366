"""JSON of endpoints and files, decoded by msgspec within bounds.

msgspec is recursive and stops only at the interpreter's recursion limit, which some libraries raise
until deep nesting overflows the C stack and ends the process. So the depth is measured before.
"""

from typing import Any, TypeVar

import msgspec
import numpy as np

from diptych.ledger.errors import MalformedAnswer

T = TypeVar("T")
MAX_DEPTH = 4096
"""Calls nest 1,024 deep in the EVM, two levels of JSON each."""
_NOT_STRUCTURE = bytes(byte for byte in range(256) if byte not in b'"[]{}')
_STEPS = np.zeros(256, np.int8)
_STEPS[[ord("["), ord("{")]] = 1
_STEPS[[ord("]"), ord("}")]] = -1


def read_json(
    raw: bytes, kind: type[T] | Any = Any, *, max_bytes: int, max_depth: int = MAX_DEPTH
) -> Any:
    """Decode JSON, into structs if told which.

    Args:
        raw: UTF-8 text.
        kind: such as `list[RawLog]`; by default whatever it is.
        max_bytes: longest text accepted.
        max_depth: deepest nesting accepted.

    Raises:
        MalformedAnswer: no JSON, fields that are missing or of the wrong type, or a limit.

    >>> read_json(b'{"number": "0x1"}', max_bytes=100)
    {'number': '0x1'}
    """
    if len(raw) > max_bytes:
        raise MalformedAnswer(f"got {len(raw)} bytes of JSON, expected at most {max_bytes}")
    require_shallow(raw, max_depth)
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedAnswer(f"got JSON that cannot be read: {str(error)[:200]}") from None


def require_shallow(raw: bytes, max_depth: int) -> None:
    """Refuse JSON that is nested too deeply; some 0.6 ns a byte.

    Raises:
        MalformedAnswer: it is.
    """
    if raw.count(b"[") + raw.count(b"{") <= max_depth:
        return
    if b"\\" in raw:
        raw = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    structure = np.frombuffer(raw.translate(None, _NOT_STRUCTURE), np.uint8)
    in_text = np.bitwise_and(np.cumsum(structure == ord('"'), dtype=np.int32), 1)
    depths = np.cumsum(np.where(in_text == 1, 0, _STEPS[structure]), dtype=np.int32)
    if depths.max(initial=0) > max_depth:
        raise MalformedAnswer(f"got JSON nested deeper than {max_depth}")
