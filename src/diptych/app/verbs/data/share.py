"""`data share`: a version, or rows of a private table, encrypted for a few, under terms."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from diptych.app.verbs.bundle import bundle_of
from diptych.app.verbs.data.share_file import share_file
from diptych.app.verbs.data.shared_content import shared
from diptych.app.verbs.data.shares import ShareBook
from diptych.app.verbs.inheritance import came_from, require_publishable
from diptych.app.verbs.licences import open_licences
from diptych.app.verbs.metering import Metered, record_download
from diptych.app.verbs.model.license import NoLicence, load_licence, read_time, terms_record
from diptych.app.verbs.records import NoSuchRecord, Record, find_record, record_at
from diptych.app.verbs.requirements import require_stage
from diptych.app.verbs.signing import current_keyid, current_signer
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue, ProvenanceError, UsageError
from diptych.provenance.log import Log
from diptych.provenance.sharing import Recipient, parse_recipient, write_share
from diptych.provenance.sharing.container import MAX_RECIPIENTS, new_tokens
from diptych.provenance.sharing.recipients import fingerprint
from diptych.provenance.statement import Draft, Edge, Subject, sign_statements

SHARE = "share"
_MAX_PURPOSE = 200


class BadShareRequest(UsageError):
    """Recipients, purpose or the part that is to be shared are not what a share can have."""

    code = "Share.BadRequest"


class NotAllowed(ProvenanceError):
    """The licence under which the data was received does not let us hand it on."""

    code = "Share.NotAllowed"


@dataclass(frozen=True)
class Sharing:
    """How to share.

    Attributes:
        to: public keys: `age1…`, `ssh-…`, `secp256k1:…`.
        licence: reference to a licence record, or a built-in licence; by default the one that
            holds for the data.
        until: date or time (UTC) after which it must not be opened any more; empty for no end.
        purpose: what for; public.
        path: where the files are, if not where they were sealed.
        subjects: of a private table, whose rows.
        columns: of a private table, which fields; by default all that are left.
        record: whether each recipient's download goes into the usage log; None asks the setting
            `usage.record`.
    """

    to: Sequence[str]
    licence: str | None = None
    until: str = ""
    purpose: str = ""
    path: Path | None = None
    subjects: Sequence[str] = ()
    columns: Sequence[str] = ()
    record: bool | None = None


@dataclass(frozen=True)
class ShareMade:
    """A share that was written and logged.

    Attributes:
        record: hex record id of the share.
        index: its place in the log.
        name: what was shared.
        recipients: fingerprints, in the order in which the keys were given.
        until: empty for no end.
        terms: hex digest of the licence document.
        files: how many files; rows are in the proof.
        content_bytes: size of their contents.
    """

    record: str
    index: int
    name: str
    recipients: tuple[str, ...]
    until: str
    terms: str
    files: int
    content_bytes: int

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych data share --json` shows."""
        return {**vars(self), "recipients": list(self.recipients)}


def share(workspace: Workspace, what: str, output: Path, how: Sharing) -> ShareMade:
    """Encrypt a version for recipients, and log that they were given access.

    The record is logged before the file gets its name, so that no share leaves unrecorded; if the
    file is not finished, the share is revoked: at once, or after a kill when the workspace is next
    opened.

    Args:
        workspace: where the log stands.
        what: reference to data or a model.
        output: file to write; must not exist.
        how: for whom, under which terms, and what of it.

    Raises:
        BadShareRequest: wrong recipients or purpose, or a part that is not there.
        BadRecipient: no such kind of public key.
        NoLicence: there are no terms.
        NotAllowed: we got it under terms that do not let us hand it on.
        NoFiles: the record seals nothing that could be shared.
        DigestMismatch: a file is no longer what was sealed; nothing is written.
    """
    recipients = _recipients(how.to)
    target = workspace.start / output
    if target.exists():
        raise BadShareRequest(f"{output} exists already", hint="give another name with -o")
    until = read_time(how.until, workspace.clock()) if how.until else ""
    if len(how.purpose) > _MAX_PURPOSE or not how.purpose.isprintable():
        raise BadShareRequest(f"got a purpose of {len(how.purpose)} characters, expected 200")
    with workspace.write_log() as log:
        record = find_record(workspace, log, what, private=bool(how.subjects or how.columns))
        require_stage(workspace, "sell", [record.record])
        with shared(workspace, log, record, how) as content:
            terms = _terms(workspace, log, record, how.licence)
            tokens = new_tokens(len(recipients))
            keyed = list(zip(recipients, tokens, strict=True))
            names = tuple(fingerprint(token, one.text) for one, token in keyed)
            claim = _claim((terms[1], until, how.purpose), names, partial=content.partial)
            envelope = _signed(workspace, log, (record, terms[0]), claim)
            with share_file(workspace, log, target, envelope) as (made, stream):
                ShareBook(workspace).add(made.record, keyed)
                bundles = (bundle_of(workspace, log, made), content.bundle)
                given = Metered(record.record, "distribute", made.signers[0], how.record)
                for one in recipients:
                    record_download(workspace, given, to=one.text)
                write_share(stream, keyed, bundles, content.chunks())
    size = sum(one.size for one in content.entries)
    return ShareMade(
        made.record, made.index, record.name, names, until, terms[1], len(content.entries), size
    )


