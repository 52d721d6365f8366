"""New UIDs, day offsets and pseudonyms: the same for the same value under one secret.

A series stays linked because equal UIDs get equal new ones; without the secret nobody can tell
which original a new one stands for.
"""

import hmac
from hashlib import sha256

_MAX_DAYS = 3_650
_MIN_DAYS = 30


class Keyed:
    """Replacements under one secret.

    Args:
        secret: 32 bytes or more, kept in the private store.
    """

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 16:
            raise ValueError("expected a secret of at least 16 bytes")
        self._secret = secret

    def uid(self, uid: str) -> str:
        """Return `2.25.` and a version 8 UUID (RFC 9562; PS3.5 B.2) as a decimal number."""
        raw = bytearray(self._tag(b"uid", uid)[:16])
        raw[6] = 0x80 | raw[6] & 0x0F
        raw[8] = 0x80 | raw[8] & 0x3F
        return f"2.25.{int.from_bytes(raw)}"

    def days(self, patient: str) -> int:
        """Return by how many days the dates of a patient move back, 30 to 3,679."""
        return _MIN_DAYS + int.from_bytes(self._tag(b"days", patient)[:8]) % _MAX_DAYS

    def pseudonym(self, patient: str) -> str:
        """Return what stands for a patient, `P-` and 16 hex digits."""
        return f"P-{self._tag(b'patient', patient)[:8].hex().upper()}"

    def _tag(self, use: bytes, value: str) -> bytes:
        return hmac.digest(
            self._secret, b"diptych-dicom/1\0" + use + b"\0" + value.encode(), sha256
        )
