"""What evidence says about a key, and whether the trust policy believes who says it."""

import hashlib
import hmac
from dataclasses import dataclass, field

from diptych_verify.errors import BadSignature, IdentityMismatch, MalformedError
from diptych_verify.identity.chain import binding_message, verify_chain
from diptych_verify.identity.credential import Credential, Proof, parse_credential
from diptych_verify.identity.crl import path_standing
from diptych_verify.identity.did import parse_did_document
from diptych_verify.identity.document import DID_WEB, X509, IdentityEvidence
from diptych_verify.identity.public_key import DID_KEY, PublicKey, key_of, read_did_key
from diptych_verify.identity.standing import Standing
from diptych_verify.identity.status_list import parse_status_list, status_standing
from diptych_verify.policy import TrustedIdentity, TrustPolicy
from diptych_verify.wording import quoted


@dataclass(frozen=True)
class Binding:
    """A name for a key, and what it rests on.

    Attributes:
        name: person or organisation; hostile text.
        basis: the evidence in words.
        trusted: the policy vouches for it.
        valid_from_s: Unix seconds, None if open.
        valid_until_s: Unix seconds, None if open.
        about: `certificate` or `credential`, whichever can be revoked; empty if nothing can.
        standing: what revocation and status lists at hand say about it.
    """

    name: str
    basis: str
    trusted: bool
    valid_from_s: int | None = None
    valid_until_s: int | None = None
    about: str = ""
    standing: Standing = field(default_factory=Standing)


def bind(evidence: IdentityEvidence, policy: TrustPolicy) -> Binding:
    """Check that the evidence is sound in itself and names its key.

    Raises:
        IdentityMismatch: it is about another key.
        BadSignature: a chain, binding or credential is not signed as it says.
        MalformedError: a part cannot be decoded.
    """
    if evidence.method == DID_WEB:
        return _did_web(evidence, policy)
    return _x509(evidence, policy) if evidence.method == X509 else _credential(evidence, policy)


def _did_web(evidence: IdentityEvidence, policy: TrustPolicy) -> Binding:
    key = key_of(evidence.keyid)
    if not parse_did_document(evidence.document, evidence.did).holds(key):
        raise IdentityMismatch(
            f"the document of {evidence.did} does not let the key {evidence.keyid} make assertions",
            hint=f"list {key.multikey} under verificationMethod and assertionMethod",
            keyid=evidence.keyid,
        )
    entries = _entries(evidence.did, policy)
    trusted = [one for one in entries if one.key == key.multikey or _pins(one, evidence.document)]
    name = next((one.name for one in trusted if one.name), evidence.did.removeprefix("did:web:"))
    if trusted:
        pinned = "key" if trusted[0].key else "document"
        basis = f"{evidence.did}, {pinned} pinned by the policy"
    else:
        reason = "other evidence of this DID" if entries else "no such DID"
        basis = f"a document of {evidence.did}; the policy pins {reason}"
    return Binding(name, basis, bool(trusted))


def _x509(evidence: IdentityEvidence, policy: TrustPolicy) -> Binding:
    binding = (binding_message(evidence.keyid), evidence.binding) if evidence.binding else None
    key = key_of(evidence.keyid)
    chain = verify_chain(evidence.chain, key, binding, roots=policy.identity_roots)
    ending = f"chain to root {quoted(chain.root)}" if chain.root else "chain to no pinned root"
    return Binding(
        f"{chain.name} <{chain.mail}>" if chain.mail else chain.name,
        f"X.509, {ending}",
        bool(chain.root),
        chain.valid_from_s,
        chain.valid_until_s,
        "certificate",
        path_standing(
            chain.path, [*evidence.crls, *policy.identity_crls], anchored=bool(chain.root)
        ),
    )


def _credential(evidence: IdentityEvidence, policy: TrustPolicy) -> Binding:
    credential, key = parse_credential(evidence.credential), key_of(evidence.keyid)
    if credential.subject != key.did:
        raise IdentityMismatch(
            f"the credential is about {credential.subject}, not about {key.did}",
            hint="ask its issuer for one about this key",
            keyid=evidence.keyid,
        )
    if not credential.name.strip():
        raise MalformedError("credential.credentialSubject: got no name, legalName or organization")
    pinned = _pinned_keys(credential.issuer, evidence.document, policy)
    keys = pinned or _stated_keys(credential.issuer, evidence.document)
    _require_proof(credential.issuer, credential.proof, keys)
    entries = _entries(credential.issuer, policy)
    said = next((one.name for one in entries if one.name), credential.issuer_name)
    issuer = f"{quoted(said)} ({credential.issuer})" if said else credential.issuer
    if pinned:
        basis = f"credential of {issuer}, pinned by the policy"
    elif keys:
        basis = f"credential of {issuer}, whom the policy does not pin"
    else:
        basis = f"credential of {issuer}, whose key is not known: its signature is not checked"
    return Binding(
        credential.name,
        basis,
        bool(pinned),
        credential.valid_from_s,
        credential.valid_until_s,
        "credential" if credential.statuses else "",
        _status(evidence, credential, keys, policy) if credential.statuses else Standing(),
    )


def _status(
    evidence: IdentityEvidence,
    credential: Credential,
    keys: list[tuple[str, PublicKey]],
    policy: TrustPolicy,
) -> Standing:
    """Ask the issuer's own lists; without its key they are worth nothing."""
    given = [*evidence.status_lists, *policy.identity_status_lists] if keys else []
    lists = [one for one in map(parse_status_list, given) if one.issuer == credential.issuer]
    for one in lists:
        _require_proof(one.issuer, one.proof, keys)
    return status_standing(credential.statuses, lists)


def _require_proof(issuer: str, proof: Proof, keys: list[tuple[str, PublicKey]]) -> None:
    """Insist that one of the issuer's keys signed; without keys nothing is checked."""
    named, _, fragment = proof.method.partition("#")
    if named not in ("", issuer) and fragment:
        raise BadSignature(f"the credential of {issuer} is signed with a key of {named}")
    failed: BadSignature | None = None
    for method, key in keys:
        if method and fragment and method.partition("#")[2] != fragment:
            continue
        try:
            proof.verify(key)
        except BadSignature as error:
            failed = error
            continue
        return
    if keys:
        raise failed or BadSignature(f"{issuer} has no key {proof.method} to make assertions")


def _pinned_keys(issuer: str, document: bytes, policy: TrustPolicy) -> list[tuple[str, PublicKey]]:
    found: list[tuple[str, PublicKey]] = []
    for one in _entries(issuer, policy):
        if one.public_key is not None:
            found.append(("", one.public_key))
        elif document and _pins(one, document):
            found += parse_did_document(document, issuer).keys
    return found


def _stated_keys(issuer: str, document: bytes) -> list[tuple[str, PublicKey]]:
    if issuer.startswith(DID_KEY):
        return [("", read_did_key(issuer))]
    return list(parse_did_document(document, issuer).keys) if document else []


def _entries(did: str, policy: TrustPolicy) -> list[TrustedIdentity]:
    return [one for one in policy.identities if one.did == did]


def _pins(entry: TrustedIdentity, document: bytes) -> bool:
    return entry.document_sha256 is not None and hmac.compare_digest(
        entry.document_sha256, hashlib.sha256(document).digest()
    )
