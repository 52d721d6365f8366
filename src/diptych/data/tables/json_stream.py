"""Reads one large JSON document piece by piece, in bounded memory, and refuses what is unclear."""

import json
import sys
from typing import TextIO

from diptych.core.errors import JsonValue

CHUNK_CHARACTERS = 1 << 18
_SPACE = " \t\r\n"
_SAFE_RECURSION = 3_000


class JsonStream:
    """A cursor over JSON text.

    Args:
        source: text, decoded strictly.

    All methods raise ValueError (UnicodeDecodeError is one) where the text is not JSON.
    """

    def __init__(self, source: TextIO) -> None:
        self._source = source
        self._text = ""
        self._at = 0
        self._ended = False

    def peek(self) -> str:
        """Return the next character that is not white space, empty at the end."""
        while True:
            text, at = self._text, self._at
            while at < len(text) and text[at] in _SPACE:
                at += 1
            self._at = at
            if at < len(text):
                return text[at]
            if not self._refill():
                return ""

    def take(self, wanted: str) -> str:
        """Consume the next character, one of `wanted`."""
        found = self.peek()
        if not found or found not in wanted:
            shown = " or ".join(f"'{one}'" for one in wanted)
            raise ValueError(f"not JSON: expected {shown}")
        self._at += 1
        return found

    def value(self, *, longest: int) -> JsonValue:
        """Consume one value of at most `longest` characters."""
        self.peek()
        while True:
            try:
                found, end = scan_value(self._text, self._at)
            except ValueError:
                found, end = None, -1
            # A number at the end of what was read may go on.
            complete = end >= 0 and (end < len(self._text) or self._ended)
            if complete:
                if end - self._at > longest:
                    raise ValueError(f"got a value of more than {longest} characters")
                self._at = end
                return found
            if len(self._text) - self._at > longest or (self._ended and end < 0):
                raise ValueError(_explained(self._text, self._at, longest))
            self._refill()

    def done(self) -> None:
        """Insist that nothing but white space is left."""
        if self.peek():
            raise ValueError("got more text after the end of the document")

    def _refill(self) -> bool:
        more = "" if self._ended else self._source.read(CHUNK_CHARACTERS)
        self._text, self._at = self._text[self._at :] + more, 0
        self._ended = not more
        return bool(more)


def scan_value(text: str, at: int) -> tuple[JsonValue, int]:
    """Decode one value at a place; return it with the place after it.

    Raises:
        ValueError: not JSON, a duplicate key, a number that is not finite, or too deep.
    """
    limit = sys.getrecursionlimit()
    try:
        # A library may have raised it so far that a hostile file overflows the C stack.
        if limit > _SAFE_RECURSION:
            sys.setrecursionlimit(_SAFE_RECURSION)
        found: tuple[JsonValue, int] = _DECODER.raw_decode(text, at)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    finally:
        if limit > _SAFE_RECURSION:
            sys.setrecursionlimit(limit)
    return found


def _explained(text: str, at: int, longest: int) -> str:
    if len(text) - at > longest:
        return f"not JSON, or a value of more than {longest} characters"
    try:
        scan_value(text, at)
    except ValueError as error:
        return f"not JSON: {str(error).partition(':')[0]}"
    return "not JSON: the document ends early"


def _unique(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("one member comes twice")
    return members


def _no_constant(name: str) -> JsonValue:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)
