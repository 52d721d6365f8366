"""The root over the header records of an era1 file. Pure.

Source: ethereum/portal-network-specs, history network: `hash_tree_root` (SSZ) of
`List[HeaderRecord, 8192]`, a record being (block hash, total difficulty as uint256).
"""

from collections.abc import Iterable
from hashlib import sha256

MAX_RECORDS = 8192
_DEPTH = 13


def accumulator_root(records: Iterable[tuple[bytes, int]]) -> bytes:
    """Return the 32 bytes of the root.

    Args:
        records: block hash and total difficulty of each block, at most 8192.
    """
    layer = [sha256(block + total.to_bytes(32, "little")).digest() for block, total in records]
    count, empty = len(layer), bytes(32)
    # A list of composite elements: each element is a leaf, the leaf that is missing is zero.
    for _ in range(_DEPTH):
        if len(layer) & 1:
            layer.append(empty)
        pairs = zip(layer[::2], layer[1::2], strict=True)
        layer = [sha256(left + right).digest() for left, right in pairs]
        empty = sha256(empty + empty).digest()
    root = layer[0] if layer else empty
    return sha256(root + count.to_bytes(32, "little")).digest()
