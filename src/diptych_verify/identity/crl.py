"""Revocation lists of X.509 (RFC 5280 sections 5 and 6.3): which certificates of a path still hold.

Lists come with the evidence or from the policy; nothing is fetched. Judged are complete lists, and
those that an issuing distribution point limits to a kind of certificate or to a place that the
certificate names. Delta and indirect lists, or such for some reasons only, say nothing here.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from diptych_verify.errors import BadSignature, DiptychError, MalformedError
from diptych_verify.identity.standing import Standing

MAX_CRLS: Final = 8
PEM_BEGIN: Final = b"-----BEGIN X509 CRL-----"
Extension = TypeVar("Extension", bound=x509.ExtensionType)


def path_standing(
    path: Sequence[x509.Certificate], lists: Sequence[bytes], *, anchored: bool
) -> Standing:
    """Return what the lists say about a path whose signatures hold.

    Args:
        path: leaf first, each issued by the next.
        lists: DER; those of other issuers are passed over.
        anchored: the last certificate is pinned, so that nobody has to vouch for it.

    Raises:
        MalformedError: a list cannot be decoded.
        BadSignature: the issuer of a certificate did not sign the list that bears its name.
    """
    try:
        loaded = [x509.load_der_x509_crl(der) for der in lists]
        parts = [_standing(issued, issuer, loaded) for issued, issuer in pairwise(path)]
        if not anchored and path[-1].subject != path[-1].issuer:
            parts.append(Standing())
        return Standing.of_parts(parts)
    except DiptychError:
        raise
    except Exception as error:
        # As with certificates, the parser has many unrelated exception classes for hostile input.
        raise MalformedError(f"identity: bad revocation list: {error}") from None


def to_der_crl(raw: bytes) -> bytes:
    """Return a revocation list, PEM or DER, as DER.

    Raises:
        MalformedError: neither of them.
    """
    pem = raw.lstrip().startswith(PEM_BEGIN)
    try:
        found = x509.load_pem_x509_crl(raw) if pem else x509.load_der_x509_crl(raw)
        return found.public_bytes(Encoding.DER)
    except Exception:
        raise MalformedError("got no revocation list, expected an X.509 CRL, PEM or DER") from None


def _standing(
    issued: x509.Certificate,
    issuer: x509.Certificate,
    lists: Iterable[x509.CertificateRevocationList],
) -> Standing:
    found = []
    for one in lists:
        if one.issuer == issuer.subject and not _other_key(one, issuer):
            _require_signed(one, issuer)
            found.append(_word(one, issued))
    return Standing.of_lists(found)


def _word(one: x509.CertificateRevocationList, issued: x509.Certificate) -> Standing:
    complete = _covers(one, issued)
    if complete is None:
        return Standing()
    entry = one.get_revoked_certificate_by_serial_number(issued.serial_number)
    if entry is not None:
        return Standing(revoked_at_s=_since(entry))
    start, end = _seconds(one.last_update_utc), one.next_update_utc
    # Lists may drop certificates that have expired.
    if not complete or end is None or one.last_update_utc > issued.not_valid_after_utc:
        return Standing()
    return Standing(start, _seconds(end))


def _since(entry: x509.RevokedCertificate) -> int:
    invalid = _extension(entry.extensions, x509.InvalidityDate)
    dates = [entry.revocation_date_utc] + ([] if invalid is None else [invalid.invalidity_date_utc])
    return max(1, _seconds(min(dates)))


def _covers(one: x509.CertificateRevocationList, issued: x509.Certificate) -> bool | None:
    """Tell whether a certificate that is not in the list is in good order; None: not judged."""
    critical = [each for each in one.extensions if each.critical]
    if not all(isinstance(each.value, x509.IssuingDistributionPoint) for each in critical):
        return None
    limit = _extension(one.extensions, x509.IssuingDistributionPoint)
    if limit is None:
        return True
    if limit.indirect_crl or limit.only_some_reasons or limit.only_contains_attribute_certs:
        return None
    basic = _extension(issued.extensions, x509.BasicConstraints)
    authority = basic is not None and basic.ca
    if (limit.only_contains_user_certs and authority) or limit.relative_name is not None:
        return False
    if limit.only_contains_ca_certs and not authority:
        return False
    return limit.full_name is None or bool(set(limit.full_name) & _places(issued))


def _places(issued: x509.Certificate) -> set[x509.GeneralName]:
    points = _extension(issued.extensions, x509.CRLDistributionPoints)
    return {name for point in points or () for name in point.full_name or ()}


def _other_key(one: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    """Tell two keys of an authority that renewed its own apart, if both sides name them."""
    signed_by = _extension(one.extensions, x509.AuthorityKeyIdentifier)
    own = _extension(issuer.extensions, x509.SubjectKeyIdentifier)
    named = None if signed_by is None else signed_by.key_identifier
    return own is not None and named is not None and named != own.digest


def _require_signed(one: x509.CertificateRevocationList, issuer: x509.Certificate) -> None:
    usage = _extension(issuer.extensions, x509.KeyUsage)
    digest, key = one.signature_hash_algorithm, issuer.public_key()
    if (
        not isinstance(key, Ed25519PublicKey | ec.EllipticCurvePublicKey | RSAPublicKey)
        or (usage is not None and not usage.crl_sign)
        or (digest is not None and digest.name not in ("sha256", "sha384", "sha512"))
        or not one.is_signature_valid(key)
    ):
        name = issuer.subject.rfc4514_string()
        raise BadSignature(f"identity: the revocation list of {name!a} is not signed by its key")


def _extension(extensions: x509.Extensions, kind: type[Extension]) -> Extension | None:
    for one in extensions:
        if isinstance(one.value, kind):
            return one.value
    return None


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
