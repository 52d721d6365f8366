"""From the certificate that signed a time stamp to a pinned one: directly, or over intermediates.

Source: RFC 5280 section 6.1, a subset; RFC 3161 section 2.3 (the purpose of the signer). Whoever is
pinned is taken at the word of who pinned it; what stands between must bear every check.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509 import (
    BasicConstraints,
    Certificate,
    CertificatePolicies,
    ExtendedKeyUsage,
    ExtensionNotFound,
    KeyUsage,
    NameConstraints,
    Version,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

from diptych_verify.errors import MalformedError
from diptych_verify.identity.constraints import require_names

_MAX_BETWEEN = 3
_JUDGED = (BasicConstraints, KeyUsage, ExtendedKeyUsage, NameConstraints, CertificatePolicies)
_DIGESTS = ("sha256", "sha384", "sha512")
_PURPOSES = (ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)
Path = tuple[Certificate, ...]


def is_vouched(
    signer: Certificate, embedded: Sequence[Certificate], pinned: Sequence[Certificate], time_s: int
) -> bool:
    """Tell whether a pinned certificate is the signer's, or leads to it at a time.

    Args:
        signer: certificate of the key that signed the time stamp.
        embedded: what came with the token; at most three of them may stand between.
        pinned: what the policy trusts.
        time_s: Unix seconds; all must be valid then.
    """
    if not _is_valid_at(signer, time_s):
        return False
    if signer in pinned:
        return True
    if not _is_for_stamps(signer):
        return False
    reached = {signer}
    edge: list[Path] = [(signer,)]
    for _ in range(_MAX_BETWEEN + 1):
        if any(_ends(path, pinned, time_s) for path in edge):
            return True
        edge = [longer for path in edge for longer in _longer(path, embedded, reached, time_s)]
    return False


def _ends(path: Path, pinned: Sequence[Certificate], time_s: int) -> bool:
    """Tell whether a pinned authority issued the last certificate of a path."""
    for authority in pinned:
        if not (_is_valid_at(authority, time_s) and _issued(path[-1], authority)):
            continue
        whole = (*path, authority)
        if _is_authority(authority) and (len(path) == 1 or _fits(whole)):
            return True
    return False


def _longer(
    path: Path, embedded: Sequence[Certificate], reached: set[Certificate], time_s: int
) -> Iterator[Path]:
    """Yield the path with each fitting certificate that no path has reached yet."""
    for one in embedded:
        if one in reached or not (_is_valid_at(one, time_s) and _is_between(one)):
            continue
        if _issued(path[-1], one) and _fits((*path, one)):
            reached.add(one)
            yield (*path, one)


def _fits(path: Path) -> bool:
    """Check what the last certificate of a path demands of those below, and how they are signed."""
    try:
        require_names(path)
    except MalformedError:
        return False
    limit = _basic(path[-1])
    depth = None if limit is None else limit.path_length
    digests = [one.signature_hash_algorithm for one in path[:-1]]
    sound = all(digest is None or digest.name in _DIGESTS for digest in digests)
    return sound and (depth is None or len(path) - 2 <= depth)


def _is_between(one: Certificate) -> bool:
    known = all(isinstance(each.value, _JUDGED) for each in one.extensions if each.critical)
    return known and one.version is Version.v3 and _is_authority(one) and _may_certify(one)


def _may_certify(one: Certificate) -> bool:
    for each in one.extensions:
        if isinstance(each.value, KeyUsage) and not each.value.key_cert_sign:
            return False
        if isinstance(each.value, ExtendedKeyUsage) and not set(_PURPOSES) & set(each.value):
            return False
    return True


def _is_authority(one: Certificate) -> bool:
    basic = _basic(one)
    return basic is not None and basic.ca


def _basic(one: Certificate) -> BasicConstraints | None:
    try:
        return one.extensions.get_extension_for_class(BasicConstraints).value
    except ExtensionNotFound:
        return None


def _is_for_stamps(signer: Certificate) -> bool:
    try:
        usage = signer.extensions.get_extension_for_class(ExtendedKeyUsage).value
    except ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.TIME_STAMPING in usage


def _issued(issued: Certificate, issuer: Certificate) -> bool:
    try:
        issued.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _is_valid_at(certificate: Certificate, time_s: int) -> bool:
    moment = datetime.fromtimestamp(time_s, tz=UTC)
    return certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc
