"""Expressions of manifests in YAML: paths, constants, sums, joined text. Pure; nothing is run.

    sum   = term { ("+" | "-" | "&") term }
    term  = "-" term | number | "'" text "'" | path
    path  = "args." name { "." name or position } | name of a field of the event

`+` and `-` are for whole numbers, `&` joins text. A condition is two sums with one of `==`, `!=`,
`<`, `<=`, `>`, `>=` between them.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from diptych.index.manifest.handlers import EventRow
from diptych.index.manifest.manifest import BadManifest

_MAX_CHARACTERS = 1_000
_TOKEN = re.compile(
    r"\s*(?:(?P<path>[A-Za-z_][A-Za-z0-9_.$]*)|(?P<number>[0-9]{1,100})"
    r"|'(?P<text>[^']*)'|(?P<sign>==|!=|<=|>=|[-+&<>]))"
)
_FIELDS = tuple(name for name in EventRow._fields if name != "args")
_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda one, other: bool(one == other),
    "!=": lambda one, other: bool(one != other),
    "<": lambda one, other: bool(one < other),
    "<=": lambda one, other: bool(one <= other),
    ">": lambda one, other: bool(one > other),
    ">=": lambda one, other: bool(one >= other),
}

Value = Callable[[EventRow], Any]


class _Token(NamedTuple):
    kind: str
    text: str


def expression(written: object, arguments: frozenset[str], where: str) -> Value:
    """Return the function that a value of `set` stands for.

    Args:
        written: text is an expression; anything else stands for itself.
        arguments: names that `args.` may be followed by.
        where: for messages.

    Raises:
        BadManifest: it is no expression, or names what the event does not have.
    """
    if not isinstance(written, str):
        return _constant(written)
    reader = _Reader(written, arguments, where)
    value = reader.sum()
    reader.end()
    return value


def condition(written: object, arguments: frozenset[str], where: str) -> Value:
    """Return the function that a value of `when` stands for; arguments as for `expression`."""
    if not isinstance(written, str):
        raise BadManifest(f"{where}: got {written!r:.60}, expected a comparison in text")
    reader = _Reader(written, arguments, where)
    left, sign, right = reader.sum(), reader.sign(_COMPARED), reader.sum()
    reader.end()
    compare = _COMPARED[sign]
    return lambda event: compare(left(event), right(event))


class _Reader:
    """Reads one expression from the left to the right."""

    def __init__(self, written: str, arguments: frozenset[str], where: str) -> None:
        self._written = written[:_MAX_CHARACTERS]
        self._arguments = arguments
        self._where = where
        if len(written) > _MAX_CHARACTERS:
            raise self._bad(f"at most {_MAX_CHARACTERS} characters")
        self._tokens = self._split()
        self._at = 0

    def sum(self) -> Value:
        value = self._term()
        while self._next().text in {"+", "-", "&"} and self._next().kind == "sign":
            sign = self._take().text
            value = _joined(sign, value, self._term())
        return value

    def sign(self, known: Mapping[str, object]) -> str:
        token = self._take()
        if token.kind != "sign" or token.text not in known:
            raise self._bad(f"one of {' '.join(known)}")
        return token.text

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise self._bad(f"no '{self._next().text[:40]}' there")

    def _term(self) -> Value:
        negative = False
        while self._next() == _Token("sign", "-"):
            self._take()
            negative = not negative
        token = self._take()
        if token.kind == "path":
            value = self._path(token.text)
        elif token.kind in {"number", "text"}:
            value = _constant(int(token.text) if token.kind == "number" else token.text)
        else:
            raise self._bad("a number, 'text', or a path like args.value")
        return (lambda event: -_number(value(event))) if negative else value

    def _path(self, path: str) -> Value:
        head, _, rest = path.partition(".")
        if head in {"true", "false", "null"} and not rest:
            return _constant({"true": True, "false": False, "null": None}[head])
        if head != "args":
            if rest or head not in _FIELDS:
                raise self._bad(f"args.NAME or one of {', '.join(_FIELDS)}, got '{path[:60]}'")
            place = EventRow._fields.index(head)
            return lambda event: event[place]
        name, *more = rest.split(".")
        if name not in self._arguments:
            known = ", ".join(sorted(self._arguments)) or "none"
            raise self._bad(f"an argument of the event ({known}), got '{name[:60]}'")
        return lambda event: _inside(event.args[name], more)

    def _split(self) -> list[_Token]:
        tokens, at = [], 0
        text = self._written.rstrip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None or found.lastgroup is None:
                raise self._bad(f"no {text[at : at + 10]!r}")
            tokens.append(_Token(found.lastgroup, found[found.lastgroup]))
            at = found.end()
        return tokens

    def _next(self) -> _Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else _Token("end", "end")

    def _take(self) -> _Token:
        token = self._next()
        self._at += 1
        return token

    def _bad(self, expected: str) -> BadManifest:
        return BadManifest(f"{self._where}: in {self._written[:80]!r} expected {expected}")


def _constant(value: object) -> Value:
    return lambda event: value


def _joined(sign: str, left: Value, right: Value) -> Value:
    if sign == "&":
        return lambda event: f"{left(event)}{right(event)}"
    if sign == "+":
        return lambda event: _number(left(event)) + _number(right(event))
    return lambda event: _number(left(event)) - _number(right(event))


def _number(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(f"got {value!r:.60}, expected a whole number")
    return value


def _inside(value: Any, more: list[str]) -> Any:
    for one in more:
        value = value[int(one)] if isinstance(value, list) else value[one]
    return value
