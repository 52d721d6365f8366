"""Merkle-Patricia tries built from scratch, with proofs. Pure.

Source: Ethereum Yellow Paper, appendix D. The verifier's counterpart is `diptych_verify.mpt`.
"""

from collections.abc import Mapping, Sequence

from eth_hash.auto import keccak

from diptych_verify.rlp import RlpItem, rlp_encode

EMPTY_TRIE_ROOT = keccak(rlp_encode(b""))
_Entry = tuple[tuple[int, ...], bytes]


class Trie:
    """A complete trie over some keys; all in memory."""

    def __init__(self, entries: Mapping[bytes, bytes]) -> None:
        """Build the trie.

        Args:
            entries: key to value; values must not be empty.
        """
        self._nodes: dict[bytes, tuple[bytes, list[RlpItem]]] = {}
        paths = sorted((_nibbles(key), value) for key, value in entries.items())
        if not paths:
            self.root = EMPTY_TRIE_ROOT
            return
        root = self._node(paths, 0)
        encoded = rlp_encode(root)
        self.root = keccak(encoded)
        self._nodes[self.root] = (encoded, root)

    def _node(self, entries: Sequence[_Entry], depth: int) -> list[RlpItem]:
        if len(entries) == 1:
            path, value = entries[0]
            return [_hex_prefix(path[depth:], is_leaf=True), value]
        shared = _shared_length(entries[0][0], entries[-1][0])
        if shared > depth:
            child = self._reference(self._node(entries, shared))
            return [_hex_prefix(entries[0][0][depth:shared], is_leaf=False), child]
        branch: list[RlpItem] = [b""] * 17
        for nibble in range(16):
            below = [e for e in entries if len(e[0]) > depth and e[0][depth] == nibble]
            if below:
                branch[nibble] = self._reference(self._node(below, depth + 1))
        if len(entries[0][0]) == depth:
            branch[16] = entries[0][1]
        return branch

    def _reference(self, node: list[RlpItem]) -> RlpItem:
        encoded = rlp_encode(node)
        if len(encoded) < 32:
            return node
        digest = keccak(encoded)
        self._nodes[digest] = (encoded, node)
        return digest

    def proof(self, key: bytes) -> list[bytes]:
        """Return the hashed nodes on the way to a key, root first.

        Raises:
            KeyError: the trie does not hold the key.
        """
        path, digest = _nibbles(key), self.root
        if digest not in self._nodes:
            raise KeyError(key)
        encoded, node = self._nodes[digest]
        proof = [encoded]
        while True:
            child, path = _step(node, path, key)
            if child is None:
                return proof
            if isinstance(child, bytes):
                encoded, node = self._nodes[child]
                proof.append(encoded)
            else:
                node = child


def _step(
    node: list[RlpItem], path: tuple[int, ...], key: bytes
) -> tuple[RlpItem | None, tuple[int, ...]]:
    """Return what a node refers to and the rest of the path; None at the value."""
    if len(node) == 17:
        if not path:
            return None, path
        child, rest = node[path[0]], path[1:]
        if not child:
            raise KeyError(key)
        return child, rest
    part, is_leaf = _path(node[0])
    if path[: len(part)] != part or (is_leaf and path != part):
        raise KeyError(key)
    return (None if is_leaf else node[1]), path[len(part) :]


def _nibbles(raw: bytes) -> tuple[int, ...]:
    return tuple(nibble for byte in raw for nibble in (byte >> 4, byte & 15))


def _shared_length(left: tuple[int, ...], right: tuple[int, ...]) -> int:
    pairs = enumerate(zip(left, right, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(left), len(right)))


def _hex_prefix(path: Sequence[int], *, is_leaf: bool) -> bytes:
    flag = 2 * is_leaf + len(path) % 2
    padded = [flag, *path] if len(path) % 2 else [flag, 0, *path]
    return bytes(16 * high + low for high, low in zip(padded[::2], padded[1::2], strict=True))


def _path(item: RlpItem) -> tuple[tuple[int, ...], bool]:
    nibbles = _nibbles(item if isinstance(item, bytes) else b"")
    return nibbles[1 if nibbles[0] % 2 else 2 :], nibbles[0] >= 2
