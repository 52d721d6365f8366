"""Whether content is encoded in a way that nothing known explains."""

import math
import re
from collections import Counter

from diptych.audit.payloads.layers import is_text, peel
from diptych.audit.payloads.signs import is_picture

__all__ = ["is_opaque"]

_ENCODED = re.compile(rb"(?:0x)?[0-9a-fA-F]{48,}|[A-Za-z0-9+/_-]{48,}={0,2}")
_MIN_BYTES = 40
_MIN_BITS = 4.0
_KNOWN = (
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"RIFF",
    b"wOFF",
    b"wOF2",
    b"\x00\x01\x00\x00",
    b"PK",
)
_PEEL_BYTES = 1 << 16


def is_opaque(data: bytes) -> bool:
    """Whether bytes are one encoded or encrypted run that does not decode to text or an image."""
    if len(data) < _MIN_BYTES or is_picture(data):
        return False
    if not is_text(data):
        return not data.startswith(_KNOWN) and _bits(data) >= _MIN_BITS
    if _ENCODED.fullmatch(data.strip()) is None:
        return False
    below = [layer for layer in peel(data, _PEEL_BYTES, 100) if layer.name in ("hex", "base64")]
    return not any(
        is_text(layer.data) or layer.data.startswith(_KNOWN) or is_picture(layer.data)
        for layer in below
    )


def _bits(data: bytes) -> float:
    """Return the entropy of single bytes, in bits (Shannon)."""
    size = len(data)
    return -sum(n / size * math.log2(n / size) for n in Counter(data).values())
