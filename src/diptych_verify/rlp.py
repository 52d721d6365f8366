"""Recursive Length Prefix, strict: one value has exactly one encoding.

Source: Ethereum Yellow Paper, appendix B.
"""

from collections.abc import Sequence
from typing import Final

from diptych_verify.errors import MalformedError

RlpItem = bytes | list["RlpItem"]

MAX_BYTES: Final = 1 << 20
MAX_DEPTH: Final = 16
MAX_ITEMS: Final = 1 << 16


def rlp_decode(
    raw: bytes,
    *,
    max_bytes: int = MAX_BYTES,
    max_depth: int = MAX_DEPTH,
    max_items: int = MAX_ITEMS,
) -> RlpItem:
    """Decode exactly one canonical RLP item.

    Args:
        raw: encoding, nothing after it.
        max_bytes: longest input accepted.
        max_depth: deepest nesting of lists accepted; a bare string has depth 0.
        max_items: most strings and lists accepted.

    Raises:
        MalformedError: trailing or missing bytes, a longer encoding than needed, or a limit.

    >>> rlp_decode(bytes.fromhex("c483646f67"))
    [b'dog']
    """
    if len(raw) > max_bytes:
        raise MalformedError(f"got {len(raw)} bytes of RLP, expected at most {max_bytes}")
    root: list[RlpItem] = []
    open_lists: list[tuple[list[RlpItem], int]] = [(root, len(raw))]
    position = items = 0
    while open_lists:
        target, limit = open_lists[-1]
        if position == limit:
            open_lists.pop()
            continue
        is_list, start, end = _header(raw, position, limit)
        items += 1
        if items > max_items or (is_list and len(open_lists) > max_depth):
            raise MalformedError(f"got RLP above {max_items} items or {max_depth} levels")
        if is_list:
            children: list[RlpItem] = []
            target.append(children)
            open_lists.append((children, end))
            position = start
        else:
            target.append(raw[start:end])
            position = end
    if len(root) != 1:
        raise MalformedError(f"got {len(root)} RLP items, expected exactly 1")
    return root[0]


def _header(raw: bytes, position: int, limit: int) -> tuple[bool, int, int]:
    """Return (is a list, first byte of the content, end) of the item at `position`."""
    prefix = raw[position]
    if prefix < 0x80:
        return False, position, position + 1
    is_list = prefix >= 0xC0
    short = prefix - (0xC0 if is_list else 0x80)
    start = position + 1
    length = short
    if short > 55:
        width = short - 55
        field = raw[start : min(start + width, limit)]
        length = int.from_bytes(field, "big")
        start += width
        if len(field) != width or field[0] == 0 or length < 56:
            raise MalformedError(f"got a non-canonical RLP length at byte {position}")
    if start + length > limit:
        raise MalformedError(f"got an RLP item of {length} bytes that ends after its parent")
    if not is_list and length == 1 and raw[start] < 0x80:
        raise MalformedError(f"got a non-canonical RLP byte at {position}")
    return is_list, start, start + length


def rlp_encode(item: bytes | Sequence[object]) -> bytes:
    """Encode byte strings and nested sequences of them; the caller bounds the nesting.

    >>> rlp_encode([b"dog"]).hex()
    'c483646f67'
    """
    if isinstance(item, bytes):
        if len(item) == 1 and item[0] < 0x80:
            return item
        return _length_prefix(len(item), 0x80) + item
    parts = []
    for child in item:
        if not isinstance(child, bytes | list | tuple):
            raise MalformedError(f"got {type(child).__name__} for RLP, expected bytes or a list")
        parts.append(rlp_encode(child))
    content = b"".join(parts)
    return _length_prefix(len(content), 0xC0) + content


def _length_prefix(length: int, offset: int) -> bytes:
    if length <= 55:
        return bytes([offset + length])
    field = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([offset + 55 + len(field)]) + field


def encode_integer(value: int) -> bytes:
    """Return the RLP encoding of a non-negative integer (big endian, no leading zero)."""
    return rlp_encode(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def as_bytes(item: RlpItem, where: str, *, size: int | None = None) -> bytes:
    """Return a string item, of `size` bytes if given.

    Raises:
        MalformedError: a list, or another length.
    """
    if not isinstance(item, bytes):
        raise MalformedError(f"{where}: got an RLP list, expected a string")
    if size is not None and len(item) != size:
        raise MalformedError(f"{where}: got {len(item)} bytes, expected {size}")
    return item


def as_list(
    item: RlpItem, where: str, *, minimum: int = 0, maximum: int = MAX_ITEMS
) -> list[RlpItem]:
    """Return a list item with a bounded number of members.

    Raises:
        MalformedError: a string, or another number of members.
    """
    if not isinstance(item, list):
        raise MalformedError(f"{where}: got an RLP string, expected a list")
    if not minimum <= len(item) <= maximum:
        raise MalformedError(f"{where}: got {len(item)} RLP items, expected {minimum} to {maximum}")
    return item


def as_integer(item: RlpItem, where: str, *, max_bytes: int = 8) -> int:
    """Return an integer item.

    Raises:
        MalformedError: a list, a leading zero byte, or more than `max_bytes`.
    """
    raw = as_bytes(item, where)
    if len(raw) > max_bytes or raw[:1] == b"\x00":
        raise MalformedError(f"{where}: got {len(raw)} bytes, expected an integer without zeros")
    return int.from_bytes(raw, "big")
