"""DSSE envelopes (https://github.com/secure-systems-lab/dsse) and the signatures on them.

A key id names its key completely: `ed25519:<64 hex>` or `secp256k1:<66 hex>`. Ed25519 signs the
pre-authentication encoding (PAE) itself; secp256k1 signs its EIP-191 personal-message hash.
"""

import re
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from diptych_verify.errors import BadSignature, MalformedError
from diptych_verify.jsonio import ObjectReader, shown, strict_json

IN_TOTO: Final = "application/vnd.in-toto+json"
MAX_ENVELOPE_BYTES: Final = 65_535
_MAX_SIGNATURES = 16
_KEYID = re.compile(r"ed25519:[0-9a-f]{64}|secp256k1:0[23][0-9a-f]{64}")


@dataclass(frozen=True)
class EnvelopeSignature:
    """One signature: the key id and the 64 signature bytes."""

    keyid: str
    signature: bytes


@dataclass(frozen=True)
class Envelope:
    """A payload with its type and signatures."""

    payload_type: str
    payload: bytes
    signatures: tuple[EnvelopeSignature, ...]


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return the DSSE v1 pre-authentication encoding.

    >>> pae("http://example.com/HelloWorld", b"hello world")
    b'DSSEv1 29 http://example.com/HelloWorld 11 hello world'
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def parse_keyid(keyid: str) -> tuple[str, bytes]:
    """Split a key id into its scheme (`ed25519`, `secp256k1`) and public key bytes.

    Raises:
        MalformedError: another scheme or another length.
    """
    if _KEYID.fullmatch(keyid) is None:
        raise MalformedError(
            f"got key id {shown(keyid)}, expected ed25519:<hex> or secp256k1:<hex>"
        )
    scheme, _, public_key = keyid.partition(":")
    return scheme, bytes.fromhex(public_key)


def parse_envelope(raw: bytes) -> Envelope:
    """Parse an envelope strictly; nothing is verified yet.

    Raises:
        MalformedError: wrong JSON, fields or types, no signature, or two by one key.
    """
    value = strict_json(raw, max_bytes=MAX_ENVELOPE_BYTES, max_depth=3, max_values=256)
    reader = ObjectReader(value, "envelope")
    payload_type = reader.text("payloadType", max_characters=256)
    payload = reader.b64_bytes("payload", max_bytes=MAX_ENVELOPE_BYTES)
    signatures = tuple(
        _parse_signature(item)
        for item in reader.objects("signatures", minimum=1, maximum=_MAX_SIGNATURES)
    )
    reader.done()
    if len({signature.keyid for signature in signatures}) != len(signatures):
        raise MalformedError("envelope.signatures: got two signatures of one key")
    return Envelope(payload_type, payload, signatures)


def _parse_signature(reader: ObjectReader) -> EnvelopeSignature:
    keyid = reader.text("keyid", max_characters=128)
    parse_keyid(keyid)
    signature = EnvelopeSignature(keyid, reader.b64_bytes("sig", size=64))
    reader.done()
    return signature


def verify_signature(keyid: str, message: bytes, signature: bytes) -> None:
    """Check one 64-byte signature over `message` (a PAE) by the key that `keyid` names.

    Raises:
        MalformedError: the key id is malformed or names no point of the curve.
        BadSignature: the signature does not verify.
    """
    _Message(message).verify(EnvelopeSignature(keyid, signature))


def verify_envelope(raw: bytes) -> Envelope:
    """Parse an envelope and check all its signatures.

    Raises:
        MalformedError: see `parse_envelope`.
        BadSignature: any one of the signatures does not verify.
    """
    envelope = parse_envelope(raw)
    message = _Message(pae(envelope.payload_type, envelope.payload))
    for signature in envelope.signatures:
        message.verify(signature)
    return envelope


class _Message:
    """A signed message; its Keccak-256, slow in Python, is computed at most once."""

    def __init__(self, message: bytes) -> None:
        self._message = message
        self._hash: bytes | None = None

    def verify(self, signature: EnvelopeSignature) -> None:
        scheme, public_key = parse_keyid(signature.keyid)
        if scheme == "secp256k1":
            self._verify_secp256k1(public_key, signature.signature)
            return
        try:
            key = Ed25519PublicKey.from_public_bytes(public_key)
            key.verify(signature.signature, self._message)
        except (InvalidSignature, ValueError):
            raise BadSignature(f"the signature by {signature.keyid} does not verify") from None

    def _verify_secp256k1(self, public_key: bytes, signature: bytes) -> None:
        from diptych_verify.eip191 import personal_message_hash, verify_personal_message

        if self._hash is None:
            self._hash = personal_message_hash(self._message)
        verify_personal_message(public_key, self._hash, signature)
