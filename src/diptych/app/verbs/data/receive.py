"""`data receive`: open a share, verify all of it, only then hand it over, and write a receipt."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from diptych.app.verbs.data.received_content import RECEIVED, check_content, write_content
from diptych.app.verbs.data.revoked_shares import revocation_in
from diptych.app.verbs.data.share_claim import WrongShare, share_claim, statement_of_bundle
from diptych.app.verbs.data.shares import access_proof
from diptych.app.verbs.signing import current_signer
from diptych.app.workspace import Workspace
from diptych.core.clock import iso_utc
from diptych.core.errors import JsonValue, UsageError, VerificationError
from diptych.core.files import naming, staged_folder, system_error, write_durably
from diptych.provenance.sharing import OpenedShare, open_share, read_identity
from diptych.provenance.sharing.recipients import MAX_IDENTITY_BYTES, fingerprint
from diptych.provenance.statement import Draft, Edge, Subject, sign_statements
from diptych_verify.__main__ import NoSuchFile
from diptych_verify.bundle import Bundle, parse_bundle
from diptych_verify.evidence import Evidence
from diptych_verify.policy import TrustPolicy
from diptych_verify.verify import verify_bundle

RECEIPT = "receipt.json"
SHARE_BUNDLE = "share.diptych.json"
SUBJECT_BUNDLE = "data.diptych.json"
LICENCE = "licence.json"


class ShareExpired(VerificationError):
    """The share must not be opened any more: its time is over."""

    code = "Share.Expired"


class ShareRevoked(VerificationError):
    """The owner's log says that the share no longer counts."""

    code = "Share.Revoked"


class ReceiveTargetExists(UsageError):
    """A share was to be received where something stands already."""

    code = "Share.TargetExists"


@dataclass(frozen=True)
class Received:
    """What was received.

    Attributes:
        folder: with `data/`, the two proofs, the licence and the receipt.
        name: of the data.
        files: how many.
        until: until when it may be used; empty for no end.
        log_size: entries of the owner's log in which no revocation stands; None if no view of it
            was at hand.
        evidence: what the verifier answers about the data.
        receipt: the file to send back.
    """

    folder: Path
    name: str
    files: int
    until: str
    log_size: int | None
    evidence: Evidence
    receipt: Path

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych data receive --json` shows."""
        return {
            "folder": str(self.folder),
            "name": self.name,
            "files": self.files,
            "until": self.until,
            "log_size": self.log_size,
            "receipt": str(self.receipt),
            "evidence": self.evidence.to_json(),
        }


@dataclass(frozen=True)
class Opening:
    """How to open a share: private key file, whom to believe, and an exported log to look into."""

    identity: Path
    policy: TrustPolicy
    log: Path | None = None


def receive(workspace: Workspace, file: Path, to: Path, how: Opening) -> Received:
    """Open a share and verify it; nothing is handed over before all of it is verified.

    Args:
        workspace: of the recipient; its key signs the receipt.
        file: the share.
        to: folder to make.
        how: with which key and under which policy.

    Raises:
        NotForUs: the private key opens none of its boxes.
        BadShare: cut off or altered.
        ShareExpired: its time is over.
        ShareRevoked: the exported log revokes it.
        WrongShare: its parts do not belong together.
        VerificationError: it does not verify under the policy.
        ReceiveTargetExists: `to` exists.
    """
    target = workspace.start / to
    if os.path.lexists(target):
        raise ReceiveTargetExists(f"{to} exists already", hint="name a new folder with --to")
    with naming(how.identity):
        identity = read_identity(_small(workspace.start / how.identity))
    with _opened(workspace.start / file) as source:
        with naming(file):
            opened = open_share(source, identity)
        share, subject = _verify(workspace, opened, how.policy)
        size = _require_unrevoked(workspace, share, how.log)
        with staged_folder(target, mode=0o700) as stage:
            files = write_content(stage / RECEIVED, subject, opened.content)
            evidence = check_content(stage / RECEIVED, subject, opened.subject, how.policy)
            _write_papers(workspace, stage, opened, share)
    claim = share_claim(statement_of_bundle(share))
    name = statement_of_bundle(subject).subjects[0].name
    return Received(to, name, files, claim.until, size, evidence, to / RECEIPT)


def _verify(
    workspace: Workspace, opened: OpenedShare, policy: TrustPolicy
) -> tuple[Bundle, Bundle]:
    """Verify both proofs, and that they belong together, to us, and to this day."""
    verify_bundle(opened.share, policy=policy)
    evidence = verify_bundle(opened.subject, policy=policy)
    share, subject = parse_bundle(opened.share), parse_bundle(opened.subject)
    statement = statement_of_bundle(share)
    claim = share_claim(statement)
    used = [edge.record for edge in statement.edges if edge.relation == "used"]
    if used != [evidence.record_id] or share.log != subject.log:
        raise WrongShare("the share record is not about the data in this file")
    if fingerprint(opened.token, opened.recipient) not in claim.recipients:
        raise WrongShare("the share record does not name this recipient")
    if claim.terms not in [sha256(document).hexdigest() for document in share.licences]:
        raise WrongShare("the terms that the share record names are not in this file")
    if claim.until and _seconds(claim.until) <= workspace.clock():
        raise ShareExpired(
            f"the share ended at {claim.until}, it is {iso_utc(workspace.clock())}",
            hint="ask its owner for a new one",
        )
    return share, subject


def _seconds(time: str) -> float:
    try:
        return datetime.strptime(time, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise WrongShare(f"got until '{time[:40]}', expected an RFC 3339 time in UTC") from None


def _require_unrevoked(workspace: Workspace, share: Bundle, log: Path | None) -> int | None:
    if log is None:
        return None
    size, index = revocation_in(workspace.start / log, share)
    if index is not None:
        raise ShareRevoked(
            f"entry {index} of the owner's log revokes this share",
            hint="ask its owner for a new one",
        )
    return size


def _write_papers(workspace: Workspace, stage: Path, opened: OpenedShare, share: Bundle) -> None:
    write_durably(stage / SHARE_BUNDLE, opened.share)
    write_durably(stage / SUBJECT_BUNDLE, opened.subject)
    terms = share_claim(statement_of_bundle(share)).terms
    for document in share.licences:
        if sha256(document).hexdigest() == terms:
            write_durably(stage / LICENCE, document)
    write_durably(stage / RECEIPT, make_receipt(workspace, opened))


def make_receipt(workspace: Workspace, opened: OpenedShare) -> bytes:
    """Return the recipient's signed statement that it opened the share; nothing is logged here."""
    from diptych_verify.merkle import leaf_hash

    share = parse_bundle(opened.share)
    record = leaf_hash(share.records[0].envelope).hex()
    about = statement_of_bundle(share).subjects[0]
    with workspace.read_log() as log:
        signer = current_signer(workspace, log)
    claim: dict[str, JsonValue] = {
        "recipient": fingerprint(opened.token, opened.recipient),
        "proof": access_proof(opened.token, record, signer.keyid),
    }
    draft = Draft(
        "access",
        (Subject(about.name, dict(about.digests)),),
        workspace.clock(),
        (Edge("permittedBy", record),),
        {"access": claim},
    )
    (envelope,) = sign_statements([draft], signer)
    return envelope


def _small(path: Path) -> bytes:
    with _opened(path) as stream:
        return stream.read(MAX_IDENTITY_BYTES)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    if not path.is_file():
        raise NoSuchFile(f"there is no file {path}")
    try:
        with path.open("rb") as stream:
            yield stream
    except OSError as error:
        raise system_error(error) from error
