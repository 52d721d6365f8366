"""The constants of source text: strings, hex strings, long numbers, and what they make joined."""

import base64
import binascii
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

__all__ = ["Literal", "literals", "may_carry", "together"]


class Literal(NamedTuple):
    """One constant: its value, where it stands, what it is given to, and its index there."""

    value: bytes
    start: int
    end: int
    given_to: bytes = b""
    at: int | None = None


_LITERAL = re.compile(
    rb"(?=[h\"'0-9])(?:"  # all else is passed over at once
    rb"\bhex\s*(?:\"([0-9a-fA-F_]*)\"|'([0-9a-fA-F_]*)')"
    rb"|\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)'"
    rb"|\b0x((?:[0-9a-fA-F]{2}){8,32})\b"
    rb"|\b(\d{40,78})\b"
    rb"|((?:(?:0x[0-9a-fA-F]{1,2}|\d{1,3})\s*,\s*){15,}(?:0x[0-9a-fA-F]{1,2}|\d{1,3})))",
    re.DOTALL,
)
_ESCAPE = re.compile(rb"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|\r?\n|.)", re.DOTALL)
_SHORT = {b"n": b"\n", b"t": b"\t", b"r": b"\r"}
_GIVEN_TO = re.compile(
    rb"(\w+)\s*(?:\[\s*(\d{1,6})?[^\]]{0,80}\]\s*)?(?:=|\.\s*push\s*\(|\()\s*\(?\s*\Z"
)
_LOOK_BACK = 160
_ACCOUNT_DIGITS = 40
_MIN_PIECE = 1
_MIN_BYTES = 4
_UNUSUAL = re.compile(rb"[(</\\|$;%{\[`\x00-\x08\x0e-\x1f\x7f-\xff]|\S{20}|:\d|\.\w|,\d|\s-\w")


def literals(text: bytes, comments: Iterable[tuple[int, int]]) -> Iterator[Literal]:
    """Yield the constants of a source text that can hold something, in order.

    Args:
        text: Solidity or Vyper.
        comments: where comments start and end; they are passed over.
    """
    blank = bytearray(text)
    for start, end in comments:
        span = slice(max(start, 0), max(end, 0))
        blank[span] = b" " * len(blank[span])
    clear = bytes(blank)
    for match in _LITERAL.finditer(clear):
        value = _value(match)
        is_account = match.lastindex == 5 and len(match[5]) == _ACCOUNT_DIGITS
        if len(value) >= _MIN_PIECE and not is_account:
            before = clear[max(match.start() - _LOOK_BACK, 0) : match.start()]
            given = _GIVEN_TO.search(before)
            name, at = (given[1], given[2]) if given else (b"", None)
            yield Literal(value, *match.span(), name, None if at is None else int(at))


def _value(match: re.Match[bytes]) -> bytes:
    if match.lastindex in (1, 2):
        digits = match[match.lastindex].replace(b"_", b"")
        return bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii"))
    if match.lastindex in (3, 4):
        return _ESCAPE.sub(_unescape, match[match.lastindex])
    if match.lastindex == 5:
        return bytes.fromhex(match[5].decode("ascii")).strip(b"\x00")
    if match.lastindex == 6:
        number = int(match[6])
        return number.to_bytes((number.bit_length() + 7) // 8, "big").strip(b"\x00")
    return match[0]


def _unescape(match: re.Match[bytes]) -> bytes:
    code = match[1]
    if len(code) == 3:
        return bytes([int(code[1:], 16)])
    if len(code) == 5:
        return chr(int(code[1:], 16)).encode("utf-8", "replace")
    return b"" if code.endswith(b"\n") else _SHORT.get(code, code)


def together(found: list[Literal]) -> Iterator[tuple[Literal, bytes]]:
    """Yield constants that may be parts of one whole, joined, with the first of them.

    Parts are given to the same variable or call, in order of their index or of the source, or
    the other way round; or they follow each other in the source.
    """
    groups: dict[bytes, list[Literal]] = defaultdict(list)
    for each in found:
        groups[each.given_to].append(each)
    groups[b"(all)"] = list(found)
    for parts in groups.values():
        if len(parts) < 2:
            continue
        indices = [part.at for part in parts if part.at is not None]
        if len(indices) == len(parts):
            parts.sort(key=lambda part: part.at or 0)
        values = [part.value for part in parts]
        yield parts[0], b"".join(values)
        yield parts[0], b"".join(reversed(values))
        if any(value.endswith(b"=") for value in values[:-1]):
            yield parts[0], b"".join(_decoded(value) for value in values)


def _decoded(value: bytes) -> bytes:
    """Decode a piece that was encoded alone."""
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        return value


def may_carry(data: bytes) -> bool:
    """Whether a constant is worth a look: no short text of plain words."""
    return len(data) >= _MIN_BYTES and _UNUSUAL.search(data) is not None
