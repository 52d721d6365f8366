"""Merkle-Patricia tries of a list: the keys are the RLP of 0, 1, 2 and so on. Pure.

Source: Yellow Paper, appendices B and D. `diptych.ledger.trie` builds tries of any keys; here the
nodes are encoded as they are built, which is several times faster.
"""

from collections.abc import Sequence
from typing import NamedTuple

from diptych.index.verification.keccak import Keccak
from diptych_verify.rlp import encode_integer

EMPTY_ROOT = bytes.fromhex("56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421")
_DIGITS = "0123456789abcdef"
_EMPTY = b"\x80"


class _Node(NamedTuple):
    """A node: its RLP, the entries below it, and the nodes below it that have entries."""

    encoded: bytes
    first: int
    last: int
    children: tuple["_Node", ...]


class ListTrie:
    """The trie of some values."""

    def __init__(self, values: Sequence[bytes], keccak: Keccak) -> None:
        """Build the trie.

        Args:
            values: what consensus encodes at each place; none empty.
            keccak: hash function.
        """
        keys = sorted((encode_integer(place).hex(), place) for place in range(len(values)))
        self._keys = [key for key, _ in keys]
        self._values = [values[place] for _, place in keys]
        self._place_of = {place: at for at, (_, place) in enumerate(keys)}
        self._keccak = keccak
        self._root = self._node(0, len(keys), 0) if keys else None
        self.root = EMPTY_ROOT if self._root is None else keccak(self._root.encoded)

    def _node(self, first: int, last: int, depth: int) -> _Node:
        keys = self._keys
        if last - first == 1:
            path = _path(keys[first][depth:], is_leaf=True)
            return _Node(_pair(path, rlp_string(self._values[first])), first, last, ())
        shared = depth
        low, high = keys[first], keys[last - 1]
        while low[shared] == high[shared]:
            shared += 1
        branch = self._branch(first, last, shared)
        if shared == depth:
            return branch
        path = _path(low[depth:shared], is_leaf=False)
        return _Node(_pair(path, self._reference(branch)), first, last, (branch,))

    def _branch(self, first: int, last: int, depth: int) -> _Node:
        """Return a branch; no key of a list is the beginning of another, so it holds no value."""
        keys = self._keys
        places, children, at = [], [], first
        for digit in _DIGITS:
            end = at
            while end < last and keys[end][depth] == digit:
                end += 1
            if end == at:
                places.append(_EMPTY)
                continue
            child = self._node(at, end, depth + 1)
            children.append(child)
            places.append(self._reference(child))
            at = end
        places.append(_EMPTY)
        return _Node(rlp_list(b"".join(places)), first, last, tuple(children))

    def _reference(self, node: _Node) -> bytes:
        encoded = node.encoded
        return encoded if len(encoded) < 32 else b"\xa0" + self._keccak(encoded)

    def proof(self, place: int) -> tuple[bytes, ...]:
        """Return the hashed nodes on the way to a value, root first.

        Raises:
            IndexError: there is no such value.
        """
        at = self._place_of.get(place)
        node = self._root
        if at is None or node is None:
            raise IndexError(place)
        proof = [node.encoded]
        while node.children:
            node = next(child for child in node.children if child.first <= at < child.last)
            if len(node.encoded) >= 32:
                proof.append(node.encoded)
        return tuple(proof)


def rlp_string(raw: bytes) -> bytes:
    """Return the RLP of a byte string."""
    size = len(raw)
    if size == 1 and raw[0] < 0x80:
        return raw
    return prefix(size, 0x80) + raw


def rlp_list(content: bytes) -> bytes:
    """Return the RLP of a list whose items are encoded already."""
    return prefix(len(content), 0xC0) + content


_SHORT = {
    (length, offset): bytes([offset + length]) for length in range(56) for offset in (0x80, 0xC0)
}


def prefix(length: int, offset: int) -> bytes:
    """Return what stands before `length` bytes of a string (offset 0x80) or list (0xC0)."""
    if length < 56:
        return _SHORT[length, offset]
    if length < 256:
        return bytes((offset + 56, length))
    field = length.to_bytes((length.bit_length() + 7) >> 3, "big")
    return bytes((offset + 55 + len(field),)) + field


def _pair(path: bytes, item: bytes) -> bytes:
    return rlp_list(rlp_string(path) + item)


def _path(digits: str, *, is_leaf: bool) -> bytes:
    """Return the hex-prefix encoding of a path."""
    flag = 2 * is_leaf + (len(digits) & 1)
    return bytes.fromhex(f"{flag}{digits}" if flag & 1 else f"{flag}0{digits}")
