"""RFC 3161 time-stamp tokens, verified against pinned certificates.

Sources: RFC 3161, RFC 5652 section 5.4 (signed attributes), RFC 5816 (certificate hash). A token
counts if the pinned certificate signed it, or one for time stamping that a pinned authority issued,
directly or over intermediates (`tsp_path`). There is no revocation check: pin what you trust.
"""

import hashlib
import hmac
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import (
    Certificate,
    load_der_x509_certificate,
    load_pem_x509_certificate,
)

from diptych_verify.der import INTEGER, OCTET_STRING, SEQUENCE, DerReader, Element, der_integer
from diptych_verify.errors import (
    BadSignature,
    DigestMismatch,
    DiptychError,
    MalformedError,
    UntrustedKey,
)
from diptych_verify.tsp_path import is_vouched
from diptych_verify.tsp_token import (
    DIGESTS,
    OID_CONTENT_TYPE,
    OID_MESSAGE_DIGEST,
    OID_SIGNING_CERTIFICATE,
    OID_SIGNING_CERTIFICATE_V2,
    OID_TST_INFO,
    TimestampToken,
    parse_token,
)

_WHERE = "timestamp"
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_RSA, _PSS, _EC, _EDWARDS = "RSA", "RSA-PSS", "ECDSA", "Ed25519"
# Signature OID -> (family, digest name; None means the signer's digest algorithm).
_SIGNATURES: dict[bytes, tuple[str, str | None]] = {
    bytes.fromhex("2a864886f70d010101"): (_RSA, None),
    # RFC 4056 section 3: the digest of RSASSA-PSS is the signer's; its parameters add nothing.
    bytes.fromhex("2a864886f70d01010a"): (_PSS, None),
    bytes.fromhex("2a864886f70d01010b"): (_RSA, "sha256"),
    bytes.fromhex("2a864886f70d01010c"): (_RSA, "sha384"),
    bytes.fromhex("2a864886f70d01010d"): (_RSA, "sha512"),
    bytes.fromhex("2a8648ce3d040302"): (_EC, "sha256"),
    bytes.fromhex("2a8648ce3d040303"): (_EC, "sha384"),
    bytes.fromhex("2a8648ce3d040304"): (_EC, "sha512"),
    bytes.fromhex("2b6570"): (_EDWARDS, None),
}


@dataclass(frozen=True)
class Timestamp:
    """A verified token: the bytes existed at `time_s` (Unix seconds) at the latest.

    `authority` is the subject of the signing certificate, empty if none came with the token;
    `trusted` tells whether a pinned certificate vouches for it.
    """

    time_s: int
    authority: str
    trusted: bool


def verify_timestamp(raw: bytes, message: bytes, *, authorities: Sequence[str]) -> Timestamp:
    """Check a time-stamp token over `message`.

    Args:
        raw: DER of the token.
        message: the bytes that were stamped.
        authorities: pinned PEM certificates; when empty, the token is checked only in itself.

    Raises:
        MalformedError: the token or a certificate cannot be decoded.
        DigestMismatch: the token stamps other bytes.
        BadSignature: the token's digest, certificate hash or signature is wrong.
        UntrustedKey: no pinned certificate vouches for the signer at that time.
    """
    try:
        return _verify(raw, message, authorities)
    except DiptychError:
        raise
    except Exception as error:
        # The certificate parser has a dozen unrelated exception classes for hostile input.
        raise MalformedError(f"{_WHERE}: bad certificate: {error}") from None


def _verify(raw: bytes, message: bytes, authorities: Sequence[str]) -> Timestamp:
    token = parse_token(raw)
    imprint = hashlib.new(token.info.imprint_algorithm, message).digest()
    if token.info.imprint_algorithm != "sha256" or not _same(imprint, token.info.imprint):
        raise DigestMismatch(
            f"the time stamp covers {token.info.imprint_algorithm} {token.info.imprint.hex()}, "
            f"expected sha256 {hashlib.sha256(message).hexdigest()}"
        )
    _check_attributes(token)
    pinned = [_load_pem(text) for text in authorities]
    embedded = [_load_der(der) for der in token.certificates]
    signer = _find_signer(token, [*pinned, *embedded])
    if signer is None and not pinned:
        return Timestamp(token.info.latest_s, "", trusted=False)
    if signer is None or (pinned and not is_vouched(signer, embedded, pinned, token.info.stated_s)):
        raise UntrustedKey("no pinned certificate vouches for the signer of the time stamp")
    _check_signature(token, signer)
    subject = signer.subject.rfc4514_string()
    return Timestamp(token.info.latest_s, subject, trusted=bool(pinned))


