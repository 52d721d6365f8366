"""Tensors of a model: one leaf each, under one RFC 6962 root in the model's record.

A leaf is the canonical JSON line `[name, dtype, [shape], "<sha256>"]`; the digest is over the
values as little-endian bytes in row-major order. Leaves are sorted by the name's UTF-8 bytes.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from diptych_verify.errors import DigestMismatch, JsonValue, MalformedError
from diptych_verify.jcs import canonical_json
from diptych_verify.jsonio import ObjectReader
from diptych_verify.merkle import leaf_hash, verify_inclusion
from diptych_verify.statement import TensorsClaim

FORMAT = "diptych-tensors/1"
MAX_NAME = 1024
MAX_DIMENSIONS = 32
_DTYPE = re.compile(r"[a-z][a-z0-9_]{1,31}")


@dataclass(frozen=True, slots=True)
class TensorLeaf:
    """One tensor.

    Attributes:
        name: as in the model file, unique in the model.
        dtype: `float32`, `bfloat16`, `int8`, `bool`…
        shape: lengths of the axes; empty for a scalar.
        sha256: digest of the values, little-endian, row-major.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    sha256: bytes

    def line(self) -> bytes:
        """Return the canonical line that is hashed."""
        shape: list[JsonValue] = list(self.shape)
        return canonical_json([self.name, self.dtype, shape, self.sha256.hex()])

    def hash(self) -> bytes:
        """Return the 32-byte leaf hash."""
        return leaf_hash(self.line())

    def text(self) -> str:
        """Return name, type and shape for people."""
        return f"tensor {self.name!a} ({self.dtype} {list(self.shape)})"


def read_leaf(reader: ObjectReader) -> TensorLeaf:
    """Read the fields `name`, `dtype`, `shape` and `sha256` of an object.

    Raises:
        MalformedError: a field has another type or form.
    """
    name = reader.text("name", max_characters=MAX_NAME)
    dtype = reader.text("dtype", max_characters=32)
    if _DTYPE.fullmatch(dtype) is None:
        raise reader.wrong("dtype", "a type like float32")
    shape = tuple(
        axis
        for axis in reader.items("shape", maximum=MAX_DIMENSIONS)
        if isinstance(axis, int) and not isinstance(axis, bool) and axis >= 0
    )
    if len(shape) != len(reader.items("shape", maximum=MAX_DIMENSIONS)):
        raise reader.wrong("shape", "lengths of axes")
    return TensorLeaf(name, dtype, shape, reader.hex_bytes("sha256", size=32))


def verify_tensors(
    shown: Iterable[tuple[TensorLeaf, int, tuple[bytes, ...]]], claim: TensorsClaim
) -> None:
    """Check that each (leaf, index, proof) stands in the model's tensor tree.

    Raises:
        NotIncluded: a leaf or its place differs from what was sealed.
        MalformedError: two claim one place.
    """
    places: set[int] = set()
    for leaf, index, proof in shown:
        if index in places:
            raise MalformedError("bundle.tensors: got two tensors at one index")
        places.add(index)
        verify_inclusion(leaf.hash(), index=index, size=claim.count, proof=proof, root=claim.root)


def verify_tensor_bytes(path: Path, leaf: TensorLeaf) -> None:
    """Compare a file that holds the raw values of one tensor with its leaf.

    Raises:
        DigestMismatch: the values differ.
        CannotScan: the file cannot be read.
    """
    from diptych_verify.scan import scan

    if path.is_dir():
        raise DigestMismatch(
            f"{path.name!a} is a folder, expected a file with the values of {leaf.text()}",
            hint="verify the folder with a bundle of the whole model",
        )
    actual = next(scan(path))
    if actual.digests[0] != leaf.sha256:
        raise DigestMismatch(
            f"the file has sha256 {actual.digests[0].hex()}, "
            f"{leaf.text()} was sealed with {leaf.sha256.hex()}",
            changed=[leaf.name],
            added=[],
            removed=[],
            total=1,
        )
