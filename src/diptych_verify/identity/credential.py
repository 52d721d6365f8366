"""W3C Verifiable Credentials 2.0 about a signing key: as JWT, or with an eddsa-jcs-2022 proof.

Sources: https://www.w3.org/TR/vc-data-model-2.0/, https://www.w3.org/TR/vc-jose-cose/ (JWS,
RFC 7515), https://www.w3.org/TR/vc-di-eddsa/ section 3.3. JSON-LD contexts are not processed, and
status lists are not fetched; `status_list` judges those at hand.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from diptych_verify.errors import BadSignature, JsonValue, MalformedError
from diptych_verify.identity.public_key import (
    PublicKey,
    b64url,
    read_base58,
    verify_jose,
    verify_raw,
)
from diptych_verify.jcs import canonical_json
from diptych_verify.jsonio import ObjectReader, shown, strict_json

MAX_CREDENTIAL_BYTES: Final = 16 << 10
CONTEXT: Final = "https://www.w3.org/ns/credentials/v2"
_HEADERS = frozenset({"alg", "typ", "cty", "kid", "iss"})
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
_STATUS = "BitstringStatusListEntry"
_MAX_STATUSES = 8
_INDEX = re.compile(r"0|[1-9][0-9]{0,14}")


@dataclass(frozen=True)
class Proof:
    """How a credential is signed: algorithm, method id if named, message and signature."""

    algorithm: str
    method: str
    message: bytes
    signature: bytes

    def verify(self, key: PublicKey) -> None:
        """Check the signature.

        Raises:
            BadSignature: another kind of key, or it does not verify.
        """
        if self.algorithm == "eddsa-jcs-2022":
            if key.kind != "ed25519":
                raise BadSignature(f"got a {key.kind} key for an eddsa-jcs-2022 proof")
            verify_raw(key, self.message, self.signature)
            return
        verify_jose(key, self.algorithm, self.message, self.signature)


@dataclass(frozen=True)
class StatusEntry:
    """Where a credential's bit stands: purpose, index and id of the list."""

    purpose: str
    index: int
    location: str


@dataclass(frozen=True)
class Credential:
    """A parsed credential; its proof is not checked yet.

    Attributes:
        issuer: DID or URL of the issuer.
        issuer_name: its name in the credential, may be empty.
        subject: id of the subject, here a did:key.
        name: what the subject is called, empty if it has no name.
        valid_from_s: Unix seconds, None if open.
        valid_until_s: Unix seconds, None if open.
        statuses: entries of status lists that can end it; an empty location is of another kind.
        proof: its signature.
    """

    issuer: str
    issuer_name: str
    subject: str
    name: str
    valid_from_s: int | None
    valid_until_s: int | None
    statuses: tuple[StatusEntry, ...]
    proof: Proof


def parse_credential(raw: bytes) -> Credential:
    """Parse a credential: JSON with a proof if it begins with `{`, else a compact JWT.

    Raises:
        MalformedError: neither of them, or without issuer, subject or proof.
        BadSignature: an algorithm that is no signature (`none`, `HS256`) or not used here.
    """
    return _credential(*open_credential(raw, max_bytes=MAX_CREDENTIAL_BYTES))


def open_credential(raw: bytes, *, max_bytes: int) -> tuple[ObjectReader, str, Proof]:
    """Return the fields, the issuer and the proof of any credential, like `parse_credential`."""
    if len(raw) > max_bytes:
        raise MalformedError(
            f"got a credential of {len(raw)} bytes, expected at most {max_bytes >> 10} KiB"
        )
    found, proof = _data_integrity(raw) if raw.lstrip()[:1] == b"{" else _jwt(raw.strip())
    context = found.raw("@context")
    if listed(context)[:1] != [CONTEXT]:
        raise found.wrong("@context", CONTEXT)
    require_types(found, "VerifiableCredential")
    issuer, _ = _issuer(found)
    if found.has("iss") and found.text("iss") != issuer:
        raise found.wrong("iss", "the issuer")
    return found, issuer, proof


def require_types(reader: ObjectReader, kind: str) -> None:
    """Insist on a type.

    Raises:
        MalformedError: it is not among the types.
    """
    if kind not in listed(reader.raw("type")):
        raise reader.wrong("type", kind)


def _json(raw: bytes) -> JsonValue:
    return strict_json(raw, max_bytes=len(raw), max_depth=12, max_values=4096)


def _jwt(raw: bytes) -> tuple[ObjectReader, Proof]:
    try:
        text = raw.decode("ascii")
        head, payload, signature = text.split(".")
    except ValueError:
        raise MalformedError("got a credential that is neither JSON nor a JWT") from None
    header = ObjectReader(_json(b64url(head)), "credential.header")
    algorithm = header.text("alg", max_characters=16)
    if algorithm not in ("EdDSA", "Ed25519", "ES256", "ES256K"):
        raise BadSignature(f"got algorithm {shown(algorithm)}, expected EdDSA, ES256 or ES256K")
    if not _HEADERS.issuperset(header.members):
        raise MalformedError("credential.header: expected alg, typ, cty, kid, iss only")
    if header.has("typ") and header.text("typ") not in ("vc+jwt", "JWT"):
        raise header.wrong("typ", "vc+jwt")
    kid = header.text("kid") if header.has("kid") else ""
    proof = Proof(algorithm, kid, f"{head}.{payload}".encode(), b64url(signature))
    return ObjectReader(_json(b64url(payload)), "credential"), proof


