"""Frames: bursts of readings under one Ed25519 signature, on the wire and in memory. Pure.

A burst of one is one signed reading. Larger bursts cost one signature for many readings; each can
still be shown alone, because the device signs their Merkle root.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from diptych.core.errors import MalformedError
from diptych_verify.merkle import leaf_hash, merkle_root
from diptych_verify.readings import (
    MAX_BURST,
    MAX_EXPONENT,
    MAX_TIME_MS,
    QUALITIES,
    READING_BYTES,
    UNITS,
    Reading,
    check_reading,
    signed_message,
)

VERSION: Final = 1
HEAD_BYTES: Final = 35
SIGNATURE_BYTES: Final = 64
MAX_FRAME_BYTES: Final = HEAD_BYTES + MAX_BURST * READING_BYTES + SIGNATURE_BYTES


@dataclass(frozen=True)
class Frame:
    """A parsed frame whose signature nobody has checked yet.

    Attributes:
        raw: the whole frame.
        key: public key of the device, 32 bytes.
        readings: the 28 bytes of each reading.
        counters: their counters, strictly ascending.
    """

    raw: bytes
    key: bytes
    readings: tuple[bytes, ...] = field(repr=False)
    counters: tuple[int, ...] = field(repr=False)

    @property
    def signature(self) -> bytes:
        """The 64 signature bytes."""
        return self.raw[-SIGNATURE_BYTES:]

    def leaves(self) -> list[bytes]:
        """Return the leaf hashes of the burst."""
        key = self.key
        return [leaf_hash(key + reading) for reading in self.readings]

    def message(self) -> bytes:
        """Return what the signature must cover."""
        leaves = self.leaves()
        root = leaves[0] if len(leaves) == 1 else merkle_root(leaves)
        return signed_message(self.key, len(leaves), root)


def sign_burst(key: Ed25519PrivateKey, readings: Sequence[Reading]) -> bytes:
    """Return the signed frame of a burst: what a device does.

    Args:
        key: the device's key.
        readings: 1 to 4,096, counters strictly ascending.

    Raises:
        MalformedError: none or too many, counters out of order, or a field outside its range.
    """
    public = key.public_key().public_bytes_raw()
    packed = [reading.pack() for reading in readings]
    if not 0 < len(packed) <= MAX_BURST:
        raise MalformedError(f"got a burst of {len(packed)}, expected 1 to {MAX_BURST}")
    root = merkle_root([leaf_hash(public + raw) for raw in packed])
    signature = key.sign(signed_message(public, len(packed), root))
    count = len(packed).to_bytes(2, "big")
    raw = b"".join([bytes([VERSION]), public, count, *packed, signature])
    parse_frame(raw)
    return raw


def parse_frame(raw: bytes) -> Frame:
    """Parse one frame strictly; its signature is checked by `verify_frames`.

    Raises:
        MalformedError: another version or length, a field outside its range, counters that do
            not ascend.
    """
    if len(raw) < HEAD_BYTES or raw[0] != VERSION:
        raise MalformedError(f"got {len(raw)} bytes, expected a frame of version {VERSION}")
    count = int.from_bytes(raw[33:35], "big")
    end = HEAD_BYTES + count * READING_BYTES
    if not 0 < count <= MAX_BURST or len(raw) != end + SIGNATURE_BYTES:
        raise MalformedError(f"got a frame of {len(raw)} bytes for {count} readings")
    readings = tuple(raw[at : at + READING_BYTES] for at in range(HEAD_BYTES, end, READING_BYTES))
    return Frame(raw, raw[1:33], readings, tuple(_counters(readings)))


def _counters(readings: tuple[bytes, ...]) -> Iterator[int]:
    before = -1
    for raw in readings:
        counter = int.from_bytes(raw[:8], "big")
        exponent = raw[18] - 256 if raw[18] > 127 else raw[18]
        if (
            raw[17] >= len(UNITS)
            or raw[19] >= len(QUALITIES)
            or not -MAX_EXPONENT <= exponent <= MAX_EXPONENT
            or int.from_bytes(raw[8:16], "big") > MAX_TIME_MS
            or counter >= 1 << 63
        ):
            time_ms = int.from_bytes(raw[8:16], "big")
            check_reading(counter, time_ms, (raw[17], exponent, raw[19]))
        if counter <= before:
            raise MalformedError(f"got counter {counter} after {before}, expected a larger one")
        before = counter
        yield counter


def read_frames(source: BinaryIO) -> Iterator[bytes]:
    """Cut a stream of frames, one after another, into single frames; nothing is checked yet.

    Raises:
        MalformedError: the stream ends within a frame, or another version begins.
    """
    at = 0
    while head := source.read(HEAD_BYTES):
        count = int.from_bytes(head[33:35], "big")
        rest = count * READING_BYTES + SIGNATURE_BYTES
        fits = len(head) == HEAD_BYTES and head[0] == VERSION and 0 < count <= MAX_BURST
        body = source.read(rest) if fits else b""
        if not fits or len(body) != rest:
            raise MalformedError(f"byte {at}: got no whole frame of version {VERSION}")
        yield head + body
        at += HEAD_BYTES + rest
