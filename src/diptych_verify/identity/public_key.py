"""Public keys as identity documents write them: Multikey, JWK, did:key, key ids.

Sources: https://www.w3.org/TR/cid-1.0/#Multikey, RFC 7517, RFC 8037, RFC 8812 and
https://w3c-ccg.github.io/did-key-spec/. Ed25519, secp256k1 and P-256 keys; nothing else.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from diptych_verify.dsse import parse_keyid
from diptych_verify.errors import BadSignature, MalformedError
from diptych_verify.jsonio import ObjectReader, shown

DID_KEY: Final = "did:key:"
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGITS: Mapping[str, int] = {character: value for value, character in enumerate(_ALPHABET)}
_MAX_BASE58 = 128
# Varint of the multicodec, https://github.com/multiformats/multicodec/blob/master/table.csv
_CODECS: Mapping[str, bytes] = {
    "ed25519": b"\xed\x01",
    "secp256k1": b"\xe7\x01",
    "p256": b"\x80\x24",
}
_CURVES: Mapping[str, type[ec.EllipticCurve]] = {"secp256k1": ec.SECP256K1, "p256": ec.SECP256R1}
_JWK_CURVES = {("OKP", "Ed25519"): "ed25519", ("EC", "secp256k1"): "secp256k1"} | {
    ("EC", "P-256"): "p256"
}
_ALGORITHMS: Mapping[str, str] = {
    "EdDSA": "ed25519",
    "Ed25519": "ed25519",
    "ES256": "p256",
    "ES256K": "secp256k1",
}
_B64URL = re.compile(r"[A-Za-z0-9_-]*")


@dataclass(frozen=True)
class PublicKey:
    """A public key: `kind` is `ed25519`, `secp256k1` or `p256`; `raw` is compressed."""

    kind: str
    raw: bytes

    @property
    def multikey(self) -> str:
        """The key as Multikey text, `z…`."""
        return f"z{base58(_CODECS[self.kind] + self.raw)}"

    @property
    def did(self) -> str:
        """The key as a did:key."""
        return DID_KEY + self.multikey


def key_of(keyid: str) -> PublicKey:
    """Return the key that a key id names.

    Raises:
        MalformedError: no key id.
    """
    return PublicKey(*parse_keyid(keyid))


def base58(raw: bytes) -> str:
    """Return base58btc text.

    >>> base58(b"Hello World!")
    '2NEpo7TZRRrLZSi2U'
    """
    number, digits = int.from_bytes(raw, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        digits = _ALPHABET[rest] + digits
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + digits


def read_base58(text: str) -> bytes:
    """Return the bytes of base58btc text of at most 128 characters.

    Raises:
        MalformedError: foreign characters, or too long.
    """
    if not 0 < len(text) <= _MAX_BASE58 or any(one not in _DIGITS for one in text):
        raise MalformedError(f"got {shown(text)}, expected base58btc of up to {_MAX_BASE58} digits")
    number = 0
    for character in text:
        number = number * 58 + _DIGITS[character]
    body = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return bytes(len(text) - len(text.lstrip("1"))) + body


def read_multikey(text: str) -> PublicKey:
    """Read a Multikey: multibase `z`, multicodec, key.

    Raises:
        MalformedError: another base, kind or length, or no point of the curve.
    """
    if text.startswith("z"):
        raw = read_base58(text[1:])
        for kind, codec in _CODECS.items():
            if raw.startswith(codec):
                return _checked(PublicKey(kind, raw[len(codec) :]))
    raise MalformedError(f"got key {shown(text)}, expected z… of Ed25519, secp256k1 or P-256")


def read_did_key(did: str) -> PublicKey:
    """Read the key in a did:key.

    Raises:
        MalformedError: not a did:key of a known kind.
    """
    if not did.startswith(DID_KEY):
        raise MalformedError(f"got {shown(did)}, expected did:key:z…")
    return read_multikey(did.removeprefix(DID_KEY))


def read_jwk(reader: ObjectReader) -> PublicKey | None:
    """Read a public JWK; None for a kind of key that is not used here.

    Raises:
        MalformedError: it holds a private key, or its coordinates are wrong.
    """
    if reader.has("d"):
        raise MalformedError(f"{reader.where}: got a private key, expected a public one")
    curve = reader.text("crv", max_characters=32) if reader.has("crv") else ""
    kind = _JWK_CURVES.get((reader.text("kty", max_characters=32), curve))
    if kind is None:
        return None
    x = b64url(reader.text("x", max_characters=64))
    if kind == "ed25519":
        return _checked(PublicKey(kind, x))
    y = b64url(reader.text("y", max_characters=64))
    if len(x) != 32 or len(y) != 32:
        raise MalformedError(f"{reader.where}: got coordinates that are not of 32 bytes")
    _point(_CURVES[kind](), b"\x04" + x + y)
    return PublicKey(kind, bytes([2 + (y[-1] & 1)]) + x)


def b64url(text: str) -> bytes:
    """Decode base64url without padding; one byte string has exactly one accepted text.

    Raises:
        MalformedError: foreign characters or non-zero trailing bits.
    """
    try:
        if _B64URL.fullmatch(text) is None:
            raise ValueError
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise MalformedError(f"got {shown(text)}, expected base64url without padding") from None
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        raise MalformedError(f"got {shown(text)}, expected canonical base64url")
    return raw


def same_key(key: object) -> PublicKey | None:
    """Return a loaded public key as `PublicKey`; None if it is of another kind."""
    if isinstance(key, Ed25519PublicKey):
        return PublicKey("ed25519", key.public_bytes_raw())
    if isinstance(key, ec.EllipticCurvePublicKey):
        for kind, curve in _CURVES.items():
            if isinstance(key.curve, curve):
                raw = key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
                return PublicKey(kind, raw)
    return None


def verify_jose(key: PublicKey, algorithm: str, message: bytes, signature: bytes) -> None:
    """Check a JOSE signature; the algorithm must be the one of the key's kind.

    Raises:
        BadSignature: another algorithm, or the signature does not verify.
    """
    if _ALGORITHMS.get(algorithm) != key.kind:
        raise BadSignature(f"got algorithm {shown(algorithm)} for a key of kind {key.kind}")
    verify_raw(key, message, signature)


def verify_raw(key: PublicKey, message: bytes, signature: bytes) -> None:
    """Check 64 signature bytes: Ed25519, or ECDSA with SHA-256 as `r || s`.

    Raises:
        BadSignature: the signature does not verify.
    """
    try:
        if len(signature) != 64:
            raise InvalidSignature
        if key.kind == "ed25519":
            Ed25519PublicKey.from_public_bytes(key.raw).verify(signature, message)
            return
        r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
        point = _point(_CURVES[key.kind](), key.raw)
        point.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        raise BadSignature(f"the signature by {key.multikey} does not verify") from None


def _checked(key: PublicKey) -> PublicKey:
    if key.kind != "ed25519":
        if len(key.raw) != 33:
            raise MalformedError(f"got a {key.kind} key of {len(key.raw)} bytes, expected 33")
        _point(_CURVES[key.kind](), key.raw)
    elif len(key.raw) != 32:
        raise MalformedError(f"got an Ed25519 key of {len(key.raw)} bytes, expected 32")
    return key


def _point(curve: ec.EllipticCurve, raw: bytes) -> ec.EllipticCurvePublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(curve, raw)
    except ValueError:
        raise MalformedError(f"got a key that is no point of {curve.name}") from None
