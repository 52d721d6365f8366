"""Digests by name, and constant-time comparison."""

import hashlib
import hmac

from diptych.core.errors import UsageError

ALGORITHMS = ("sha256", "blake3")


class UnknownDigest(UsageError):
    """A digest algorithm other than sha256 or blake3 was named."""

    code = "Digest.Unknown"


def digest(payload: bytes, *, algorithm: str = "sha256") -> bytes:
    """Return the 32-byte digest of `payload`.

    Args:
        payload: bytes to hash.
        algorithm: `sha256` (FIPS 180-4) or `blake3`.

    Raises:
        UnknownDigest: any other name.

    >>> digest(b"abc").hex()[:8]
    'ba7816bf'
    """
    if algorithm == "sha256":
        return hashlib.sha256(payload).digest()
    if algorithm == "blake3":
        import blake3

        return blake3.blake3(payload).digest()
    raise UnknownDigest(f"got digest '{algorithm}', expected one of {', '.join(ALGORITHMS)}")


def same_digest(left: bytes, right: bytes) -> bool:
    """Compare two digests in constant time."""
    return hmac.compare_digest(left, right)
