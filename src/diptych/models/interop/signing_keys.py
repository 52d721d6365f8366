"""Keys that model signatures are made and checked with: P-256, P-384, P-521 and Ed25519."""

import hashlib
import hmac
from collections.abc import Callable
from functools import partial

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from diptych.models.interop.errors import UntrustedSigner, UnusableKey
from diptych.models.interop.sigstore_bundle import SigstoreBundle
from diptych_verify.dsse import IN_TOTO, pae
from diptych_verify.errors import BadSignature

PublicKey = EllipticCurvePublicKey | Ed25519PublicKey
PrivateKey = EllipticCurvePrivateKey | Ed25519PrivateKey
MAX_KEY_BYTES = 64 << 10
_CURVES: dict[str, HashAlgorithm] = {
    "secp256r1": SHA256(),
    "secp384r1": SHA384(),
    "secp521r1": SHA512(),
}
_EXPECTED = "a PEM key on P-256, P-384, P-521 or Ed25519"


def load_public_key(pem: bytes) -> PublicKey:
    """Read a public key.

    Raises:
        UnusableKey: it is none, or of another kind.
    """
    try:
        return usable(load_pem_public_key(pem[: MAX_KEY_BYTES + 1]))
    except (ValueError, UnsupportedAlgorithm):
        raise UnusableKey(f"got no public key, expected {_EXPECTED}") from None


def load_private_key(pem: bytes) -> PrivateKey:
    """Read a private key that is not encrypted.

    Raises:
        UnusableKey: it is none, of another kind, or encrypted.
    """
    try:
        found = load_pem_private_key(pem[: MAX_KEY_BYTES + 1], None)
    except TypeError:
        raise UnusableKey("the private key is encrypted, expected a plain one") from None
    except (ValueError, UnsupportedAlgorithm):
        raise UnusableKey(f"got no private key, expected {_EXPECTED}") from None
    if isinstance(found, EllipticCurvePrivateKey | Ed25519PrivateKey):
        usable(found.public_key())
        return found
    raise UnusableKey(f"got a key of another kind, expected {_EXPECTED}")


def usable(key: object) -> PublicKey:
    """Return a public key if model signatures may be by it.

    Raises:
        UnusableKey: another kind of key or curve.
    """
    if isinstance(key, EllipticCurvePublicKey) and key.curve.name in _CURVES:
        return key
    if isinstance(key, Ed25519PublicKey):
        return key
    raise UnusableKey(f"got a key of another kind, expected {_EXPECTED}")


def key_hint(key: PublicKey) -> str:
    """Return the hex SHA-256 of a public key as PEM, which is how a bundle names its key."""
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(pem).hexdigest()


def verify_with_key(bundle: SigstoreBundle, key: PublicKey) -> None:
    """Check a bundle's signature.

    Raises:
        UntrustedSigner: it names another key.
        BadSignature: the signature is not by this key over this payload.
    """
    if bundle.key_hint and not hmac.compare_digest(
        bundle.key_hint.encode(), key_hint(key).encode()
    ):
        raise UntrustedSigner(
            f"the signature names the key {bundle.key_hint}, but the given key is {key_hint(key)}",
            hint="ask the signer for the public key",
        )
    if not any(_verifies(key, bundle.signature, message) for message in _messages(bundle.payload)):
        raise BadSignature(
            "the signature of the model does not verify under the given key",
            hint="the signature was changed, or is by another key",
        )


def _messages(payload: bytes) -> tuple[bytes, bytes]:
    """Return what may have been signed: the encoding, and that of versions before 1.0.

    Those formatted the payload as a Python literal, which is as unambiguous, under another prefix.
    """
    old = f"DSSEV1 {len(IN_TOTO)} {IN_TOTO} {len(payload)} {payload!r}"
    return pae(IN_TOTO, payload), old.encode()


def _verifies(key: PublicKey, signature: bytes, message: bytes) -> bool:
    if isinstance(key, Ed25519PublicKey):
        return _accepts(partial(key.verify, signature, message))
    # Versions before 1.0 took SHA-256 for every curve.
    digests = {_CURVES[key.curve.name].name: _CURVES[key.curve.name], "sha256": SHA256()}
    return any(
        _accepts(partial(key.verify, signature, message, ECDSA(digest)))
        for digest in digests.values()
    )


def _accepts(check: Callable[[], None]) -> bool:
    try:
        check()
    except InvalidSignature:
        return False
    return True


def sign_with_key(key: PrivateKey, payload: bytes) -> bytes:
    """Return the signature over a payload's pre-authentication encoding."""
    message = pae(IN_TOTO, payload)
    if isinstance(key, Ed25519PrivateKey):
        return key.sign(message)
    return key.sign(message, ECDSA(_CURVES[key.curve.name]))
