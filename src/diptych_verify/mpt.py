"""Merkle-Patricia trie proofs: a key has this value under this root.

Source: Ethereum Yellow Paper, appendix D. Nodes are RLP lists; a node whose encoding is shorter
than 32 bytes stands inside its parent, any other is referred to by its Keccak-256.
"""

import hmac
from collections.abc import Sequence
from typing import Final

from diptych_verify.errors import AnchorMismatch, MalformedError
from diptych_verify.keccak import keccak256
from diptych_verify.rlp import MAX_BYTES, RlpItem, as_bytes, as_list, rlp_decode, rlp_encode

MAX_NODES: Final = 64
MAX_PROOF_BYTES: Final = 256 << 10


def verify_trie_proof(
    root: bytes, key: bytes, proof: Sequence[bytes], *, max_bytes: int = MAX_PROOF_BYTES
) -> bytes:
    """Return the value that the trie holds under `key`.

    Args:
        root: 32-byte Keccak-256 of the root node.
        key: trie key, at most 32 bytes.
        proof: RLP of the hashed nodes from the root to the value, each used exactly once.
        max_bytes: longest proof accepted; it holds the whole value.

    Raises:
        MalformedError: a node is not a canonical trie node, or there are too many.
        AnchorMismatch: a hash differs, the key leads elsewhere, or nodes are missing or left over.
    """
    if not proof or len(proof) > MAX_NODES or len(key) > 32:
        raise MalformedError(f"got {len(proof)} trie nodes, expected 1 to {MAX_NODES}")
    if sum(map(len, proof)) > max_bytes:
        raise MalformedError(f"got a trie proof above {max_bytes} bytes")
    walk = _Walk(proof, max_bytes)
    node = walk.hashed(root)
    path = _nibbles(key)
    while True:
        if len(node) == 17:
            if not path:
                return walk.finish(as_bytes(node[16], "branch value"))
            child, path = node[path[0]], path[1:]
        else:
            is_leaf, part = _hex_prefix(as_bytes(node[0], "trie path"))
            if path[: len(part)] != part or (is_leaf and len(path) != len(part)):
                raise AnchorMismatch("the trie proof ends at another key")
            if is_leaf:
                return walk.finish(as_bytes(node[1], "leaf value"))
            child, path = node[1], path[len(part) :]
        node = walk.follow(child)


class _Walk:
    """Hands out the proof's nodes in order and insists that each is needed."""

    def __init__(self, proof: Sequence[bytes], max_bytes: int) -> None:
        self._proof, self._max_bytes = proof, max(MAX_BYTES, max_bytes)
        self._used = 0

    def hashed(self, digest: bytes) -> list[RlpItem]:
        """Return the next node of the proof, which must have this Keccak-256."""
        if self._used == len(self._proof):
            raise AnchorMismatch(f"the trie proof stops after {self._used} nodes")
        raw = self._proof[self._used]
        if self._used and len(raw) < 32:
            raise MalformedError("got a hashed trie node below 32 bytes, expected it in its parent")
        actual = keccak256(raw)
        if not hmac.compare_digest(actual, digest):
            raise AnchorMismatch(
                f"trie node {self._used} has hash {actual.hex()}, expected {digest.hex()}"
            )
        self._used += 1
        return _node(rlp_decode(raw, max_bytes=self._max_bytes))

    def follow(self, child: RlpItem) -> list[RlpItem]:
        """Return the node that a branch or extension refers to."""
        if isinstance(child, list):
            if len(rlp_encode(child)) >= 32:
                raise MalformedError("got an embedded trie node of 32 bytes or more")
            return _node(child)
        if not child:
            raise AnchorMismatch("the trie holds nothing under this key")
        return self.hashed(as_bytes(child, "trie reference", size=32))

    def finish(self, value: bytes) -> bytes:
        """Return the value once every node was used."""
        if self._used != len(self._proof):
            raise AnchorMismatch(
                f"the trie proof has {len(self._proof)} nodes, expected {self._used}"
            )
        if not value:
            raise AnchorMismatch("the trie holds nothing under this key")
        return value


def _node(item: RlpItem) -> list[RlpItem]:
    node = as_list(item, "trie node", minimum=2, maximum=17)
    if len(node) not in (2, 17):
        raise MalformedError(f"got a trie node of {len(node)} items, expected 2 or 17")
    return node


def _nibbles(raw: bytes) -> tuple[int, ...]:
    return tuple(nibble for byte in raw for nibble in (byte >> 4, byte & 15))


def _hex_prefix(raw: bytes) -> tuple[bool, tuple[int, ...]]:
    """Decode a compact path into (is a leaf, nibbles)."""
    nibbles = _nibbles(raw)
    if not nibbles or nibbles[0] > 3 or len(raw) > 33:
        raise MalformedError(f"got trie path {raw[:34].hex()}, expected a hex-prefix encoding")
    flag = nibbles[0]
    if not flag & 1 and nibbles[1] != 0:
        raise MalformedError(f"got trie path {raw.hex()} with non-zero padding")
    path = nibbles[1:] if flag & 1 else nibbles[2:]
    if flag < 2 and not path:
        raise MalformedError("got a trie extension without a path")
    return flag >= 2, path
