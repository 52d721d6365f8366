"""Name constraints of X.509 (RFC 5280 section 4.2.1.10) for directory names, e-mail and DNS."""

from collections.abc import Iterable, Sequence

from cryptography import x509
from cryptography.x509.oid import NameOID

from diptych_verify.errors import MalformedError

_JUDGED = (x509.DirectoryName, x509.RFC822Name, x509.DNSName)


def require_names(path: Sequence[x509.Certificate]) -> None:
    """Insist that every certificate's names lie within the constraints of all above it.

    Args:
        path: leaf first, root last.

    Raises:
        MalformedError: a name is outside, or a constraint is of a kind that is not judged.
    """
    for position, issuer in enumerate(path):
        constraints = _constraints(issuer)
        if constraints is None:
            continue
        permitted = list(constraints.permitted_subtrees or ())
        excluded = list(constraints.excluded_subtrees or ())
        if not all(isinstance(one, _JUDGED) for one in [*permitted, *excluded]):
            raise MalformedError("identity: got name constraints other than for names and e-mail")
        for below in path[:position]:
            for name in _names(below):
                _require(name, permitted, excluded)


def _constraints(certificate: x509.Certificate) -> x509.NameConstraints | None:
    for one in certificate.extensions:
        if isinstance(one.value, x509.NameConstraints):
            return one.value
    return None


def _names(certificate: x509.Certificate) -> Iterable[x509.GeneralName]:
    if list(certificate.subject):
        yield x509.DirectoryName(certificate.subject)
    for one in certificate.extensions:
        if isinstance(one.value, x509.SubjectAlternativeName):
            yield from one.value
    for mail in certificate.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS):
        yield x509.RFC822Name(str(mail.value))


def _require(
    name: x509.GeneralName,
    permitted: Sequence[x509.GeneralName],
    excluded: Sequence[x509.GeneralName],
) -> None:
    allowed = [one for one in permitted if type(one) is type(name)]
    outside = bool(allowed) and not any(_within(name, one) for one in allowed)
    if outside or any(_within(name, one) for one in excluded):
        raise MalformedError(f"identity: the name {name.value!a} breaks the chain's constraints")


def _within(name: x509.GeneralName, base: x509.GeneralName) -> bool:
    if isinstance(name, x509.DirectoryName) and isinstance(base, x509.DirectoryName):
        parts, wanted = list(name.value.rdns), list(base.value.rdns)
        return parts[: len(wanted)] == wanted
    if isinstance(name, x509.DNSName) and isinstance(base, x509.DNSName):
        return _below(name.value.lower(), base.value.lower().removeprefix("."))
    if isinstance(name, x509.RFC822Name) and isinstance(base, x509.RFC822Name):
        return _mail_within(name.value, base.value)
    return False


def _mail_within(mail: str, base: str) -> bool:
    local, _, host = mail.rpartition("@")
    if "@" in base:
        wanted, _, domain = base.rpartition("@")
        return local == wanted and host.lower() == domain.lower()
    if base.startswith("."):
        return host.lower().endswith(base.lower())
    return host.lower() == base.lower()


def _below(host: str, domain: str) -> bool:
    return not domain or host == domain or host.endswith(f".{domain}")
