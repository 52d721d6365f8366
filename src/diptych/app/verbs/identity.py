"""Whose key is it: log identity records, take them back, and find them for bundles and lists."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from diptych.app.verbs.bundle import IDENTITY_LABEL
from diptych.app.verbs.records import Record, find_record, record_at
from diptych.app.verbs.signing import append_drafts, current_keyid
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue, UsageError
from diptych.core.files import naming
from diptych.provenance.identity import (
    KIND,
    check_evidence,
    dump_evidence,
    identity_draft,
    revocation_draft,
)
from diptych.provenance.keys.errors import KeyNotFound
from diptych.provenance.keys.records import key_history
from diptych.provenance.log import LogReader
from diptych.provenance.objects import ObjectMissing, object_bytes
from diptych.provenance.statement import sign_statements
from diptych_verify.identity.chain import MAX_SIGNATURE_BYTES, to_der
from diptych_verify.identity.credential import MAX_CREDENTIAL_BYTES
from diptych_verify.identity.crl import to_der_crl
from diptych_verify.identity.did import MAX_DOCUMENT_BYTES
from diptych_verify.identity.document import (
    DID_WEB,
    MAX_EVIDENCE_BYTES,
    VC,
    X509,
    IdentityEvidence,
    identity_claim,
)
from diptych_verify.wording import quoted

REVOKED_LABEL = "identity-revoked/"
_MAX_PEM_BYTES = 64 << 10
_IN_BUNDLE = 16


class BadIdentity(UsageError):
    """What was given is no identity: no evidence, two kinds of it, or a wrong record."""

    code = "Identity.BadRequest"


@dataclass(frozen=True)
class GivenEvidence:
    """Where evidence stands; exactly one of `x509`, `did_web` and `credential` is given.

    Attributes:
        x509: PEM file, leaf first.
        binding: file with the signature of the leaf's key over the binding message, if that key
            is not the signing key itself.
        did_web: the DID.
        document: file with the DID document, of a credential that of its issuer.
        fetch: get the DID document from its domain now.
        credential: file with a JWT or JSON credential.
        lists: files with revocation lists (PEM or DER) of the chain's issuers, or with status list
            credentials of the credential's issuer.
    """

    x509: Path | None = None
    binding: Path | None = None
    did_web: str = ""
    document: Path | None = None
    fetch: bool = False
    credential: Path | None = None
    lists: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Identified:
    """An identity in the log: whose key it is said to be, and what that rests on."""

    keyid: str
    method: str
    name: str
    basis: str
    index: int
    record: str
    evidence: str

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `--json` shows."""
        return dict(vars(self))


def identify(workspace: Workspace, given: GivenEvidence, *, keyid: str | None = None) -> Identified:
    """Say in the log whom a key belongs to.

    Args:
        workspace: where the log stands.
        given: the evidence; it becomes public.
        keyid: a statement key stored here, by default the one that signs now.

    Raises:
        BadIdentity: none or several kinds of evidence, or a file that is too large.
        KeyNotFound: the key is not stored here, or not valid in this log.
        IdentityMismatch: the evidence is about another key.
        BadSignature: it is not signed as it says.
        IdentityRevoked: a list that came with it revokes it.
        MalformedError: it cannot be decoded.
        CannotFetch: the DID document could not be had.
    """
    with workspace.read_log() as log:
        chosen = keyid or current_keyid(workspace, log)
        if not key_history(log).is_valid(chosen, log.size):
            raise KeyNotFound(f"{chosen} is not valid in this log", hint="diptych key list")
    with naming(given.x509 or given.credential or given.document or Path()):
        raw = dump_evidence(_evidence(workspace, given, chosen))
        binding = check_evidence(raw)
        now_s = int(workspace.clock())
        said = binding.standing.at(binding.about, signed_s=now_s, proven_s=None)
    basis = f"{binding.basis}, {said}" if said else binding.basis
    signer = workspace.keys.statement_signer(chosen)
    name = workspace.objects.put([raw])
    workspace.objects.flush()
    with workspace.write_log() as log:
        number = len(identity_records(log, chosen)) + 1
        draft = identity_draft(raw, time_s=workspace.clock())
        envelope = sign_statements([draft], signer)
        with log.writer(workspace.lease_terms()) as writer:
            labels = {f"{IDENTITY_LABEL}{chosen}@{number}": 0}
            (index,) = writer.append(envelope, labels=labels)
        record = record_at(log, index)
    method = identity_claim(record.statement.predicate).method
    return Identified(chosen, method, binding.name, basis, index, record.record, name)


def disown(workspace: Workspace, what: str, *, reason: str) -> tuple[int, str]:
    """Take an identity back: from now on its record no longer counts.

    Returns:
        Index of the revocation, and the key id that it was about.

    Raises:
        BadIdentity: `what` is no identity record, or was taken back already.
    """
    with workspace.write_log() as log:
        record = find_record(workspace, log, what)
        if record.statement.kind != KIND:
            raise BadIdentity(f"record {record.index} is no identity", hint="diptych key list")
        label = REVOKED_LABEL + record.record
        if log.label(label) is not None:
            raise BadIdentity(f"the identity at {record.index} was taken back already")
        draft = revocation_draft(record.record, reason=reason, time_s=workspace.clock())
        (index,) = append_drafts(workspace, log, [draft], labels={label: 0})
    return index, identity_claim(record.statement.predicate).keyid


