"""Small secrets under a key: AES-256-GCM with a random nonce, bound to a label. Pure but for it."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from diptych.provenance.private.errors import PrivateLocked

NONCE_BYTES = 12
KEY_BYTES = 32


def lock(cipher: AESGCM, plain: bytes, label: bytes) -> bytes:
    """Return nonce and ciphertext of `plain`."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, label)


def unlock(cipher: AESGCM, box: bytes, label: bytes) -> bytes:
    """Return what `lock` locked under the same key and label.

    Raises:
        PrivateLocked: another key or label, or the box was altered.
    """
    try:
        return cipher.decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], label)
    except (InvalidTag, ValueError) as error:
        raise PrivateLocked(
            "the private store does not open with this key",
            hint="unlock the keys of this workspace; if it is the right key, restore a backup",
        ) from error
