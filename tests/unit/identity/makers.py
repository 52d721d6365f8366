"""Certificates, DID documents and credentials for tests; keys and dates are fixed."""

import base64
import gzip
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from tests.golden.world import seed

from diptych.core.canonical import canonical_json
from diptych_verify.identity.public_key import PublicKey, base58, key_of, same_key

FROM, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
EARLY = datetime(2026, 2, 1, tzinfo=UTC)
LIST = "https://ministry.example/status/3"
_PLAIN = (x509.CRLNumber, x509.AuthorityKeyIdentifier)
CONTEXT = "https://www.w3.org/ns/credentials/v2"


def scalar(name: str) -> int:
    """Return a fixed private scalar."""
    return int.from_bytes(seed(name), "big") >> 8


def p256(name: str) -> ec.EllipticCurvePrivateKey:
    """Return a fixed P-256 key."""
    return ec.derive_private_key(scalar(name), ec.SECP256R1())


def ed25519(name: str) -> Ed25519PrivateKey:
    """Return a fixed Ed25519 key."""
    return Ed25519PrivateKey.from_private_bytes(seed(name))


def subject(name: str, organisation: str = "") -> x509.Name:
    """Return a directory name."""
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
    if organisation:
        parts.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    return x509.Name(parts)


@dataclass(frozen=True)
class Authority:
    """A certificate and its key, to issue others with."""

    certificate: x509.Certificate
    key: Any

    @property
    def pem(self) -> str:
        """The certificate as PEM."""
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def der(self) -> bytes:
        """The certificate as DER."""
        return self.certificate.public_bytes(Encoding.DER)


def issue(
    name: x509.Name,
    key: Any,
    *extensions: x509.ExtensionType,
    by: Authority | None = None,
    ca: bool = False,
    depth: int | None = None,
    valid: tuple[datetime, datetime] = (FROM, UNTIL),
    critical: bool = True,
) -> Authority:
    """Issue a certificate, self-signed without `by`; then `key` must be the private half."""
    public = key.public_key() if hasattr(key, "public_key") else key
    signer = key if by is None else by.key
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name if by is None else by.certificate.subject)
        .public_key(public)
        .serial_number(int.from_bytes(hashlib.sha256(name.public_bytes()).digest()[:8], "big"))
        .not_valid_before(valid[0])
        .not_valid_after(valid[1])
        .add_extension(x509.BasicConstraints(ca, depth), critical=True)
    )
    for one in extensions:
        must = critical and not isinstance(one, x509.SubjectKeyIdentifier)
        builder = builder.add_extension(one, critical=must)
    digest = None if isinstance(signer, Ed25519PrivateKey) else hashes.SHA256()
    return Authority(builder.sign(signer, digest), key)


def root(name: str = "Root R") -> Authority:
    """Return a root CA with an Ed25519 key, whose signatures are the same on every run."""
    return issue(subject(name), ed25519(name), ca=True)


def crl(
    by: Authority,
    *revoked: Authority,
    at: datetime = EARLY,
    made: tuple[datetime, datetime | None] = (FROM, UNTIL),
    extensions: tuple[x509.ExtensionType, ...] = (),
    reason: tuple[x509.ExtensionType, ...] = (),
) -> bytes:
    """Return a revocation list, DER: what `by` revoked at `at`, issued and to be renewed `made`."""
    builder = x509.CertificateRevocationListBuilder().issuer_name(by.certificate.subject)
    builder = builder.last_update(made[0]).next_update(made[1] or UNTIL)
    for one in extensions:
        builder = builder.add_extension(one, critical=not isinstance(one, _PLAIN))
    for each in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(each.certificate.serial_number)
        entry = entry.revocation_date(at)
        for extra in reason:
            entry = entry.add_extension(extra, critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    digest = None if isinstance(by.key, Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(by.key, digest).public_bytes(Encoding.DER)


def public_of(keyid: str) -> Any:
    """Return the public key object of a key id."""
    key = key_of(keyid)
    if key.kind == "ed25519":
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        return Ed25519PublicKey.from_public_bytes(key.raw)
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256K1(), key.raw)


def did_document(did: str, key: PublicKey, **changes: Any) -> bytes:
    """Return a DID document that lets a key make assertions."""
    method = {
        "id": f"{did}#key-1",
        "type": "Multikey",
        "controller": did,
        "publicKeyMultibase": key.multikey,
    }
    document = {
        "@context": ["https://www.w3.org/ns/did/v1"],
        "id": did,
        "verificationMethod": [method | changes.pop("method", {})],
        "assertionMethod": [f"{did}#key-1"],
    }
    return json.dumps(document | changes).encode()


def issuer_key(private: Any) -> PublicKey:
    """Return the public half of a private key."""
    found = same_key(private.public_key())
    assert found is not None
    return found


def claims(issuer: str, about: str, **changes: Any) -> dict[str, Any]:
    """Return a credential without proof."""
    return {
        "@context": [CONTEXT],
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "validFrom": "2026-01-01T00:00:00Z",
        "validUntil": "2027-01-01T00:00:00Z",
        "credentialSubject": {"id": about, "name": "Hospital A"},
    } | changes


def status_claims(issuer: str, taken: Iterable[int] = (), **inner: Any) -> dict[str, Any]:
    """Return a status list credential without proof, whose bits `taken` are set."""
    bits = bytearray(1 << 14)
    for index in taken:
        bits[index // 8] |= 0x80 >> index % 8
    packed = gzip.compress(bytes(bits), mtime=0)
    listed = {
        "type": "BitstringStatusList",
        "statusPurpose": "revocation",
        "encodedList": f"u{_b64url(packed)}",
    }
    kinds = ["VerifiableCredential", "BitstringStatusListCredential"]
    changes = {"id": LIST, "type": kinds, "credentialSubject": listed | inner}
    return claims(issuer, issuer, **changes)


def status_entry(index: int, **changes: Any) -> dict[str, Any]:
    """Return the fields of a credential that stands in a status list."""
    entry = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(index),
        "statusListCredential": LIST,
    }
    return {"credentialStatus": entry | changes}


def _b64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def jwt(credential: dict[str, Any], key: Any, algorithm: str, **header: Any) -> bytes:
    """Sign a credential as a compact JWT."""
    head = {"alg": algorithm, "typ": "vc+jwt"} | header
    text = f"{_b64url(json.dumps(head).encode())}.{_b64url(json.dumps(credential).encode())}"
    if isinstance(key, Ed25519PrivateKey):
        signature = key.sign(text.encode())
    else:
        r, s = decode_dss_signature(key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return f"{text}.{_b64url(signature)}".encode()


def proven(
    credential: dict[str, Any], key: Ed25519PrivateKey, method: str, **changes: Any
) -> bytes:
    """Sign a credential with an eddsa-jcs-2022 proof."""
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": "2026-01-02T00:00:00Z",
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
        "@context": credential["@context"],
    } | changes
    hashed = b"".join(hashlib.sha256(canonical_json(one)).digest() for one in (options, credential))
    value = f"z{base58(key.sign(hashed))}"
    return json.dumps(credential | {"proof": options | {"proofValue": value}}).encode()