def identities_of(
    workspace: Workspace, log: LogReader, record: Record
) -> tuple[tuple[tuple[int, bytes], ...], tuple[int, ...]]:
    """Return (index, evidence) of the newest identity by each method of a record's signers.

    Revoked ones are among them, and the second part holds the indexes of their revocations: both
    are the honest answer to "who". Evidence that is not stored here is left out.
    """
    found: list[tuple[int, bytes]] = []
    ends: list[int] = []
    for keyid in record.signers:
        newest: dict[str, Record] = {}
        for one in identity_records(log, keyid):
            newest[identity_claim(one.statement.predicate).method] = one
        for one in newest.values():
            raw = stored_evidence(workspace, one)
            if raw is not None:
                end = log.label(REVOKED_LABEL + one.record)
                found.append((one.index, raw))
                ends += [] if end is None else [end]
    return tuple(found[:_IN_BUNDLE]), tuple(ends)


def names_of_keys(workspace: Workspace, log: LogReader) -> Mapping[str, str]:
    """Return what the newest identities of keys say, quoted, without judging them."""
    keyids = {label[len(IDENTITY_LABEL) :].rpartition("@")[0] for label in _labels(log)}
    names: dict[str, str] = {}
    for keyid in keyids:
        for one in reversed(identity_records(log, keyid)):
            raw = stored_evidence(workspace, one)
            if raw is not None and log.label(REVOKED_LABEL + one.record) is None:
                names[keyid] = quoted(check_evidence(raw).name)
                break
    return names


def _labels(log: LogReader) -> Mapping[str, int]:
    return log.labels(IDENTITY_LABEL)


def identity_records(log: LogReader, keyid: str) -> list[Record]:
    """Return the identity records that labels name for a key, oldest first; nothing is judged."""
    found: list[Record] = []
    while (index := log.label(f"{IDENTITY_LABEL}{keyid}@{len(found) + 1}")) is not None:
        found.append(record_at(log, index))
    return found


def stored_evidence(workspace: Workspace, record: Record) -> bytes | None:
    """Return the evidence of an identity record, None if it is not stored here."""
    digest = identity_claim(record.statement.predicate).digest.hex()
    try:
        return object_bytes(workspace.objects, digest, max_bytes=MAX_EVIDENCE_BYTES)
    except ObjectMissing:
        return None


def _evidence(workspace: Workspace, given: GivenEvidence, keyid: str) -> IdentityEvidence:
    kinds = [bool(one) for one in (given.x509, given.did_web, given.credential)]
    foreign = (given.binding and not given.x509) or (given.lists and given.did_web)
    if sum(kinds) != 1 or foreign:
        raise BadIdentity(
            "expected one kind of evidence: a certificate chain, a did:web or a credential",
            hint="diptych key identify --help",
        )
    if given.x509 is not None:
        chain = tuple(to_der(_read(workspace, given.x509, _MAX_PEM_BYTES)))
        binding = given.binding and _read(workspace, given.binding, MAX_SIGNATURE_BYTES)
        crls = tuple(to_der_crl(_read(workspace, one, _MAX_PEM_BYTES)) for one in given.lists)
        return IdentityEvidence(keyid, X509, chain=chain, binding=binding or b"", crls=crls)
    document = _document(workspace, given)
    if given.credential is not None:
        credential = _read(workspace, given.credential, MAX_CREDENTIAL_BYTES)
        lists = tuple(_read(workspace, one, MAX_EVIDENCE_BYTES) for one in given.lists)
        return IdentityEvidence(
            keyid, VC, credential=credential, document=document, status_lists=lists
        )
    return IdentityEvidence(keyid, DID_WEB, did=given.did_web, document=document)


def _document(workspace: Workspace, given: GivenEvidence) -> bytes:
    if given.fetch and given.did_web and given.document is None:
        from diptych.app.verbs.did_fetch import fetch_did_document

        return fetch_did_document(given.did_web)
    if given.fetch or (given.did_web and given.document is None):
        raise BadIdentity(
            "expected the DID document of a did:web: a file, or to fetch it",
            hint="--document FILE, or --fetch",
        )
    return b"" if given.document is None else _read(workspace, given.document, MAX_DOCUMENT_BYTES)


def _read(workspace: Workspace, path: Path, limit: int) -> bytes:
    try:
        with (workspace.start / path).open("rb") as file:
            raw = file.read(limit + 1)
    except OSError as error:
        raise BadIdentity(f"cannot read {path}: {error.strerror}") from None
    if not 0 < len(raw) <= limit:
        raise BadIdentity(f"{path}: expected 1 to {limit} bytes")
    return raw
