"""Identity records: say whom a signing key belongs to, and write down the evidence for it.

Builders check what the verifier (`diptych_verify.identity`) would refuse, before it is in the log
for ever. Evidence is public: it names a person or an organisation on purpose.
"""

import base64
import hashlib

from diptych.core.canonical import canonical_json
from diptych.core.errors import JsonValue, UsageError
from diptych.provenance.statement import Draft, Edge, Subject
from diptych_verify.dsse import parse_keyid
from diptych_verify.identity.bind import Binding, bind
from diptych_verify.identity.chain import binding_message
from diptych_verify.identity.document import (
    FORMAT,
    MAX_EVIDENCE_BYTES,
    IdentityEvidence,
    evidence_digest,
    parse_evidence,
)
from diptych_verify.lineage import IDENTITY, REVOCATION
from diptych_verify.policy import TrustPolicy

KIND = IDENTITY
RECORD_DIGEST = "diptychRecord1"


class BadEvidence(UsageError):
    """Evidence of an identity is too large or incomplete."""

    code = "Identity.BadEvidence"


def dump_evidence(evidence: IdentityEvidence) -> bytes:
    """Return evidence as canonical JSON; `parse_evidence` reads it back unchanged.

    Raises:
        BadEvidence: it would be above 32 KiB.
        MalformedError: a part is missing, too large or of another method.
    """
    document: dict[str, JsonValue] = {
        "format": FORMAT,
        "keyid": evidence.keyid,
        "method": evidence.method,
    }
    if evidence.did:
        document["did"] = evidence.did
    if evidence.chain:
        document["chain"] = [_b64(one) for one in evidence.chain]
    for name, lists in (("crls", evidence.crls), ("status_lists", evidence.status_lists)):
        if lists:
            document[name] = [_b64(one) for one in lists]
    for name in ("document", "binding", "credential"):
        part: bytes = getattr(evidence, name)
        if part:
            document[name] = _b64(part)
    raw = canonical_json(document)
    if len(raw) > MAX_EVIDENCE_BYTES:
        raise BadEvidence(
            f"got evidence of {len(raw)} bytes, expected at most {MAX_EVIDENCE_BYTES}",
            hint="leave the root certificate and long lists out, or ask for a smaller document",
        )
    parse_evidence(raw)
    return raw


def check_evidence(raw: bytes, policy: TrustPolicy | None = None) -> Binding:
    """Return what evidence says about its key.

    Args:
        raw: from `dump_evidence`.
        policy: whose word counts; by default nobody's.

    Raises:
        IdentityMismatch: it is about another key.
        BadSignature: a chain, binding or credential is not signed as it says.
        MalformedError: a part cannot be decoded.
    """
    return bind(parse_evidence(raw), policy or TrustPolicy())


def identity_draft(raw: bytes, *, time_s: float) -> Draft:
    """Return the statement that binds a key to the evidence; the key itself must sign it."""
    evidence = parse_evidence(raw)
    claim: JsonValue = {
        "keyid": evidence.keyid,
        "method": evidence.method,
        "evidence": evidence_digest(raw),
    }
    _, public_key = parse_keyid(evidence.keyid)
    subject = Subject("key", {"sha256": hashlib.sha256(public_key).hexdigest()})
    return Draft(KIND, (subject,), time_s, (), {"identity": claim})


def revocation_draft(record: str, *, reason: str, time_s: float) -> Draft:
    """Return the statement that an identity record (hex id) no longer counts."""
    subject = Subject("identity", {RECORD_DIGEST: record})
    fields: dict[str, JsonValue] = {"revocation": {"reason": reason[:256]}}
    return Draft(REVOCATION, (subject,), time_s, (Edge("revokes", record),), fields)


def message_to_bind(keyid: str) -> bytes:
    """Return what the key of a certificate signs to vouch for a signing key.

    Raises:
        MalformedError: no key id.
    """
    parse_keyid(keyid)
    return binding_message(keyid)


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