def _same(left: bytes, right: bytes) -> bool:
    return hmac.compare_digest(left, right)


def _load_pem(text: str) -> Certificate:
    try:
        return load_pem_x509_certificate(text.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise MalformedError(f"policy.timestamp_authorities: not a certificate: {error}") from None


def _load_der(raw: bytes) -> Certificate:
    with warnings.catch_warnings():
        # Odd serial numbers and the like: a hostile token must not write to standard error.
        warnings.simplefilter("ignore")
        return load_der_x509_certificate(raw)


def _check_attributes(token: TimestampToken) -> None:
    kind = token.attributes.get(OID_CONTENT_TYPE)
    digest = token.attributes.get(OID_MESSAGE_DIGEST)
    if kind is None or kind.content != OID_TST_INFO or digest is None:
        raise MalformedError(f"{_WHERE}: the signed attributes do not name the content")
    actual = hashlib.new(token.digest_algorithm, token.content).digest()
    if digest.tag != OCTET_STRING or not _same(digest.content, actual):
        raise BadSignature("the signed digest of the time stamp differs from its content")


def _find_signer(token: TimestampToken, candidates: Iterable[Certificate]) -> Certificate | None:
    """Return the certificate that the token names by issuer, serial number and hash."""
    if token.signer_id.tag != SEQUENCE:
        raise MalformedError(f"{_WHERE}: expected the signer by issuer and serial number")
    reader = DerReader.of(token.signer_id, _WHERE)
    issuer = reader.next(SEQUENCE).encoding
    serial = der_integer(reader.next(INTEGER), _WHERE)
    reader.done()
    for candidate in candidates:
        if candidate.serial_number == serial and candidate.issuer.public_bytes() == issuer:
            _check_certificate_hash(token, candidate)
            return candidate
    return None


def _check_certificate_hash(token: TimestampToken, signer: Certificate) -> None:
    encoded = signer.public_bytes(Encoding.DER)
    named = []
    for oid in (OID_SIGNING_CERTIFICATE, OID_SIGNING_CERTIFICATE_V2):
        if oid in token.attributes:
            named.append(_certificate_hash(token.attributes[oid], oid))
    if not named:
        raise MalformedError(f"{_WHERE}: no signed attribute names the signing certificate")
    for algorithm, digest in named:
        actual = hashlib.new(algorithm, encoded, usedforsecurity=False).digest()
        if not _same(actual, digest):
            raise BadSignature("the time stamp names another signing certificate")


def _certificate_hash(attribute: Element, oid: bytes) -> tuple[str, bytes]:
    """Return (algorithm, hash) of the first ESSCertID or ESSCertIDv2."""
    first = DerReader.of(attribute, _WHERE).inside().inside()
    algorithm = "sha1" if oid == OID_SIGNING_CERTIFICATE else "sha256"
    if oid == OID_SIGNING_CERTIFICATE_V2 and first.peek() == SEQUENCE:
        named = first.inside().next().content
        if named not in DIGESTS:
            raise MalformedError(f"{_WHERE}: unknown digest of the signing certificate")
        algorithm = DIGESTS[named]
    return algorithm, first.next(OCTET_STRING).content


def _check_signature(token: TimestampToken, signer: Certificate) -> None:
    family, digest = _SIGNATURES.get(token.signature_algorithm, ("", None))
    algorithm = _HASHES[digest or token.digest_algorithm]
    message, signature = token.signed_attributes, token.signature
    try:
        key = signer.public_key()
        if family == _RSA and isinstance(key, RSAPublicKey):
            key.verify(signature, message, PKCS1v15(), algorithm)
        elif family == _PSS and isinstance(key, RSAPublicKey):
            key.verify(signature, message, PSS(MGF1(algorithm), PSS.AUTO), algorithm)
        elif family == _EC and isinstance(key, EllipticCurvePublicKey):
            key.verify(signature, message, ECDSA(algorithm))
        elif family == _EDWARDS and isinstance(key, Ed25519PublicKey):
            key.verify(signature, message)
        else:
            raise BadSignature("the time stamp uses a signature algorithm that is not supported")
    except (InvalidSignature, ValueError, UnsupportedAlgorithm):
        raise BadSignature("the signature of the time stamp does not verify") from None
