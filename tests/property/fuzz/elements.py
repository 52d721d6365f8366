"""Changes of RLP and DER: of one element, or of the length that is written for it."""

from collections.abc import Sequence
from copy import deepcopy
from random import Random

from tests.property.fuzz.bytewise import bytewise
from tests.property.fuzz.trees import (
    Element,
    der_bytes,
    der_tree,
    element_slots,
    rlp_bytes,
    rlp_tree,
)

LIES = (-1, 1, -2, 2, 7, 55, 56, 127, 128, 255, 65_536, 2**24, 2**31, 2**32, 2**56, 2**63)

MAX_TREE_BYTES = 64 << 10
"""Larger inputs are changed by bytes: as a tree of one-byte elements they would fill the memory."""

Holder = list[Element]


def rlp_wise(random: Random, raw: bytes, seeds: Sequence[bytes]) -> bytes:
    """Change one RLP element, or the length that is written for it."""
    if len(raw) > MAX_TREE_BYTES:
        return bytewise(random, raw, seeds)
    elements = rlp_tree(raw)
    _change_element(random, elements, rlp_tree(random.choice(seeds)))
    return rlp_bytes(elements)


def der_wise(random: Random, raw: bytes, seeds: Sequence[bytes]) -> bytes:
    """Change one DER element, or the tag or length that is written for it."""
    elements = der_tree(raw) if len(raw) <= MAX_TREE_BYTES else None
    if not elements:
        return bytewise(random, raw, seeds)
    _change_element(random, elements, der_tree(random.choice(seeds)) or [])
    return der_bytes(elements)


def _change_element(random: Random, elements: list[Element], other: list[Element]) -> None:
    slots = element_slots(elements)
    if slots:
        holder, at = random.choice(slots)
        random.choice(_CHANGES)(random, holder, at, other)
    else:
        elements.append(Element(1, []))


def _remove(random: Random, holder: Holder, at: int, other: Holder) -> None:
    del random, other, holder[at]


def _repeat(random: Random, holder: Holder, at: int, other: Holder) -> None:
    del other
    small = isinstance(holder[at].content, bytes) and len(holder) < 64
    holder[at:at] = [deepcopy(holder[at])] * random.choice((1, 1, 3, 200 if small else 1))


def _lie(random: Random, holder: Holder, at: int, other: Holder) -> None:
    del other
    holder[at].lie = random.choice(LIES)


def _retag(random: Random, holder: Holder, at: int, other: Holder) -> None:
    del other
    holder[at].tag ^= random.choice((0x01, 0x20, 0x80, 0x1F))


def _nest(random: Random, holder: Holder, at: int, other: Holder) -> None:
    del other
    for _ in range(random.choice((1, 2, 20, 300))):
        holder[at] = Element(holder[at].tag | 0x20, [holder[at]])


def _take(random: Random, holder: Holder, at: int, other: Holder) -> None:
    found = element_slots(other)
    if found:
        there, position = random.choice(found)
        holder[at] = deepcopy(there[position])


def _edit(random: Random, holder: Holder, at: int, other: Holder) -> None:
    del other
    content = holder[at].content
    holder[at].content = (
        bytewise(random, content, [content or b"\x00"]) if isinstance(content, bytes) else b""
    )


_CHANGES = (_remove, _repeat, _lie, _retag, _nest, _take, _edit, _edit)
