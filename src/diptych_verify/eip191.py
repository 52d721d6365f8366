"""secp256k1 signatures over EIP-191 personal messages, low-s only.

Sources: https://eips.ethereum.org/EIPS/eip-191 (version 0x45), EIP-2 for the low-s rule, which
leaves one valid signature per message and nonce.
"""

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256K1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from diptych_verify.errors import BadSignature, MalformedError
from diptych_verify.keccak import keccak256

ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def personal_message_hash(message: bytes) -> bytes:
    """Return the 32-byte EIP-191 hash that wallets sign for `message`."""
    return keccak256(b"\x19Ethereum Signed Message:\n%d" % len(message) + message)


def verify_personal_message(public_key: bytes, message_hash: bytes, signature: bytes) -> None:
    """Check a 64-byte `r || s` signature over an EIP-191 hash.

    Args:
        public_key: 33-byte compressed point.
        message_hash: 32 bytes from `personal_message_hash`.
        signature: `r || s`, big endian, `s` in the lower half of the group order.

    Raises:
        MalformedError: the key is no point of the curve.
        BadSignature: the signature does not verify, or its `s` is high.
    """
    keyid = f"secp256k1:{public_key.hex()}"
    try:
        key = EllipticCurvePublicKey.from_encoded_point(SECP256K1(), public_key)
    except ValueError:
        raise MalformedError(f"got key {keyid}, expected a compressed secp256k1 point") from None
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if len(signature) != 64 or not (0 < r < ORDER and 0 < s <= ORDER // 2):
        raise BadSignature(f"the signature by {keyid} is not a low-s pair of 32-byte integers")
    # The digest is Keccak-256; SHA256 only tells the library its length of 32 bytes.
    algorithm = ECDSA(Prehashed(SHA256()))
    try:
        key.verify(encode_dss_signature(r, s), message_hash, algorithm)
    except InvalidSignature:
        raise BadSignature(f"the signature by {keyid} does not verify") from None
