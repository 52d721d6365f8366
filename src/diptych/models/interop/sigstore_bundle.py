"""Sigstore bundles v0.3 as OpenSSF model signing writes them; nothing is verified here.

Source: https://docs.sigstore.dev/about/bundle/ and model_signing 0.2 to 1.1.
"""

from dataclasses import dataclass

from diptych.core.errors import JsonValue
from diptych.models.interop.errors import KeylessSignature, UnsupportedSigning
from diptych_verify.dsse import IN_TOTO
from diptych_verify.jsonio import ObjectReader, decode_b64, shown, strict_json

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
MAX_BUNDLE_BYTES = 64 << 20
_MAX_CERTIFICATES = 10
_MAX_CERTIFICATE_BYTES = 64 << 10
_MAX_SIGNATURE_BYTES = 1024
_MATERIAL = ("tlogEntries", "timestampVerificationData")


@dataclass(frozen=True)
class SigstoreBundle:
    """What a bundle holds.

    Attributes:
        payload: the signed bytes.
        signature: over their pre-authentication encoding.
        key_hint: hex SHA-256 of the signer's key as PEM; empty if none is named.
        certificates: DER, the signer's first; empty for a bare key.
    """

    payload: bytes
    signature: bytes
    key_hint: str = ""
    certificates: tuple[bytes, ...] = ()


def parse_sigstore_bundle(raw: bytes) -> SigstoreBundle:
    """Read a bundle strictly.

    Raises:
        MalformedError: it is no such bundle.
        KeylessSignature: it was signed without a key of the signer's own.
        UnsupportedSigning: another version of bundle.
    """
    value = strict_json(raw, max_bytes=MAX_BUNDLE_BYTES, max_depth=12, max_values=100_000)
    reader = ObjectReader(_without_nulls(value), "signature")
    media_type = reader.text("mediaType", max_characters=200)
    if media_type != MEDIA_TYPE:
        raise UnsupportedSigning(f"got a bundle of type {shown(media_type)}, expected {MEDIA_TYPE}")
    hint, certificates = _material(reader.object("verificationMaterial"))
    payload, signature = _envelope(reader.object("dsseEnvelope"))
    reader.done()
    return SigstoreBundle(payload, signature, hint, certificates)


def _without_nulls(value: JsonValue) -> JsonValue:
    """Drop null members: in the JSON form of protocol buffers they mean the same as none."""
    if isinstance(value, dict):
        return {key: _without_nulls(one) for key, one in value.items() if one is not None}
    return [_without_nulls(one) for one in value] if isinstance(value, list) else value


def _material(reader: ObjectReader) -> tuple[str, tuple[bytes, ...]]:
    for key in _MATERIAL:
        if reader.has(key):
            reader.raw(key)
    if reader.has("certificate"):
        raise KeylessSignature(
            "the signature is keyless: the trust roots of Fulcio and Rekor, which change, would "
            "have to vouch for its signer",
            hint="ask for a signature by key or certificate, or run: model_signing verify sigstore",
        )
    hint = _hint(reader.object("publicKey")) if reader.has("publicKey") else None
    chain = () if hint is not None else _certificates(reader.object("x509CertificateChain"))
    reader.done()
    return hint or "", chain


def _hint(reader: ObjectReader) -> str:
    """Return the hint; the key that older versions enclose vouches for nothing."""
    for key in ("rawBytes", "keyDetails", "validFor"):
        if reader.has(key):
            reader.raw(key)
    hint = reader.text("hint", max_characters=200) if reader.has("hint") else ""
    reader.done()
    return hint


def _certificates(reader: ObjectReader) -> tuple[bytes, ...]:
    found = []
    for one in reader.objects("certificates", minimum=1, maximum=_MAX_CERTIFICATES):
        found.append(one.b64_bytes("rawBytes", max_bytes=_MAX_CERTIFICATE_BYTES))
        one.done()
    reader.done()
    return tuple(found)


def _envelope(reader: ObjectReader) -> tuple[bytes, bytes]:
    kind = reader.text("payloadType", max_characters=200)
    if kind != IN_TOTO:
        raise reader.wrong("payloadType", IN_TOTO)
    payload = decode_b64(
        reader.text("payload", max_characters=MAX_BUNDLE_BYTES), where="signature.payload"
    )
    (one,) = reader.objects("signatures", minimum=1, maximum=1)
    signature = one.b64_bytes("sig", max_bytes=_MAX_SIGNATURE_BYTES)
    if one.has("keyid"):
        one.text("keyid", max_characters=200)
    one.done()
    reader.done()
    return payload, signature
