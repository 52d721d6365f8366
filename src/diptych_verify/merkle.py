"""Merkle trees of RFC 6962 / RFC 9162 over SHA-256: roots, inclusion and consistency.

A leaf is hashed as `SHA-256(0x00 || entry)`, an inner node as `SHA-256(0x01 || left || right)`;
every hash is 32 bytes. The functions take leaf hashes, never entries, except `leaf_hash`.
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterable, Sequence

from diptych_verify.errors import JsonValue, MalformedError, NotIncluded, Rollback, SplitView

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
_LEAF = b"\x00"
_NODE = b"\x01"


def leaf_hash(entry: bytes) -> bytes:
    """Return the 32-byte leaf hash of a log entry (RFC 9162 section 2.1.1).

    >>> leaf_hash(b"").hex()[:16]
    '6e340b9cffb37a98'
    """
    return hashlib.sha256(_LEAF + entry).digest()


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """Return the 32-byte leaf hash of each entry, in order (twice as fast as one by one)."""
    sha256 = hashlib.sha256
    return [sha256(_LEAF + entry).digest() for entry in entries]


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the 32-byte hash of an inner node (RFC 9162 section 2.1.1)."""
    return hashlib.sha256(_NODE + left + right).digest()


class Frontier:
    """The right edge of an append-only tree: enough to append and to know the root.

    Also known as a compact range. It holds one hash per set bit of the size, so it stays below
    2 KiB for any log; appending costs one hash per leaf amortised.
    """

    def __init__(self, size: int = 0, nodes: Sequence[bytes] = ()) -> None:
        """Start empty, or at a stored state.

        Args:
            size: number of leaves covered.
            nodes: roots of the perfect subtrees, left to right (largest first), 32 bytes each.

        Raises:
            MalformedError: the number or the length of the nodes does not fit the size.
        """
        if size < 0 or len(nodes) != size.bit_count():
            raise MalformedError(f"got {len(nodes)} frontier nodes for size {size}")
        if any(len(node) != HASH_BYTES for node in nodes):
            raise MalformedError("got a frontier node that is not 32 bytes long")
        self._size = size
        self._levels: list[bytes | None] = [None] * size.bit_length()
        remaining = iter(reversed(nodes))
        for level in range(size.bit_length()):
            if size >> level & 1:
                self._levels[level] = next(remaining)

    @property
    def size(self) -> int:
        """Number of leaves appended so far."""
        return self._size

    @property
    def nodes(self) -> tuple[bytes, ...]:
        """Roots of the perfect subtrees, left to right; `Frontier(size, nodes)` restores."""
        return tuple(node for node in reversed(self._levels) if node is not None)

    def copy(self) -> "Frontier":
        """Return an independent frontier in the same state."""
        return Frontier(self._size, self.nodes)

    def append(self, leaf: bytes) -> None:
        """Append one 32-byte leaf hash."""
        levels = self._levels
        node = leaf
        level = 0
        sha256 = hashlib.sha256
        while level < len(levels):
            left = levels[level]
            if left is None:
                break
            node = sha256(_NODE + left + node).digest()
            levels[level] = None
            level += 1
        else:
            levels.append(None)
        levels[level] = node
        self._size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Append many 32-byte leaf hashes, hashing level by level (faster than `append`)."""
        row = list(leaves)
        self._size += len(row)
        sha256 = hashlib.sha256
        level = 0
        while row:
            if level == len(self._levels):
                self._levels.append(None)
            left = self._levels[level]
            if left is not None:
                row.insert(0, left)
            self._levels[level] = row.pop() if len(row) & 1 else None
            pairs = iter(row)
            row = [
                sha256(_NODE + one + two).digest() for one, two in zip(pairs, pairs, strict=True)
            ]
            level += 1

    def root(self) -> bytes:
        """Return the 32-byte root of the tree appended so far."""
        root: bytes | None = None
        for node in self._levels:
            if node is not None:
                root = node if root is None else node_hash(node, root)
        return EMPTY_ROOT if root is None else root


def merkle_root(leaf_hashes: Iterable[bytes]) -> bytes:
    """Return the root over leaf hashes in order; `EMPTY_ROOT` for none.

    >>> merkle_root([]) == EMPTY_ROOT
    True
    """
    frontier = Frontier()
    frontier.extend(leaf_hashes)
    return frontier.root()


def verify_inclusion(
    leaf: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that `leaf` stands at `index` of the tree (RFC 9162 section 2.1.3.2).

    Args:
        leaf: 32-byte leaf hash.
        index: position of the leaf, from 0.
        size: number of leaves of the tree.
        proof: sibling hashes, leaf to root, 32 bytes each.
        root: 32-byte root of the tree.

    Raises:
        NotIncluded: the proof does not lead from the leaf at `index` to `root`.
    """
    computed = inclusion_root(leaf, index=index, size=size, proof=proof)
    if computed is None:
        raise NotIncluded(
            f"an inclusion proof of {len(proof)} hashes does not fit index {index} of {size}"
        )
    if not hmac.compare_digest(computed, root):
        raise NotIncluded(
            f"the proof for index {index} of {size} leads to root {computed.hex()}, "
            f"expected {root.hex()}"
        )


