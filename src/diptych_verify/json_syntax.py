"""Strict JSON syntax: what a hostile file may not do to the verifier.

Refused with `Verify.Malformed`: too many bytes or values, non-UTF-8, duplicate keys, NaN and
infinities, integers beyond 2^53-1, lone surrogates, trailing data, nesting beyond the limit.
"""

import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NoReturn

from diptych_verify.errors import JsonValue, MalformedError

MAX_INTEGER = 2**53 - 1
MAX_VALUES = 1_000_000
_MAX_NUMBER_CHARACTERS = 32
_PIECE_BYTES = 1 << 20
# One such character makes Python hold the whole text in four bytes per character.
_WIDE_BYTES = 16 << 20
_NOT_WIDE = bytes(range(0xF0))
_NOT_STRUCTURE = bytes(byte for byte in range(256) if byte not in b'"[]{}')


def strict_json(
    raw: bytes, *, max_bytes: int, max_depth: int, max_values: int = MAX_VALUES
) -> JsonValue:
    """Parse one JSON document.

    Args:
        raw: UTF-8 bytes, no byte-order mark.
        max_bytes: longest input accepted.
        max_depth: deepest nesting accepted; a bare scalar has depth 0, `[]` depth 1.
        max_values: upper bound of array items and object members together.

    Raises:
        MalformedError: the input is not exactly one acceptable document.

    >>> strict_json(b'{"a": [1]}', max_bytes=100, max_depth=2)
    {'a': [1]}
    """
    if len(raw) > max_bytes:
        raise MalformedError(f"got {len(raw)} bytes of JSON, expected at most {max_bytes}")
    if len(raw) > _WIDE_BYTES and raw.translate(None, _NOT_WIDE):
        raise MalformedError("got characters beyond U+FFFF in JSON of many megabytes")
    if raw.count(b",") + raw.count(b"[") + raw.count(b"{") > max_values:
        raise MalformedError(f"got JSON with more than {max_values} values")
    check_nesting(raw, max_depth, max_values)
    try:
        value: JsonValue = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=_integer,
            parse_float=_number,
        )
    except UnicodeDecodeError as error:
        raise MalformedError(f"JSON is not UTF-8: {error.reason} at byte {error.start}") from None
    except RecursionError:
        raise MalformedError(f"got JSON nested deeper than {max_depth}") from None
    except ValueError as error:
        raise MalformedError(f"not JSON: {error}") from None
    _check_tree(value, max_depth=max_depth, escapes=b"\\u" in raw)
    return value


def check_nesting(raw: bytes, max_depth: int, max_values: int) -> None:
    """Refuse deep nesting before the recursive parser sees it.

    Its own guard is the process-wide recursion limit, which libraries raise until the C stack
    overflows (py_ecc sets 100,000 when imported).

    Raises:
        MalformedError: nested deeper than `max_depth`, far too many strings, or unbalanced.
    """
    if raw.count(b"[") + raw.count(b"{") <= max_depth:
        return
    depth = 0
    for byte in _brackets(raw, max_values):
        depth += 1 if byte in b"[{" else -1
        if depth > max_depth:
            raise MalformedError(f"got JSON nested deeper than {max_depth}")
        if depth < 0:
            raise MalformedError("not JSON: a bracket closes that was not opened")


def _brackets(raw: bytes, max_values: int) -> Iterator[int]:
    """Yield the brackets outside of strings; piecewise, so that memory stays bounded."""
    unescaped = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    structure = unescaped.translate(None, _NOT_STRUCTURE)
    if structure.count(b'"') > 4 * (max_values + 1):  # a member has two strings, each two quotes
        raise MalformedError(f"got JSON with more than {max_values} values")
    inside = False
    for start in range(0, len(structure), _PIECE_BYTES):
        parts = structure[start : start + _PIECE_BYTES].split(b'"')
        yield from b"".join(parts[inside::2])
        inside ^= len(parts) % 2 == 0


def _object(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    members = dict(pairs)
    if len(members) != len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise MalformedError(f"got JSON key {shown(twice)} twice")
    return members


def _constant(name: str) -> NoReturn:
    raise MalformedError(f"got {name} in JSON, expected a finite number")


def _integer(text: str) -> int:
    if len(text) > _MAX_NUMBER_CHARACTERS or abs(int(text)) > MAX_INTEGER:
        raise MalformedError(
            f"got JSON integer {shown(text)} beyond 2^53-1", hint="write it as a decimal string"
        )
    return int(text)


def _number(text: str) -> float:
    if len(text) > _MAX_NUMBER_CHARACTERS or not math.isfinite(float(text)):
        raise MalformedError(f"got JSON number {shown(text)}, expected a finite double")
    return float(text)


def _check_tree(value: JsonValue, *, max_depth: int, escapes: bool) -> None:
    """Refuse nesting beyond the limit and, where escapes occur, lone surrogates."""
    row: list[JsonValue] = [value]
    depth = 0
    while row:
        if escapes:
            _check_text(row)
        below: list[JsonValue] = []
        containers = 0
        for item in row:
            if isinstance(item, dict):
                containers += 1
                below.extend(item.values())
                if escapes:
                    _check_text(list(item))
            elif isinstance(item, list):
                containers += 1
                below.extend(item)
        depth += 1 if containers else 0
        if depth > max_depth:
            raise MalformedError(f"got JSON nested deeper than {max_depth}")
        row = below


def _check_text(row: Sequence[JsonValue]) -> None:
    for item in row:
        if isinstance(item, str):
            try:
                item.encode()
            except UnicodeEncodeError:
                raise MalformedError("got a lone surrogate in a JSON string") from None


def shown(text: object, limit: int = 40) -> str:
    """Return hostile text quoted, escaped and shortened, fit for an error message."""
    quoted = ascii(text)
    return quoted if len(quoted) <= limit else f"{quoted[:limit]}…"
