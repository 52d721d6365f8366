"""Events written as in Solidity: `event Transfer(address indexed from, address, uint256 value)`."""

import re

from diptych.index.abi.event import Event, Input, check_name, make_event
from diptych.index.abi.types import (
    MAX_DEPTH,
    BadAbi,
    Shape,
    Tuple,
    arrays,
    check_size,
    elementary,
)
from diptych_verify.json_syntax import shown

MAX_CHARACTERS = 20_000
_TOKEN = re.compile(r"\s*([A-Za-z_$][A-Za-z0-9_$]*|(?:\[[0-9]{0,6}\])+|[(),;])")
_OTHERS = ("function", "error", "constructor", "fallback", "receive", "struct", "modifier")
_LOCATIONS = frozenset(("memory", "calldata", "payable"))


def parse_event(text: str) -> Event | None:
    """Return the event that a line declares, None for a function, error or constructor.

    Raises:
        BadAbi: it declares nothing.

    >>> parse_event("event Paid(address indexed who, uint amount)").signature
    'Paid(address,uint256)'
    """
    tokens = _Tokens(text)
    if tokens.peek() in _OTHERS:
        return None
    tokens.take_if("event")
    name = tokens.take()
    tokens.expect("(")
    inputs = _inputs(tokens, 0)
    anonymous = tokens.take_if("anonymous")
    tokens.take_if(";")
    if tokens.peek():
        raise tokens.wrong("the end")
    return make_event(name, inputs, anonymous=anonymous)


class _Tokens:
    """The words of a line, read from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._words: list[str] = []
        self._next = 0
        if len(text) > MAX_CHARACTERS:
            raise BadAbi(f"got a line of {len(text)} characters, expected {MAX_CHARACTERS}")
        at, end = 0, len(text.rstrip())
        while at < end:
            found = _TOKEN.match(text, at)
            if found is None:
                raise self.wrong(f"an event, not {shown(text[at : at + 10])}")
            self._words.append(found[1])
            at = found.end()

    def peek(self) -> str:
        return self._words[self._next] if self._next < len(self._words) else ""

    def take(self) -> str:
        found = self.peek()
        self._next += 1
        return found

    def take_if(self, word: str) -> bool:
        found = self.peek() == word
        self._next += found
        return found

    def expect(self, word: str) -> None:
        if not self.take_if(word):
            raise self.wrong(f"'{word}'")

    def wrong(self, expected: str) -> BadAbi:
        got = self.peek() if self._words else ""
        return BadAbi(
            f"got {shown(got)} in {shown(self._text, 80)}, expected {expected}",
            hint="write it as: event Paid(address indexed who, uint256 amount)",
        )


def _inputs(tokens: _Tokens, level: int) -> list[Input]:
    """Read up to the closing bracket; the opening one is read."""
    found: list[Input] = []
    if tokens.take_if(")"):
        return found
    while True:
        found.append(_input(tokens, level))
        if tokens.take_if(")"):
            return found
        tokens.expect(",")


def _input(tokens: _Tokens, level: int) -> Input:
    shape = _shape(tokens, level)
    indexed = False
    while tokens.peek() == "indexed" or tokens.peek() in _LOCATIONS:
        indexed |= tokens.take() == "indexed"
    name = "" if tokens.peek() in (",", ")") else check_name(tokens.take())
    return Input(name, shape, indexed)


def _shape(tokens: _Tokens, level: int) -> Shape:
    if level > MAX_DEPTH:
        raise BadAbi(f"got tuples nested deeper than {MAX_DEPTH}")
    shape: Shape
    is_tuple = tokens.take_if("tuple")
    if tokens.take_if("("):
        members = _inputs(tokens, level + 1)
        if not members:
            raise tokens.wrong("members of a tuple")
        shape = Tuple(tuple(one.name for one in members), tuple(one.shape for one in members))
    elif is_tuple:
        raise tokens.wrong("'('")
    else:
        shape = elementary(tokens.take())
    suffix = tokens.take() if tokens.peek().startswith("[") else ""
    check_size(shape)
    return arrays(shape, suffix)
