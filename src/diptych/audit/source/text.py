"""The text of one source file, and where byte offsets stand in it."""

import hashlib
import re
from bisect import bisect_right
from functools import cached_property
from typing import Final

__all__ = ["SourceText"]

_STRING = rb"""\"(?:[^"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'"""
_SOLIDITY = re.compile(_STRING + rb"|(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))", re.DOTALL)
_VYPER = re.compile(
    rb"""(?P<comment>#[^\n]*|\"{3}.*?(?:\"{3}|\Z)|'{3}.*?(?:'{3}|\Z))|""" + _STRING, re.DOTALL
)


def _without_comment(found: re.Match[bytes]) -> bytes:
    return b"\n" * found[0].count(b"\n") if found["comment"] is not None else b'""'


class SourceText:
    """One file: the path it is reported by, and its bytes."""

    def __init__(self, path: str, data: bytes) -> None:
        self.path: Final = path
        self.data: Final = data

    @cached_property
    def line_starts(self) -> list[int]:
        """Byte offsets at which lines start."""
        starts = [0]
        at = self.data.find(b"\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.data.find(b"\n", at + 1)
        return starts

    @cached_property
    def digest(self) -> str:
        """Hex SHA-256 of what was read."""
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def code_lines(self) -> int:
        """Lines that hold code: neither blank nor comment alone."""
        noise = _VYPER if self.path.endswith((".vy", ".vyi")) else _SOLIDITY
        code = noise.sub(_without_comment, self.data)
        return sum(1 for line in code.split(b"\n") if line.strip())

    def position(self, offset: int) -> tuple[int, int]:
        """Return line and column of a byte offset, both counted from 1, columns in characters."""
        offset = min(max(offset, 0), len(self.data))
        line = bisect_right(self.line_starts, offset)
        start = self.line_starts[line - 1]
        return line, len(self.data[start:offset].decode("utf-8", "replace")) + 1

    def lines(self, first: int, last: int) -> bytes:
        """Return some lines as they stand."""
        starts = self.line_starts
        end = starts[last] - 1 if last < len(starts) else len(self.data)
        return self.data[starts[first - 1] : end]

    def line(self, number: int) -> str:
        """Return one line without its end; empty if there is none of that number."""
        if not 1 <= number <= len(self.line_starts):
            return ""
        start = self.line_starts[number - 1]
        end = self.data.find(b"\n", start)
        raw = self.data[start : end if end >= 0 else len(self.data)]
        return raw.decode("utf-8", "replace").rstrip("\r")