def inclusion_root(leaf: bytes, *, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """Return the root that the proof leads to, or None where its shape is impossible."""
    if not 0 <= index < size or len(leaf) != HASH_BYTES:
        return None
    position, last = index, size - 1
    node = leaf
    sha256 = hashlib.sha256
    for sibling in proof:
        if last == 0 or len(sibling) != HASH_BYTES:
            return None
        if position & 1 or position == last:
            node = sha256(_NODE + sibling + node).digest()
            while position and not position & 1:
                position >>= 1
                last >>= 1
        else:
            node = sha256(_NODE + node + sibling).digest()
        position >>= 1
        last >>= 1
    return None if last else node


def verify_consistency(
    *, old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the old tree is a prefix of the new one (RFC 9162 section 2.1.4.2).

    Args:
        old_size: leaves of the older tree, at least 1 (a proof from nothing proves nothing).
        old_root: its 32-byte root.
        new_size: leaves of the newer tree.
        new_root: its 32-byte root.
        proof: node hashes, 32 bytes each; empty for equal sizes.

    Raises:
        MalformedError: `old_size` is below 1.
        Rollback: the newer tree is smaller than the older one.
        SplitView: the proof does not connect the two roots; `details` holds both.
    """
    heads: dict[str, JsonValue] = {
        "old_size": old_size,
        "old_root": b64encode(old_root).decode(),
        "new_size": new_size,
        "new_root": b64encode(new_root).decode(),
    }
    if old_size < 1:
        raise MalformedError(f"got a consistency proof from size {old_size}, expected at least 1")
    if new_size < old_size:
        message = f"got a tree of size {new_size}, expected at least {old_size}"
        raise _contradiction(Rollback, message, heads)
    if old_size == new_size:
        roots = (new_root, old_root) if not proof else None
    else:
        roots = _consistency_roots(old_size, new_size, proof, old_root)
    if roots is None:
        message = f"a proof of {len(proof)} hashes does not fit sizes {old_size} to {new_size}"
        raise _contradiction(SplitView, message, heads)
    if not (hmac.compare_digest(roots[0], old_root) and hmac.compare_digest(roots[1], new_root)):
        message = f"the tree of size {old_size} is not a prefix of the tree of size {new_size}"
        raise _contradiction(SplitView, message, heads)


def _contradiction(
    kind: type[SplitView] | type[Rollback], message: str, heads: dict[str, JsonValue]
) -> SplitView | Rollback:
    error = kind(message, hint="keep both checkpoints: together they are the evidence")
    error.details.update(heads)
    return error


def _consistency_roots(
    old_size: int, new_size: int, proof: Sequence[bytes], old_root: bytes
) -> tuple[bytes, bytes] | None:
    """Return the old and the new root that the proof leads to; None if its shape is impossible."""
    path = list(proof)
    if old_size.bit_count() == 1:
        path.insert(0, old_root)
    if not path or any(len(node) != HASH_BYTES for node in path):
        return None
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position >>= 1
        last >>= 1
    old = new = path[0]
    for node in path[1:]:
        if last == 0:
            return None
        if position & 1 or position == last:
            old, new = node_hash(node, old), node_hash(node, new)
            while position and not position & 1:
                position >>= 1
                last >>= 1
        else:
            new = node_hash(new, node)
        position >>= 1
        last >>= 1
    return None if last else (old, new)
