"""X.509 chains for signing keys: a minimal path validation of its own.

Source: RFC 5280 section 6, a subset. The validator of `cryptography` follows the rules for web
servers, which refuse Ed25519 keys and certificates of persons. Revocation lists are judged in
`crl`; not done: OCSP, certificate policies. Critical extensions that are not judged here make a
chain refused.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from diptych_verify.errors import BadSignature, DiptychError, MalformedError
from diptych_verify.identity.constraints import require_names
from diptych_verify.identity.public_key import PublicKey, same_key

MAX_CHAIN: Final = 6
MAX_SIGNATURE_BYTES: Final = 1024
Extension = TypeVar("Extension", bound=x509.ExtensionType)
_BINDING = b"diptych-identity-binding/1\n%b\n"
_HASHES: Sequence[hashes.HashAlgorithm] = (hashes.SHA256(), hashes.SHA384(), hashes.SHA512())
_PURPOSES = {
    ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
    ExtendedKeyUsageOID.CLIENT_AUTH,
    ExtendedKeyUsageOID.CODE_SIGNING,
    ExtendedKeyUsageOID.EMAIL_PROTECTION,
    ObjectIdentifier("1.3.6.1.5.5.7.3.36"),  # documentSigning, RFC 9336
}
_JUDGED = {
    x509.BasicConstraints.oid,
    x509.KeyUsage.oid,
    x509.ExtendedKeyUsage.oid,
    x509.NameConstraints.oid,
    x509.SubjectAlternativeName.oid,
    x509.CertificatePolicies.oid,
}


@dataclass(frozen=True)
class Chain:
    """A chain whose signatures and limits hold; when it is valid is for the caller to judge.

    Attributes:
        name: who the leaf says it is.
        mail: its e-mail address, empty if it has none.
        root: name of the pinned certificate at its end, empty if no pinned one was reached.
        valid_from_s: newest start of all certificates, Unix seconds.
        valid_until_s: earliest end.
        path: the certificates, leaf first, the pinned one last if there is one.
    """

    name: str
    mail: str
    root: str
    valid_from_s: int
    valid_until_s: int
    path: tuple[x509.Certificate, ...]


def binding_message(keyid: str) -> bytes:
    """Return what a certificate's key signs to say that a signing key is its owner's."""
    return _BINDING % keyid.encode()


def verify_chain(
    certificates: Sequence[bytes],
    key: PublicKey,
    binding: tuple[bytes, bytes] | None,
    *,
    roots: Sequence[str],
) -> Chain:
    """Check a chain, and that its leaf speaks for `key`.

    Args:
        certificates: DER, leaf first, each issued by the next.
        key: the signing key.
        binding: message and signature of it by the leaf's key; None if the leaf holds `key` itself.
        roots: pinned certificates, PEM.

    Raises:
        MalformedError: a certificate cannot be decoded or is not fit for its place.
        BadSignature: a link of the chain or the binding is not signed as it says.
    """
    try:
        return _verify(certificates, key, binding, roots)
    except DiptychError:
        raise
    except Exception as error:
        # The certificate parser has a dozen unrelated exception classes for hostile input.
        raise MalformedError(f"identity: bad certificate: {error}") from None


def _verify(
    certificates: Sequence[bytes],
    key: PublicKey,
    binding: tuple[bytes, bytes] | None,
    roots: Sequence[str],
) -> Chain:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library warns about odd but readable certificates
        chain = [x509.load_der_x509_certificate(der) for der in certificates]
        pinned = [x509.load_pem_x509_certificate(text.encode()) for text in roots]
    if not 1 <= len(chain) <= MAX_CHAIN or len(set(chain)) != len(chain):
        raise MalformedError(f"identity: expected a chain of 1 to {MAX_CHAIN} certificates")
    root = _find_root(chain, pinned)
    path = chain if root is None or root in chain else [*chain, root]
    if root is not None and root in chain:
        path = chain[: chain.index(root) + 1]
    _require_leaf(path[0])
    for depth, (issued, issuer) in enumerate(pairwise(path)):
        _require_issuer(issuer, depth)
        _require_issued(issued, issuer)
    for one in path:
        _require_sound(one)
    require_names(path)
    _require_binding(path[0], key, binding)
    return Chain(
        name=subject_name(path[0]),
        mail=_mail(path[0]),
        root="" if root is None else subject_name(root),
        valid_from_s=max(_seconds(one.not_valid_before_utc) for one in path),
        valid_until_s=min(_seconds(one.not_valid_after_utc) for one in path),
        path=tuple(path),
    )


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _find_root(
    chain: Sequence[x509.Certificate], pinned: Sequence[x509.Certificate]
) -> x509.Certificate | None:
    for one in chain:
        if one in pinned:
            return one
    for root in pinned:
        try:
            chain[-1].verify_directly_issued_by(root)
        except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
            continue
        return root
    return None


def _require_issued(issued: x509.Certificate, issuer: x509.Certificate) -> None:
    try:
        issued.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        raise BadSignature(
            f"identity: the certificate of {subject_name(issued)!a} is not issued by that of "
            f"{subject_name(issuer)!a}",
            hint="give the leaf first, then each issuer",
        ) from None


def _require_issuer(issuer: x509.Certificate, depth: int) -> None:
    """Insist on a CA that may sign certificates with `depth` CA certificates below it."""
    basic = _extension(issuer, x509.BasicConstraints)
    usage = _extension(issuer, x509.KeyUsage)
    if basic is None or not basic.ca or (usage is not None and not usage.key_cert_sign):
        raise MalformedError(f"identity: {subject_name(issuer)!a} may not issue certificates")
    if basic.path_length is not None and depth > basic.path_length:
        raise MalformedError(f"identity: the chain below {subject_name(issuer)!a} is too long")


def _require_leaf(leaf: x509.Certificate) -> None:
    usage, purposes = _extension(leaf, x509.KeyUsage), _extension(leaf, x509.ExtendedKeyUsage)
    if usage is not None and not (usage.digital_signature or usage.content_commitment):
        raise MalformedError("identity: the certificate's key usage does not allow signatures")
    if purposes is not None and not _PURPOSES.intersection(purposes):
        raise MalformedError(
            "identity: the certificate is for other purposes only, for example for servers",
            hint="use a certificate for client authentication, e-mail, documents or code",
        )


def _require_sound(certificate: x509.Certificate) -> None:
    digest = certificate.signature_hash_algorithm
    if digest is not None and digest.name not in ("sha256", "sha384", "sha512"):
        raise MalformedError(f"identity: got a certificate signed with {digest.name}")
    key = certificate.public_key()
    if isinstance(key, RSAPublicKey):
        if not 2048 <= key.key_size <= 8192:
            raise MalformedError(f"identity: got an RSA key of {key.key_size} bits, expected 2048")
    elif not isinstance(key, Ed25519PublicKey | ec.EllipticCurvePublicKey):
        raise MalformedError("identity: got a certificate whose key is neither RSA, EC nor Ed25519")
    unknown = [one.oid for one in certificate.extensions if one.critical and one.oid not in _JUDGED]
    if certificate.version is not x509.Version.v3 or unknown:
        raise MalformedError(
            f"identity: got a certificate with unknown critical extensions or an old version: "
            f"{[one.dotted_string for one in unknown]}"
        )


def _require_binding(
    leaf: x509.Certificate, key: PublicKey, binding: tuple[bytes, bytes] | None
) -> None:
    holder = leaf.public_key()
    if binding is None:
        if same_key(holder) != key:
            raise BadSignature(
                "identity: the certificate holds another key than the one that signs",
                hint="sign the output of `diptych key binding-message` with the certificate's key",
            )
        return
    message, signature = binding
    if not any(_signed(holder, message, signature, digest) for digest in _HASHES):
        raise BadSignature("identity: the binding is not signed by the certificate's key")


def _signed(holder: object, message: bytes, signature: bytes, digest: hashes.HashAlgorithm) -> bool:
    try:
        if isinstance(holder, Ed25519PublicKey):
            holder.verify(signature, message)
            return True
        if isinstance(holder, ec.EllipticCurvePublicKey):
            holder.verify(signature, message, ec.ECDSA(digest))
            return True
    except InvalidSignature:
        return False
    return isinstance(holder, RSAPublicKey) and _signed_rsa(holder, message, signature, digest)


def _signed_rsa(
    holder: RSAPublicKey, message: bytes, signature: bytes, digest: hashes.HashAlgorithm
) -> bool:
    for padding in (PSS(MGF1(digest), PSS.AUTO), PKCS1v15()):
        try:
            holder.verify(signature, message, padding, digest)
        except InvalidSignature:
            continue
        return True
    return False


def subject_name(certificate: x509.Certificate) -> str:
    """Return organisation and common name of a certificate, else its whole subject."""
    parts: list[str] = []
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        found = certificate.subject.get_attributes_for_oid(oid)
        parts += [str(one.value) for one in found[:1] if str(one.value) not in parts]
    return ", ".join(parts) or certificate.subject.rfc4514_string() or "nobody"


def _mail(certificate: x509.Certificate) -> str:
    found = _extension(certificate, x509.SubjectAlternativeName)
    mails = [] if found is None else found.get_values_for_type(x509.RFC822Name)
    named = certificate.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)
    return next(iter([*mails, *(str(one.value) for one in named)]), "")


def _extension(certificate: x509.Certificate, kind: type[Extension]) -> Extension | None:
    for one in certificate.extensions:
        if isinstance(one.value, kind):
            return one.value
    return None


def to_der(pem: bytes) -> list[bytes]:
    """Return the certificates of a PEM file as DER, in order.

    Raises:
        MalformedError: no certificates, or too many.
    """
    try:
        found = x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise MalformedError("got no PEM certificates") from None
    if len(found) > MAX_CHAIN:
        raise MalformedError(f"got {len(found)} certificates, expected at most {MAX_CHAIN}")
    return [one.public_bytes(Encoding.DER) for one in found]
