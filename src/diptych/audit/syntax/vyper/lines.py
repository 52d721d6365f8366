"""Vyper as logical lines: comments blanked, continued lines joined, every offset kept.

A line ends where Python would end it. Where a bracket is never closed, it also ends before a line
that can only start a statement, so that one missing bracket costs one line and not the file.
"""

import re
from typing import NamedTuple

__all__ = ["Line", "Lines", "logical_lines"]

MAX_LINE_BYTES = 1 << 17
MAX_NESTING = 40
_MAX_LINES = 200_000
_TOKEN = re.compile(
    rb"#[^\r\n]*|\"\"\"|'''|\"[^\"\\\r\n]*(?:\\.[^\"\\\r\n]*)*\"?|'[^'\\\r\n]*(?:\\.[^'\\\r\n]*)*'?"
    rb"|[()\[\]{}]|\\(?:\r\n?|\n)|\r\n?|\n|\b(?:extcall|staticcall)\b|\bx(?=[\"'])",
    re.DOTALL,
)
_DECLARATION = re.compile(
    rb"@|(?:def|struct|event|interface|flag|enum|from|import)\s|(?:implements|uses|exports)\s*:"
)
_STATEMENT = re.compile(rb"@|(?:def|return|for|assert|log|raise|pass|if|elif|else)\b")
_INVALID = re.compile("[\udc80-\udcff]")
_CONTROL = bytes.maketrans(b"\x00\x0b\x0c\x1a", b"    ")
_MARK = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """A logical line without its indentation; `reason` says why it is not to be parsed."""

    start: int
    indent: int
    text: bytes
    reason: str = ""

    @property
    def end(self) -> int:
        """Byte offset after the last byte."""
        return self.start + len(self.text)


class Lines(NamedTuple):
    """A file taken apart; see `Source` for what calls and hexes are."""

    lines: tuple[Line, ...]
    comments: tuple[tuple[int, int], ...]
    calls: dict[int, str]
    hexes: frozenset[int]


def logical_lines(data: bytes) -> Lines:
    """Take a file apart into logical lines.

    Args:
        data: the file's bytes; what is not UTF-8 counts as question marks.
    """
    return _Reader(data).read()


class _Reader:
    def __init__(self, data: bytes) -> None:
        text = data.decode("utf-8", "surrogateescape")
        clean = _INVALID.sub("?", text).encode("utf-8").translate(_CONTROL)
        self.start = len(_MARK) if clean.startswith(_MARK) else 0
        self.data = clean
        self.out = bytearray(clean)
        self.depth = self.deepest = 0
        self.reason = ""
        self.lines: list[Line] = []
        self.comments: list[tuple[int, int]] = []
        self.calls: dict[int, str] = {}
        self.hexes: set[int] = set()

    def read(self) -> Lines:
        at = self.start
        while (found := _TOKEN.search(self.data, at)) is not None:
            at = self._token(found.start(), found.end())
        self._finish(len(self.data))
        return Lines(tuple(self.lines), tuple(self.comments), self.calls, frozenset(self.hexes))

    def _token(self, start: int, end: int) -> int:
        """Take one token in; returns where to go on."""
        token = self.data[start:end]
        if token in (b'"""', b"'''"):
            return self._long_string(start, token)
        if token[:1] == b"#":
            self.comments.append((start, end))
            self._blank(start, end)
        elif token[:1] == b"\\":
            self._blank(start, end)
        elif token[:1] in b"\r\n":
            self._newline(start, end)
        elif token in (b"(", b"[", b"{"):
            self.depth += 1
            self.deepest = max(self.deepest, self.depth)
        elif token in (b")", b"]", b"}"):
            self.depth = max(self.depth - 1, 0)
        else:
            self._word(start, token)
        return end

    def _word(self, start: int, token: bytes) -> None:
        """Write what only Vyper has as what Python has, in as many bytes."""
        if token == b"x":
            self.hexes.add(start)
            self.out[start] = ord("b")
        elif token in (b"extcall", b"staticcall"):
            self.calls[start] = token.decode()
            self.out[start : start + len(token)] = b"await".ljust(len(token))

    def _long_string(self, start: int, quotes: bytes) -> int:
        at = self.data.find(quotes, start + 3)
        while at > 0 and self._is_escaped(at):
            at = self.data.find(quotes, at + 1)
        end = at + 3 if at > 0 else len(self.data)
        if at < 0:
            self.reason = "a string is never closed"
        inside = bytes(self.out[start:end])
        self.out[start:end] = inside.replace(b"\n", b" ").replace(b"\r", b" ")
        return end

    def _is_escaped(self, at: int) -> bool:
        before = self.data[max(0, at - 64) : at]
        return (len(before) - len(before.rstrip(b"\\"))) % 2 == 1

    def _blank(self, start: int, end: int) -> None:
        self.out[start:end] = b" " * (end - start)

    def _newline(self, start: int, end: int) -> None:
        if self.depth == 0 or self._is_broken_off(end):
            self._finish(start)
            self.start = end
        else:
            self._blank(start, end)

    def _is_broken_off(self, at: int) -> bool:
        """Whether what follows inside of brackets can only be a new statement."""
        if _DECLARATION.match(self.data, at):
            self.reason = "a bracket is never closed"
            return True
        indent = 0
        while self.data[at + indent : at + indent + 1] in (b" ", b"\t"):
            indent += 1
        ended = indent <= self._indent() and _STATEMENT.match(self.data, at + indent) is not None
        if ended:
            self.reason = "a bracket is never closed"
        return ended

    def _indent(self) -> int:
        line = self.data[self.start : self.start + 256]
        return len(line) - len(line.lstrip(b" \t"))

    def _finish(self, end: int) -> None:
        raw = bytes(self.out[self.start : end])
        text = raw.lstrip(b" \t")
        indent = len(raw) - len(text)
        text = text.rstrip()
        if text and len(self.lines) < _MAX_LINES:
            self.lines.append(Line(self.start + indent, indent, text, self._fault(text)))
        self.depth = self.deepest = 0
        self.reason = ""

    def _fault(self, text: bytes) -> str:
        if len(text) > MAX_LINE_BYTES:
            return f"a statement of more than {MAX_LINE_BYTES >> 10} KiB"
        if self.deepest > MAX_NESTING:
            return f"more than {MAX_NESTING} brackets in each other"
        return self.reason