def _recipients(texts: Sequence[str]) -> list[Recipient]:
    found = list(dict.fromkeys(parse_recipient(text) for text in texts))
    if not 1 <= len(found) <= MAX_RECIPIENTS:
        raise BadShareRequest(
            f"got {len(found)} recipients, expected 1 to {MAX_RECIPIENTS}", hint="--to age1…"
        )
    return found


def _terms(workspace: Workspace, log: Log, record: Record, licence: str | None) -> tuple[str, str]:
    """Return record id and document digest of the terms, after asking whether we may share."""
    with open_licences(workspace, log) as licences:
        held = licences.held(record)
        received = held is not None and not held.licensor
        if received:
            _require_allowed(workspace, log, record)
        if licence is None and held is not None and held.revoked_s is None:
            return held.record.record, held.digest
        if licence is None:
            raise NoLicence(
                f"'{record.name}' has no licence, so that there are no terms to share it under",
                hint="--licence CC-BY-4.0, or: diptych data license set REF LICENCE",
            )
        made = _licence_record(workspace, log, licence)
        if made is None:
            made = terms_record(workspace, log, load_licence(licence), own=not received)
        index = log.find(bytes.fromhex(made))
        assert index is not None
        named = licences.read(record_at(log, index))
        if held is None:
            require_publishable(workspace, log, named.licence, came_from(record))
        elif received and named.digest != held.digest:
            require_publishable(workspace, log, named.licence, [Edge("derivedFrom", record.record)])
        return made, named.digest


def _licence_record(workspace: Workspace, log: Log, licence: str) -> str | None:
    try:
        record = find_record(workspace, log, licence)
    except NoSuchRecord:
        return None
    return record.record if record.statement.kind == "licence" else None


def _require_allowed(workspace: Workspace, log: Log, record: Record) -> None:
    from diptych.app.verbs.may import decide
    from diptych.provenance.licence import Request

    asked = Request(current_keyid(workspace, log), "distribute", workspace.clock(), "", "", None)
    found = decide(workspace, log, record, asked)
    if not found.allowed:
        raise NotAllowed(
            f"'{record.name}' was received under terms that do not let us hand it on "
            f"[{found.clause}]: {found.reason}",
            hint="diptych data license show REF",
        )


def _claim(
    terms: tuple[str, str, str], recipients: Sequence[str], *, partial: bool
) -> dict[str, JsonValue]:
    digest, until, purpose = terms
    named: list[JsonValue] = list(recipients)
    claim: dict[str, JsonValue] = {"terms": digest, "recipients": named}
    claim |= {"until": until} if until else {}
    claim |= {"purpose": purpose} if purpose else {}
    return claim | ({"partial": True} if partial else {})


def _signed(
    workspace: Workspace, log: Log, about: tuple[Record, str], claim: dict[str, JsonValue]
) -> bytes:
    record, terms = about
    draft = Draft(
        SHARE,
        (Subject(record.name, dict(record.statement.subjects[0].digests)),),
        workspace.clock(),
        (Edge("used", record.record), Edge("licensedUnder", terms)),
        {SHARE: claim},
    )
    (envelope,) = sign_statements([draft], current_signer(workspace, log))
    return envelope
