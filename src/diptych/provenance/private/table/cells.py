"""One row of a private table: salts, commitments, encryption. Pure, given the row's random key.

The row key opens everything about the row and nothing else. Its field salts and the values of the
padding leaves are 32-byte pieces of SHAKE-256(label || row key), so a disclosed salt says nothing
about another; the payload key is HMAC-SHA-256(row key, label). A row of which a field was erased
gets a new key, and keeps the salts of its other fields as they are.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from json.encoder import encode_basestring

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from diptych.core.canonical import canonical_json
from diptych.provenance.private.errors import PrivateCorrupt
from diptych_verify.merkle import HASH_BYTES, leaf_hash, node_hash

Cell = str | int | float | bool | None
_SALTS = b"diptych-table/1 salts"
_PAYLOAD = b"diptych-table/1 payload"
_MAX_SAFE = 2**53 - 1
_BEYOND_PLAIN = frozenset("eni")
"""In the text of a float: an exponent, which RFC 8785 writes differently, infinity, or NaN."""
_NONCE = bytes(12)
"""Each payload key is used once."""


@dataclass(frozen=True)
class SealedRow:
    """A row as it was sealed.

    Attributes:
        number: its place in the file that was sealed, from 1.
        cells: one value per column; None where a field was erased, too.
        slots: 32 bytes per leaf: the salt of a field, the commitment of a padding leaf, or the
            leaf hash of an erased field.
        gone: places of erased fields.
    """

    number: int
    cells: tuple[Cell, ...] = field(repr=False)
    slots: bytes = field(repr=False)
    gone: frozenset[int] = frozenset()

    def salt(self, place: int) -> bytes:
        """Return the 32 bytes that belong to a leaf of the row."""
        return self.slots[place * HASH_BYTES : (place + 1) * HASH_BYTES]

    def leaf_hashes(self, prefixes: Sequence[bytes]) -> list[bytes]:
        """Return the leaf hashes of the row's block.

        Args:
            prefixes: from `prefixes_of`, one per column.
        """
        hashes = []
        for place in range(len(self.slots) // HASH_BYTES):
            slot = self.salt(place)
            if place in self.gone:
                hashes.append(slot)
            elif place < len(prefixes):
                message = prefixes[place] + cell_json(self.cells[place]) + b"]"
                hashes.append(leaf_hash(hmac.digest(slot, message, "sha256")))
            else:
                hashes.append(leaf_hash(slot))
        return hashes

    def without(self, places: Sequence[int], prefixes: Sequence[bytes]) -> "SealedRow":
        """Return the row with fields erased: their values and salts are gone for good."""
        hashes = self.leaf_hashes(prefixes)
        slots = bytearray(self.slots)
        cells = list(self.cells)
        for place in places:
            slots[place * HASH_BYTES : (place + 1) * HASH_BYTES] = hashes[place]
            cells[place] = None
        return SealedRow(self.number, tuple(cells), bytes(slots), self.gone | set(places))


def new_slots(row_key: bytes, width: int) -> bytes:
    """Return salts and padding commitments of an untouched row, `width` times 32 bytes."""
    return hashlib.shake_256(_SALTS + row_key).digest(width * HASH_BYTES)


def prefixes_of(columns: Sequence[str]) -> list[bytes]:
    """Return what the canonical JSON of `[name, value]` begins with, for each column."""
    return [canonical_json([name])[:-1] + b"," for name in columns]


def cell_json(value: Cell) -> bytes:
    """Return the canonical JSON (RFC 8785) of a cell; the same as `canonical_json`, faster.

    Raises:
        NotCanonical: not finite, beyond 2^53-1, or a lone surrogate.

    >>> cell_json(1.0), cell_json("x"), cell_json(None)
    (b'1', b'"x"', b'null')
    """
    if isinstance(value, str):
        if value.isascii():
            return encode_basestring(value).encode()
    elif isinstance(value, float):
        text = repr(value)
        if text.isascii() and not _BEYOND_PLAIN.intersection(text):
            whole = text.endswith(".0")
            return (text[:-2] if whole and value else "0" if whole else text).encode()
    elif type(value) is int and -_MAX_SAFE <= value <= _MAX_SAFE:
        return b"%d" % value
    return canonical_json(value)


def block_root(leaves: Sequence[bytes]) -> bytes:
    """Return the node over a block of a power of two of leaf hashes."""
    row = list(leaves)
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


def lock_row(row_key: bytes, row: SealedRow) -> bytes:
    """Encrypt a row; the slots of an untouched one follow from its key and are left out."""
    content: list[object] = [row.number, row.cells]
    if row.gone:
        content += [sorted(row.gone), row.slots.hex()]
    plain = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return AESGCM(_payload_key(row_key)).encrypt(_NONCE, plain, None)


def unlock_row(row_key: bytes, sealed: bytes, width: int) -> SealedRow:
    """Decrypt a row.

    Raises:
        PrivateCorrupt: the payload was altered, or the key is another row's.
    """
    try:
        plain = AESGCM(_payload_key(row_key)).decrypt(_NONCE, sealed, None)
        number, cells, *rest = json.loads(plain)
        if rest:
            return SealedRow(number, tuple(cells), bytes.fromhex(rest[1]), frozenset(rest[0]))
        return SealedRow(number, tuple(cells), new_slots(row_key, width))
    except (InvalidTag, ValueError) as error:
        raise PrivateCorrupt(
            "a row of a private table does not decrypt",
            hint="restore the private store from a backup",
        ) from error


def _payload_key(row_key: bytes) -> bytes:
    return hmac.digest(row_key, _PAYLOAD, "sha256")
