"""JSON, RLP and DER as trees that may be written wrongly: keys twice, lying lengths, raw text."""

import json
from dataclasses import dataclass
from typing import Any

MAX_DEPTH = 40


class Members(list[list[Any]]):
    """The members of a JSON object as [key, value] pairs, so that keys may repeat."""


class Raw(str):
    """Text that is written into JSON as it is, valid or not."""

    __slots__ = ()


def json_tree(raw: bytes) -> Any:
    """Parse JSON, keeping the order and the repetition of keys.

    Raises:
        ValueError: it is no JSON.
        RecursionError: it is nested too deeply.
    """
    return json.loads(raw, object_pairs_hook=lambda pairs: Members(map(list, pairs)))


def json_bytes(tree: Any, *, ascii_only: bool = True) -> bytes:
    """Write a tree; lone surrogates become escapes."""
    parts: list[str] = []
    _write(tree, parts, ascii_only)
    return "".join(parts).encode("utf-8", "surrogatepass")


def _write(tree: Any, parts: list[str], ascii_only: bool) -> None:
    if isinstance(tree, Raw):
        parts.append(tree)
    elif isinstance(tree, Members):
        parts.append("{")
        for position, (key, value) in enumerate(tree):
            parts.append("," if position else "")
            parts.append(f"{json.dumps(key, ensure_ascii=ascii_only)}:")
            _write(value, parts, ascii_only)
        parts.append("}")
    elif isinstance(tree, list):
        parts.append("[")
        for position, value in enumerate(tree):
            parts.append("," if position else "")
            _write(value, parts, ascii_only)
        parts.append("]")
    else:
        parts.append(json.dumps(tree, ensure_ascii=ascii_only))


def json_slots(tree: Any) -> list[tuple[Any, int]]:
    """Return every (holder, position) below the root; a member's holder is its [key, value]."""
    slots: list[tuple[Any, int]] = []
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Members):
            for member in node:
                slots.append((member, 1))
                waiting.append(member[1])
        elif isinstance(node, list):
            slots.extend((node, position) for position in range(len(node)))
            waiting.extend(node)
    return slots


@dataclass
class Element:
    """One RLP or DER element.

    Attributes:
        tag: DER tag; for RLP 1 for a list and 0 for a string.
        content: bytes, or the elements inside.
        lie: added to the length that is written.
    """

    tag: int
    content: "bytes | list[Element]"
    lie: int = 0


def rlp_tree(raw: bytes) -> list[Element]:
    """Cut bytes into RLP elements; what cannot be cut becomes a string.

    >>> [element.content for element in rlp_tree(bytes.fromhex("83646f67"))]
    [b'dog']
    """
    found: list[Element] = []
    at = 0
    while at < len(raw):
        prefix = raw[at]
        if prefix < 0x80:
            found.append(Element(0, raw[at : at + 1]))
            at += 1
            continue
        short = prefix - (0xC0 if prefix >= 0xC0 else 0x80)
        width = max(short - 55, 0)
        length = int.from_bytes(raw[at + 1 : at + 1 + width], "big") if width else short
        content = raw[at + 1 + width : at + 1 + width + length]
        found.append(Element(1, rlp_tree(content)) if prefix >= 0xC0 else Element(0, content))
        at += 1 + width + length
    return found


def rlp_bytes(elements: list[Element]) -> bytes:
    """Write RLP elements."""
    return b"".join(map(_rlp, elements))


def _rlp(element: Element) -> bytes:
    if isinstance(element.content, bytes):
        content, offset = element.content, 0x80
        if len(content) == 1 and content[0] < 0x80 and not element.lie:
            return content
    else:
        content, offset = rlp_bytes(element.content), 0xC0
    length = max(len(content) + element.lie, 0)
    if length <= 55:
        return bytes([offset + length]) + content
    field = length.to_bytes((length.bit_length() + 7) // 8, "big")[:8]
    return bytes([offset + 55 + len(field)]) + field + content


def der_tree(raw: bytes, depth: int = 0) -> list[Element] | None:
    """Cut bytes into DER elements, None if they are none; octet strings are looked into."""
    found: list[Element] = []
    at = 0
    while at < len(raw):
        if at + 2 > len(raw):
            return None
        tag, length, start = raw[at], raw[at + 1], at + 2
        if length >= 0x80:
            width = length & 0x7F
            length, start = int.from_bytes(raw[start : start + width], "big"), start + width
        content = raw[start : start + length]
        if len(content) != length or tag & 0x1F == 0x1F:
            return None
        nested = tag & 0x20 or (tag == 0x04 and content[:1] == b"\x30")
        inner = der_tree(content, depth + 1) if nested and depth < MAX_DEPTH else None
        found.append(Element(tag, content if inner is None else inner))
        at = start + length
    return found


def der_bytes(elements: list[Element]) -> bytes:
    """Write DER elements."""
    return b"".join(map(_der, elements))


def _der(element: Element) -> bytes:
    inner = element.content
    content = inner if isinstance(inner, bytes) else der_bytes(inner)
    length = max(len(content) + element.lie, 0)
    if length < 0x80:
        return bytes([element.tag, length]) + content
    field = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([element.tag, 0x80 | len(field) & 0x7F]) + field + content


def element_slots(elements: list[Element]) -> list[tuple[list[Element], int]]:
    """Return every (holder, position) of a tree of elements."""
    slots: list[tuple[list[Element], int]] = []
    waiting = [elements]
    while waiting:
        holder = waiting.pop()
        slots.extend((holder, position) for position in range(len(holder)))
        waiting.extend(one.content for one in holder if isinstance(one.content, list))
    return slots
