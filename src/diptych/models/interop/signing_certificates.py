"""Certificate chains of model signatures, checked against given roots.

Source: RFC 5280 section 6, without policies, name constraints (refused where critical) and
revocation: whoever gives a root decides to believe what it issued.
"""

import warnings
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import MD5, SHA1
from cryptography.x509 import (
    BasicConstraints,
    Certificate,
    DuplicateExtension,
    ExtendedKeyUsage,
    ExtensionNotFound,
    Extensions,
    InvalidVersion,
    KeyUsage,
    load_der_x509_certificate,
    load_pem_x509_certificates,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from diptych.core.errors import MalformedError
from diptych.models.interop.errors import UntrustedSigner, UnusableKey
from diptych.models.interop.signing_keys import PublicKey, usable

_MAX_ROOTS_BYTES = 4 << 20
_MIN_RSA_BITS = 2048
_MAX_STEPS = 1000
_UNDERSTOOD = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
    }
)

_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, DuplicateExtension, InvalidVersion)


def load_certificates(pem: bytes) -> tuple[Certificate, ...]:
    """Read PEM certificates.

    Raises:
        UnusableKey: there are none.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return tuple(load_pem_x509_certificates(pem[:_MAX_ROOTS_BYTES]))
    except _UNREADABLE as error:
        raise UnusableKey(f"got no PEM certificates: {error}") from None


def signer_of(
    chain: Sequence[bytes], roots: Sequence[Certificate], *, time_s: float
) -> tuple[PublicKey, str]:
    """Return key and name of the signer after leading its certificate to a given root.

    Args:
        chain: DER, the signer's certificate first; the others may be of use or not.
        roots: what is trusted, with or without certificates between.
        time_s: now; a signature carries no trusted time, so an expired certificate is refused.

    Raises:
        MalformedError: a certificate cannot be decoded.
        UntrustedSigner: no chain leads to a root, or the certificate is not for signing.
    """
    try:
        return _checked(chain, roots, datetime.fromtimestamp(time_s, tz=UTC))
    except _UNREADABLE as error:
        raise MalformedError(f"signature: bad certificate: {error}") from None


def _checked(
    chain: Sequence[bytes], roots: Sequence[Certificate], moment: datetime
) -> tuple[PublicKey, str]:
    with warnings.catch_warnings():
        # Odd serial numbers and the like: a hostile chain must not write to standard error.
        warnings.simplefilter("ignore")
        signer, *others = map(load_der_x509_certificate, chain)
        name = signer.subject.rfc4514_string()[:500]
        _require_for_signing(signer, name)
        search = _Chain(others, roots, moment)
        if not search.leads(signer):
            raise UntrustedSigner(
                f"the certificate of '{name}' is not trusted: {search.reason}",
                hint="give the signer's root with --certificate-chain",
            )
    try:
        return usable(signer.public_key()), name
    except UnusableKey as error:
        raise UntrustedSigner(f"the certificate of '{name}': {error.message}") from None


class _Chain:
    """The search for a way from a certificate to a root."""

    def __init__(
        self, others: Sequence[Certificate], roots: Sequence[Certificate], moment: datetime
    ) -> None:
        self._others = others
        self._roots = roots
        self._moment = moment
        self._steps = 0
        self.reason = "no given root issued it"

    def leads(self, one: Certificate, depth: int = 0) -> bool:
        """Tell whether a certificate is a root or issued by one that leads to a root."""
        self._steps += 1
        if self._steps > _MAX_STEPS or depth > len(self._others) + 1 or not self._sound(one):
            return False
        if one in self._roots:
            return True
        return any(
            self._issued(one, issuer, depth) and self.leads(issuer, depth + 1)
            for issuer in (*self._roots, *self._others)
            if issuer != one
        )

    def _sound(self, one: Certificate) -> bool:
        """Check what holds for every certificate on the way: time and critical extensions."""
        name = one.subject.rfc4514_string()[:200]
        if self._moment < one.not_valid_before_utc:
            self.reason = f"'{name}' is valid from {one.not_valid_before_utc:%Y-%m-%d}"
        elif self._moment > one.not_valid_after_utc:
            self.reason = f"'{name}' expired on {one.not_valid_after_utc:%Y-%m-%d}"
        elif any(each.critical and each.oid not in _UNDERSTOOD for each in one.extensions):
            self.reason = f"'{name}' has a critical extension that is not understood"
        else:
            return True
        return False

    def _issued(self, one: Certificate, issuer: Certificate, depth: int) -> bool:
        if one.issuer != issuer.subject:
            return False
        try:
            one.verify_directly_issued_by(issuer)
        except (InvalidSignature, ValueError, TypeError):
            self.reason = "a signature in the chain does not verify"
            return False
        if isinstance(one.signature_hash_algorithm, MD5 | SHA1) or _is_short(issuer):
            self.reason = "the chain uses a digest or key that is too weak"
            return False
        if not _may_issue(issuer.extensions, depth):
            self.reason = f"'{issuer.subject.rfc4514_string()[:200]}' may not issue certificates"
            return False
        return True


def _is_short(issuer: Certificate) -> bool:
    key = issuer.public_key()
    return isinstance(key, RSAPublicKey) and key.key_size < _MIN_RSA_BITS


def _may_issue(extensions: Extensions, depth: int) -> bool:
    """Tell whether a certificate is that of an authority with `depth` others under it."""
    try:
        basic = extensions.get_extension_for_class(BasicConstraints).value
    except ExtensionNotFound:
        return False
    if not basic.ca or (basic.path_length is not None and depth > basic.path_length):
        return False
    try:
        return extensions.get_extension_for_class(KeyUsage).value.key_cert_sign
    except ExtensionNotFound:
        return True


def _require_for_signing(signer: Certificate, name: str) -> None:
    """Refuse a certificate that is for other purposes; one that names none is for none."""
    found = []
    with suppress(ExtensionNotFound):
        found.append(signer.extensions.get_extension_for_class(KeyUsage).value.digital_signature)
    with suppress(ExtensionNotFound):
        usage = signer.extensions.get_extension_for_class(ExtendedKeyUsage).value
        found.append(ExtendedKeyUsageOID.CODE_SIGNING in usage)
    if not found or not all(found):
        raise UntrustedSigner(f"the certificate of '{name}' is not for signing code")