def _data_integrity(raw: bytes) -> tuple[ObjectReader, Proof]:
    document = ObjectReader(_json(raw), "credential")
    proof = document.object("proof")
    for key, wanted in (
        ("type", "DataIntegrityProof"),
        ("cryptosuite", "eddsa-jcs-2022"),
        ("proofPurpose", "assertionMethod"),
    ):
        if proof.text(key, max_characters=64) != wanted:
            raise proof.wrong(key, wanted)
    value = proof.text("proofValue", max_characters=128)
    if not value.startswith("z"):
        raise proof.wrong("proofValue", "base58btc, z…")
    unsigned = {key: one for key, one in document.members.items() if key != "proof"}
    options = {key: one for key, one in proof.members.items() if key != "proofValue"}
    if "@context" in options:
        unsigned["@context"] = _proven_context(options["@context"], unsigned.get("@context"))
    message = b"".join(
        hashlib.sha256(canonical_json(part)).digest() for part in (options, unsigned)
    )
    method = proof.text("verificationMethod")
    signed = Proof("eddsa-jcs-2022", method, message, read_base58(value[1:]))
    return document, signed


def _proven_context(proven: JsonValue, stated: JsonValue) -> JsonValue:
    """Return the context that the proof covers, with which that of the document must begin."""
    first = proven if isinstance(proven, list) else [proven]
    whole = stated if isinstance(stated, list) else [stated]
    if whole[: len(first)] != first:
        raise MalformedError("credential.@context: does not begin with that of its proof")
    return proven


def _credential(reader: ObjectReader, issuer: str, proof: Proof) -> Credential:
    _, issuer_name = _issuer(reader)
    subject = reader.raw("credentialSubject")
    inner = ObjectReader(subject, "credential.credentialSubject")
    if reader.has("sub") and reader.text("sub") != inner.text("id"):
        raise reader.wrong("sub", "the subject's id")
    start, end = validity(reader)
    return Credential(
        issuer=issuer,
        issuer_name=issuer_name,
        subject=inner.text("id"),
        name=_name(inner),
        valid_from_s=start,
        valid_until_s=end,
        statuses=tuple(_statuses(reader)) if reader.has("credentialStatus") else (),
        proof=proof,
    )


def validity(reader: ObjectReader) -> tuple[int | None, int | None]:
    """Return the narrowest start and end that a credential states, Unix seconds.

    Raises:
        MalformedError: a time is not of RFC 3339 or not a number.
    """
    starts = [_time(reader, "validFrom"), _number(reader, "nbf")]
    ends = [_time(reader, "validUntil"), _number(reader, "exp"), _expires(reader)]
    return (
        max((one for one in starts if one is not None), default=None),
        min((one for one in ends if one is not None), default=None),
    )


def _statuses(reader: ObjectReader) -> Iterable[StatusEntry]:
    """Yield the entries that can end a credential; `message` and `refresh` cannot.

    Entries that nobody here understands stay, without location: they cannot be checked.
    """
    for number, one in enumerate(listed(reader.raw("credentialStatus"))):
        try:
            entry = _status_entry(ObjectReader(one, "credentialStatus"))
        except MalformedError:
            entry = None
        if entry is None or number >= _MAX_STATUSES:
            yield StatusEntry("", 0, "")
            return
        if entry.purpose not in ("message", "refresh"):
            yield entry


def _status_entry(entry: ObjectReader) -> StatusEntry | None:
    index = entry.text("statusListIndex", max_characters=16)
    wide = entry.has("statusSize") and entry.raw("statusSize") != 1
    if wide or _STATUS not in listed(entry.raw("type")) or _INDEX.fullmatch(index) is None:
        return None
    purpose = entry.text("statusPurpose", max_characters=64)
    return StatusEntry(purpose, int(index), entry.text("statusListCredential"))


def listed(value: JsonValue) -> list[JsonValue]:
    """Return a value as the list that JSON-LD lets it stand for."""
    return value if isinstance(value, list) else [value]


def _issuer(reader: ObjectReader) -> tuple[str, str]:
    value = reader.raw("issuer")
    if isinstance(value, str):
        return reader.text("issuer"), ""
    inner = reader.object("issuer")
    name = inner.text("name") if isinstance(inner.members.get("name"), str) else ""
    return inner.text("id"), name


def _name(subject: ObjectReader) -> str:
    for key in ("name", "legalName", "organization"):
        if isinstance(subject.members.get(key), str):
            return subject.text(key)
    return ""


def _expires(reader: ObjectReader) -> int | None:
    return _time(reader.object("proof"), "expires") if reader.has("proof") else None


def _time(reader: ObjectReader, key: str) -> int | None:
    if not reader.has(key):
        return None
    text = reader.text(key, max_characters=40)
    try:
        if _TIME.fullmatch(text) is None:
            raise ValueError
        return int(datetime.fromisoformat(text).timestamp())
    except (ValueError, OverflowError):
        raise reader.wrong(key, "RFC 3339 time") from None


def _number(reader: ObjectReader, key: str) -> int | None:
    return reader.integer(key) if reader.has(key) else None
