"""Encrypted objects: AES-256-GCM in chunks, a fresh key for each object, length hidden.

STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár: "Online Authenticated-Encryption and its
Nonce-Reuse Misuse-Resistance", 2015): chunk i of 1 MiB is encrypted under the nonce
`i (11 bytes, big endian) || last (1 byte)`. Chunks cannot be reordered, dropped or cut off.
"""

from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from diptych.provenance.private.errors import PrivateCorrupt

KEY_BYTES = 32
TAG_BYTES = 16
CHUNK_BYTES = 1 << 20
_ZEROS = bytes(CHUNK_BYTES)


def encrypt_object(key: bytes, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Encrypt a stream.

    Args:
        key: 32 random bytes, never used for another object.
        chunks: plaintext in pieces of any size.
    """
    cipher = AESGCM(key)
    for index, chunk, last in _numbered(chunks, CHUNK_BYTES):
        yield cipher.encrypt(_nonce(index, last), chunk, None)


def decrypt_object(key: bytes, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Decrypt a stream; each piece that is yielded is authentic, the whole is so at the end.

    Raises:
        PrivateCorrupt: a chunk was altered, moved, dropped or added, or the key is wrong.
    """
    cipher = AESGCM(key)
    for index, chunk, last in _numbered(chunks, CHUNK_BYTES + TAG_BYTES):
        try:
            yield cipher.decrypt(_nonce(index, last), chunk, None)
        except (InvalidTag, ValueError) as error:
            raise PrivateCorrupt(
                f"chunk {index} of an encrypted object does not decrypt",
                hint="restore the object from a backup",
            ) from error


def padded(chunks: Iterable[bytes], *, exact: bool) -> Iterator[bytes]:
    """Append zeros so that the length says little.

    Args:
        chunks: plaintext.
        exact: False pads to the next power of two; True to the next Padmé length (Nikitin et al.,
            "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", 2019),
            which costs at most 12 %.
    """
    total = 0
    for chunk in chunks:
        total += len(chunk)
        yield chunk
    missing = (padme_length(total) if exact else power_of_two(total)) - total
    while missing > 0:
        yield _ZEROS[: min(missing, CHUNK_BYTES)]
        missing -= CHUNK_BYTES


def power_of_two(count: int) -> int:
    """Return the smallest power of two that is at least `count`, and at least 1.

    >>> [power_of_two(count) for count in (0, 1, 2, 3, 1000)]
    [1, 1, 2, 4, 1024]
    """
    return 1 << max(count - 1, 0).bit_length()


def padme_length(length: int) -> int:
    """Return the Padmé length for `length`.

    >>> [padme_length(length) for length in (0, 1, 9, 1000, 1_000_001)]
    [0, 1, 10, 1024, 1015808]
    """
    if length < 2:
        return length
    exponent = length.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (length + mask) & ~mask


def _nonce(index: int, last: bool) -> bytes:
    return index.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _numbered(chunks: Iterable[bytes], size: int) -> Iterator[tuple[int, bytes, bool]]:
    """Cut into pieces of exactly `size`; the last may be shorter, and is flagged."""
    buffer = bytearray()
    index = 0
    for chunk in chunks:
        buffer += chunk
        while len(buffer) > size:
            yield index, bytes(buffer[:size]), False
            del buffer[:size]
            index += 1
    yield index, bytes(buffer), True
