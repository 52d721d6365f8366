"""Salted commitments to fields, and the tree over them. Pure, except for drawing salts.

A plain digest of a guessable value can be reversed by trying all values, so nothing private is
ever named by one: each field has its own random salt, and the commitment hides the value until
the salt is disclosed. Destroying the salt makes the commitment meaningless.
"""

import base64
import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from diptych.core.canonical import canonical_json
from diptych.core.errors import JsonValue
from diptych.provenance.private.errors import NoSuchField
from diptych_verify.bundle import DisclosedField
from diptych_verify.disclosed import commitment
from diptych_verify.merkle import leaf_hash, merkle_root, node_hash

SALT_BYTES = 32
RandomBytes = Callable[[int], bytes]
Field = tuple[str, JsonValue]


@dataclass(frozen=True)
class FieldTree:
    """Fields with their salts, in list order.

    Attributes:
        fields: (name, value) pairs; names may repeat.
        salts: one of 32 bytes per field.
    """

    fields: tuple[Field, ...] = field(repr=False)
    salts: tuple[bytes, ...] = field(repr=False)

    def leaf_hashes(self) -> list[bytes]:
        """Return the RFC 6962 leaf hashes of all commitments."""
        pairs = zip(self.fields, self.salts, strict=True)
        return [leaf_hash(commitment(name, value, salt)) for (name, value), salt in pairs]

    def root(self) -> bytes:
        """Return the 32-byte root that a statement carries."""
        return merkle_root(self.leaf_hashes())

    def reveal(self, index: int) -> DisclosedField:
        """Open one field.

        Raises:
            NoSuchField: there is no field at `index`.
        """
        if not 0 <= index < len(self.fields):
            raise NoSuchField(f"got field index {index}, expected 0 to {len(self.fields) - 1}")
        name, value = self.fields[index]
        proof = inclusion_path(self.leaf_hashes(), index)
        return DisclosedField(name, value, self.salts[index], index, len(self.fields), proof)


def commit(
    fields: Sequence[Field], *, random_bytes: RandomBytes = secrets.token_bytes
) -> FieldTree:
    """Draw a salt for every field.

    Args:
        fields: (name, value) pairs; values must have a canonical JSON form.
        random_bytes: source of salts, replaceable in tests only.

    Raises:
        NotCanonical: a value has no canonical JSON form.
    """
    for name, value in fields:
        canonical_json([name, value])
    return FieldTree(tuple(fields), tuple(random_bytes(SALT_BYTES) for _ in fields))


def commitment_of(message: bytes, salt: bytes) -> bytes:
    """Return the commitment to an already canonical `[name,value]`, 32 bytes."""
    return hmac.digest(salt, message, "sha256")


def disclosed_json(field: DisclosedField) -> dict[str, JsonValue]:
    """Return the member of `disclosed` in a bundle (docs/formats.md)."""
    return {
        "name": field.name,
        "value": field.value,
        "salt": base64.b64encode(field.salt).decode(),
        "index": field.index,
        "leaves": field.leaves,
        "proof": base64.b64encode(b"".join(field.proof)).decode(),
    }


def inclusion_path(leaf_hashes: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Return the inclusion proof of a leaf (RFC 9162 section 2.1.3.1), leaf to root.

    Args:
        leaf_hashes: all leaves of the tree, 32 bytes each.
        index: position of the leaf.
    """
    row = list(leaf_hashes)
    path: list[bytes] = []
    while len(row) > 1:
        sibling = index ^ 1
        if sibling < len(row):
            path.append(row[sibling])
        pairs = zip(row[::2], row[1::2], strict=False)
        odd = row[-1:] if len(row) & 1 else []
        row = [node_hash(left, right) for left, right in pairs] + odd
        index >>= 1
    return tuple(path)
