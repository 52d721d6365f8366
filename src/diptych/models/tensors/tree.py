"""The tensor tree: a sorted list of leaves, written as one object, under one RFC 6962 root."""

import hashlib
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from diptych.core.errors import JsonValue, MalformedError
from diptych.models.errors import BadModelFile, NoSuchTensor
from diptych_verify.bundle import ShownTensor
from diptych_verify.jsonio import ObjectReader, strict_json
from diptych_verify.merkle import merkle_root, node_hash
from diptych_verify.tensors import FORMAT, MAX_DIMENSIONS, MAX_NAME, TensorLeaf, read_leaf

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    Array = NDArray[Any]

MAX_TENSORS = 1_000_000
MAX_LIST_BYTES = 256 << 20
_HEADER = b'{"format":"' + FORMAT.encode() + b'"}\n'


@dataclass(frozen=True)
class TensorTree:
    """Leaves sorted by the UTF-8 bytes of their names, each name once."""

    leaves: tuple[TensorLeaf, ...]

    @cached_property
    def hashes(self) -> tuple[bytes, ...]:
        """Leaf hashes, 32 bytes each."""
        return tuple(leaf.hash() for leaf in self.leaves)

    @cached_property
    def root(self) -> bytes:
        """RFC 6962 root, 32 bytes."""
        return merkle_root(self.hashes)

    def parameters(self) -> int:
        """Return the number of values in all tensors."""
        return sum(parameter_count(leaf) for leaf in self.leaves)

    def claim(self) -> dict[str, JsonValue]:
        """Return `predicate.model.tensors`."""
        digest = hashlib.sha256(dump_tree(self)).hexdigest()
        return {"root": self.root.hex(), "count": len(self.leaves), "object": digest}

    def show(self, name: str) -> ShownTensor:
        """Return one leaf with its proof.

        Raises:
            NoSuchTensor: there is none of that name.
        """
        for index, leaf in enumerate(self.leaves):
            if leaf.name == name:
                return ShownTensor(leaf, index, tuple(_path(index, self.hashes)))
        known = ", ".join(leaf.name for leaf in self.leaves[:5])
        raise NoSuchTensor(
            f"got tensor '{name}', expected one of {len(self.leaves)}: {known}…",
            hint="diptych model show NAME --tensors",
        )


def parameter_count(leaf: TensorLeaf) -> int:
    """Return the number of values of a tensor."""
    count = 1
    for axis in leaf.shape:
        count *= axis
    return count


def tensor_tree(leaves: Iterable[TensorLeaf]) -> TensorTree:
    """Sort leaves into a tree.

    Raises:
        BadModelFile: two have one name, a name is too long, or there are too many.
    """
    ordered = sorted(leaves, key=lambda leaf: leaf.name.encode())
    for before, after in itertools.pairwise(ordered):
        if before.name == after.name:
            raise BadModelFile(f"two tensors are named '{after.name[:80]}'")
    if len(ordered) > MAX_TENSORS:
        raise BadModelFile(f"got {len(ordered)} tensors, expected at most {MAX_TENSORS}")
    for leaf in ordered:
        if len(leaf.name) > MAX_NAME or len(leaf.shape) > MAX_DIMENSIONS:
            raise BadModelFile(f"the tensor '{leaf.name[:80]}' has too long a name or shape")
    return TensorTree(tuple(ordered))


def tree_of(arrays: "Mapping[str, tuple[str, Array]]") -> TensorTree:
    """Return the tree of named (dtype, values); values are hashed little-endian and row-major."""
    return tensor_tree(
        TensorLeaf(name, dtype, array.shape, hashlib.sha256(array_bytes(array)).digest())
        for name, (dtype, array) in arrays.items()
    )


def array_bytes(array: "Array") -> bytes:
    """Return the values of an array as little-endian, row-major bytes."""
    import numpy as np

    if array.dtype.byteorder == ">":
        array = array.astype(array.dtype.newbyteorder("<"))
    return np.ascontiguousarray(array).tobytes()


def dump_tree(tree: TensorTree) -> bytes:
    """Return the tensor list as an object: a header, then one canonical line per leaf."""
    return _HEADER + b"".join(leaf.line() + b"\n" for leaf in tree.leaves)


def parse_tree(raw: bytes) -> TensorTree:
    """Read a tensor list strictly; `parse_tree(dump_tree(x)) == x`.

    Raises:
        MalformedError: not such a list, or not in canonical form and order.
    """
    if len(raw) > MAX_LIST_BYTES or not raw.startswith(_HEADER) or not raw.endswith(b"\n"):
        raise MalformedError(f"not a {FORMAT} list")
    leaves = [_leaf(line) for line in raw[len(_HEADER) :].splitlines()]
    tree = TensorTree(tuple(leaves))
    names = [leaf.name.encode() for leaf in leaves]
    if names != sorted(set(names)) or dump_tree(tree) != raw:
        raise MalformedError(f"the {FORMAT} list is not in canonical form and order")
    return tree


def _leaf(line: bytes) -> TensorLeaf:
    value = strict_json(line, max_bytes=1 << 16, max_depth=2, max_values=64)
    if not isinstance(value, list) or len(value) != 4:
        raise MalformedError(f"a line of a {FORMAT} list is not [name, dtype, shape, sha256]")
    members = dict(zip(("name", "dtype", "shape", "sha256"), value, strict=True))
    return read_leaf(ObjectReader(members, "tensor"))


def _path(index: int, hashes: tuple[bytes, ...]) -> list[bytes]:
    """Return the sibling hashes of a leaf, leaf to root (RFC 9162 section 2.1.3.1)."""
    proof: list[bytes] = []
    row = list(hashes)
    while len(row) > 1:
        sibling = index ^ 1
        if sibling < len(row):
            proof.append(row[sibling])
        pairs = [node_hash(*row[at : at + 2]) for at in range(0, len(row) - 1, 2)]
        row = pairs if len(row) % 2 == 0 else [*pairs, row[-1]]
        index >>= 1
    return proof
