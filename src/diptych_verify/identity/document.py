"""Identity records and the evidence that they name: `diptych-identity/1` (docs/formats.md)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from diptych_verify.dsse import parse_keyid
from diptych_verify.errors import JsonValue, MalformedError
from diptych_verify.identity.chain import MAX_CHAIN, MAX_SIGNATURE_BYTES
from diptych_verify.identity.credential import MAX_CREDENTIAL_BYTES
from diptych_verify.identity.crl import MAX_CRLS
from diptych_verify.identity.did import MAX_DOCUMENT_BYTES, is_did_web
from diptych_verify.identity.status_list import MAX_STATUS_LISTS
from diptych_verify.jcs import canonical_json
from diptych_verify.jsonio import ObjectReader, strict_json

FORMAT: Final = "diptych-identity/1"
MAX_EVIDENCE_BYTES: Final = 32 << 10
DID_WEB: Final = "did:web"
X509: Final = "x509"
VC: Final = "vc"
METHODS: Final = (DID_WEB, X509, VC)
_MAX_CERTIFICATE_BYTES = 8 << 10


@dataclass(frozen=True)
class IdentityClaim:
    """What an `identity` record says: key id, method, SHA-256 of the evidence."""

    keyid: str
    method: str
    digest: bytes


@dataclass(frozen=True)
class IdentityEvidence:
    """Evidence that a key belongs to somebody; which fields are filled depends on the method.

    Attributes:
        keyid: the signing key.
        method: `did:web`, `x509` or `vc`.
        did: of did:web.
        document: DID document; of a credential that of its issuer, empty if none came with it.
        chain: DER certificates, leaf first.
        binding: signature over the binding message by the leaf's key, empty if it is the same key.
        credential: the credential's bytes.
        crls: DER revocation lists of the chain's issuers.
        status_lists: status list credentials of the credential's issuer.
    """

    keyid: str
    method: str
    did: str = ""
    document: bytes = b""
    chain: tuple[bytes, ...] = ()
    binding: bytes = b""
    credential: bytes = b""
    crls: tuple[bytes, ...] = ()
    status_lists: tuple[bytes, ...] = ()


def identity_claim(predicate: Mapping[str, JsonValue]) -> IdentityClaim:
    """Read the predicate of an `identity` statement.

    Raises:
        MalformedError: fields are missing, unknown or of wrong types.
    """
    inner = ObjectReader(dict(predicate), "identity record").object("identity")
    keyid, method = _keyid(inner), _method(inner)
    claim = IdentityClaim(keyid, method, inner.hex_bytes("evidence", size=32))
    inner.done()
    return claim


def parse_evidence(raw: bytes) -> IdentityEvidence:
    """Parse evidence.

    Args:
        raw: canonical JSON (RFC 8785), at most 32 KiB, so that one evidence has one digest.

    Raises:
        MalformedError: wrong syntax, unknown fields, wrong types, or not the canonical form.
    """
    value = strict_json(raw, max_bytes=MAX_EVIDENCE_BYTES, max_depth=3, max_values=64)
    reader = ObjectReader(value, "identity")
    if reader.text("format") != FORMAT:
        raise reader.wrong("format", FORMAT)
    keyid, method = _keyid(reader), _method(reader)
    read = {DID_WEB: _did_web, X509: _x509, VC: _vc}[method]
    evidence = read(reader, keyid)
    reader.done()
    if canonical_json(value) != raw:
        raise MalformedError("identity: got JSON that is not in canonical form (RFC 8785)")
    return evidence


def evidence_digest(raw: bytes) -> str:
    """Return the hex SHA-256 that names evidence in a record."""
    return hashlib.sha256(raw).hexdigest()


def _keyid(reader: ObjectReader) -> str:
    keyid = reader.text("keyid", max_characters=128)
    parse_keyid(keyid)
    return keyid


def _method(reader: ObjectReader) -> str:
    method = reader.text("method", max_characters=16)
    if method not in METHODS:
        raise reader.wrong("method", f"one of {METHODS}")
    return method


def _did_web(reader: ObjectReader, keyid: str) -> IdentityEvidence:
    did = reader.text("did", max_characters=512)
    if not is_did_web(did):
        raise reader.wrong("did", "did:web:DOMAIN")
    document = reader.b64_bytes("document", max_bytes=MAX_DOCUMENT_BYTES)
    return IdentityEvidence(keyid, DID_WEB, did=did, document=document)


def _x509(reader: ObjectReader, keyid: str) -> IdentityEvidence:
    chain = reader.b64_items("chain", maximum=MAX_CHAIN)
    if not chain or max(map(len, chain)) > _MAX_CERTIFICATE_BYTES:
        raise reader.wrong("chain", "certificates of at most 8 KiB each")
    binding = b""
    if reader.has("binding"):
        binding = reader.b64_bytes("binding", max_bytes=MAX_SIGNATURE_BYTES)
        if not binding:
            raise reader.wrong("binding", "a signature")
    crls = _lists(reader, "crls", MAX_CRLS)
    return IdentityEvidence(keyid, X509, chain=chain, binding=binding, crls=crls)


def _vc(reader: ObjectReader, keyid: str) -> IdentityEvidence:
    credential = reader.b64_bytes("credential", max_bytes=MAX_CREDENTIAL_BYTES)
    document = b""
    if reader.has("document"):
        document = reader.b64_bytes("document", max_bytes=MAX_DOCUMENT_BYTES)
        if not document:
            raise reader.wrong("document", "a DID document")
    lists = _lists(reader, "status_lists", MAX_STATUS_LISTS)
    return IdentityEvidence(keyid, VC, credential=credential, document=document, status_lists=lists)


def _lists(reader: ObjectReader, key: str, maximum: int) -> tuple[bytes, ...]:
    found = reader.b64_items(key, maximum=maximum) if reader.has(key) else ()
    if reader.has(key) and (not found or not all(found) or len(set(found)) != len(found)):
        raise reader.wrong(key, "different lists, or no such field")
    return found
