"""`data accesses`: log what recipients say they opened, and list it."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from pathlib import Path

from diptych.app.verbs.data.share_claim import share_claim
from diptych.app.verbs.data.shares import ShareBook, access_proof
from diptych.app.verbs.lineage import opened_graph
from diptych.app.verbs.model.resolve import registry_of
from diptych.app.verbs.records import Record, record_at
from diptych.app.verbs.signing import append_drafts
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue, VerificationError
from diptych.core.files import make_folder, naming, write_durably
from diptych.provenance.graph.extract import claimed_s
from diptych.provenance.log import Log, LogReader
from diptych.provenance.statement import Draft, Edge, Subject
from diptych_verify.__main__ import read_file
from diptych_verify.dsse import MAX_ENVELOPE_BYTES, Envelope, verify_envelope
from diptych_verify.errors import MalformedError
from diptych_verify.jsonio import ObjectReader
from diptych_verify.statement import Statement, statement_of

ACCESS = "access"
RECEIPTS = "receipts"
_LABEL = "access/"


class WrongReceipt(VerificationError):
    """A receipt does not come from a recipient of a share of this log."""

    code = "Share.WrongReceipt"


@dataclass(frozen=True)
class AccessLogged:
    """An access that was logged.

    Attributes:
        record: hex record id.
        index: its place in the log.
        share: hex record id of the share.
        recipient: fingerprint.
        at: when, on the recipient's word.
        late: after the share's end or its revocation.
        new: False if this receipt was logged already.
    """

    record: str
    index: int
    share: str
    recipient: str
    at: str
    late: bool
    new: bool = True

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych data accesses add --json` shows."""
        return dict(vars(self))


@dataclass(frozen=True)
class ListedAccess:
    """One share or access: what it is about, who, when; `known` is the key behind a fingerprint.

    The state of a share is open, ended or revoked, that of an access late or empty.
    """

    index: int
    kind: str
    name: str
    time: str
    recipient: str
    known: str
    state: str

    def to_json(self) -> dict[str, JsonValue]:
        """Return one entry of `diptych data accesses list --json`."""
        return dict(vars(self))


def add_receipt(workspace: Workspace, receipt: Path) -> AccessLogged:
    """Check a recipient's receipt and log the access; the receipt itself stays private.

    Args:
        workspace: of the owner who made the share.
        receipt: file that `data receive` wrote.

    Raises:
        WrongReceipt: it is of no share of this log, or not by one who opened it.
        MalformedError, BadSignature: it is no signed statement.
    """
    with naming(receipt):
        raw = _read(workspace.start / receipt)
        envelope = verify_envelope(raw)
        statement = statement_of(envelope)
    with workspace.write_log() as log:
        share = _share(log, statement)
        recipient = _require_recipient(workspace, share, (statement, envelope))
        digest = sha256(raw).hexdigest()
        known = log.label(_LABEL + digest)
        if known is not None:
            found = record_at(log, known)
            late = "late" in _members(found.statement)
            return _logged(found, share, (recipient, statement.time, late), new=False)
        late = _is_late(workspace, log, share, statement)
        folder = workspace.place.private / RECEIPTS
        make_folder(folder, mode=0o700)
        write_durably(folder / f"{digest}.json", raw, mode=0o600)
        claim: dict[str, JsonValue] = {"recipient": recipient, "receipt": digest}
        claim |= {"at": statement.time} | ({"late": True} if late else {})
        draft = Draft(
            ACCESS,
            (Subject(share.name, dict(share.statement.subjects[0].digests)),),
            workspace.clock(),
            (Edge("permittedBy", share.record),),
            {ACCESS: claim},
        )
        (index,) = append_drafts(workspace, log, [draft], labels={_LABEL + digest: 0})
        made = record_at(log, index)
    return _logged(made, share, (recipient, statement.time, late))


def list_accesses(workspace: Workspace) -> list[ListedAccess]:
    """Return all shares and accesses of the log, oldest first."""
    book = ShareBook(workspace)
    with opened_graph(workspace) as (log, graph):
        kinds = ("share", ACCESS)
        found = graph.ask(log, lambda graph: [graph.of_kind(k, size=log.size) for k in kinds])
        return list(_listed(workspace, log, book, sorted(chain(*found))))


def _listed(
    workspace: Workspace, log: LogReader, book: ShareBook, indexes: list[int]
) -> Iterator[ListedAccess]:
    for index in indexes:
        record = record_at(log, index)
        statement = record.statement
        if statement.kind == "share":
            names, share = share_claim(statement).recipients, record.record
            state = _state(workspace, log, record)
        elif statement.kind == ACCESS:
            names, share = (_text(statement, "recipient"),), _permitted_by(statement)
            state = "late" if "late" in _members(statement) else ""
        else:
            continue
        for name in names:
            known = book.find(share, name)
            shown = "" if known is None else known.recipient
            about = (index, statement.kind, record.name, statement.time, name)
            yield ListedAccess(*about, known=shown, state=state)


def _state(workspace: Workspace, log: LogReader, share: Record) -> str:
    if any(True for _ in registry_of(workspace, log).about("revocation", share.record)):
        return "revoked"
    until = share_claim(share.statement).until
    return "ended" if until and claimed_s(until) <= workspace.clock() else "open"


def _read(path: Path) -> bytes:
    raw = read_file(path)
    if len(raw) > MAX_ENVELOPE_BYTES:
        raise MalformedError(f"got a receipt of {len(raw)} bytes")
    return raw


def _share(log: Log, statement: Statement) -> Record:
    index = log.find(bytes.fromhex(_permitted_by(statement)))
    share = None if index is None else record_at(log, index)
    if statement.kind != ACCESS or share is None or share.statement.kind != "share":
        raise WrongReceipt("the receipt is for no share of this log")
    return share


def _permitted_by(statement: Statement) -> str:
    for edge in statement.edges:
        if edge.relation == "permittedBy" and edge.record is not None:
            return edge.record.hex()
    raise WrongReceipt("the receipt names no share")


def _require_recipient(
    workspace: Workspace, share: Record, receipt: tuple[Statement, Envelope]
) -> str:
    statement, envelope = receipt
    recipient = _text(statement, "recipient")
    known = ShareBook(workspace).find(share.record, recipient)
    if known is None or recipient not in share_claim(share.statement).recipients:
        raise WrongReceipt(
            f"the share was not made for {recipient}",
            hint="diptych data accesses list names the recipients",
        )
    keyid = envelope.signatures[0].keyid
    expected = access_proof(known.token, share.record, keyid)
    if not hmac.compare_digest(expected, _text(statement, "proof")):
        raise WrongReceipt("whoever signed the receipt did not open the share")
    return recipient


def _is_late(workspace: Workspace, log: Log, share: Record, statement: Statement) -> bool:
    at = claimed_s(statement.time)
    until = share_claim(share.statement).until
    if until and at >= claimed_s(until):
        return True
    revocations = registry_of(workspace, log).about("revocation", share.record)
    return any(claimed_s(one.statement.time) <= at for one in revocations)


def _members(statement: Statement) -> dict[str, JsonValue]:
    return ObjectReader(statement.predicate.get(ACCESS), ACCESS).members


def _text(statement: Statement, member: str) -> str:
    reader = ObjectReader(statement.predicate.get(ACCESS), ACCESS)
    return reader.text(member, max_characters=64)


def _logged(
    record: Record, share: Record, said: tuple[str, str, bool], *, new: bool = True
) -> AccessLogged:
    recipient, at, late = said
    return AccessLogged(record.record, record.index, share.record, recipient, at, late, new)
