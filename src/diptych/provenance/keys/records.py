"""Key records: add, rotate and revoke statement keys as statements of the log they serve.

Entry 0 of every log adds a key signed by itself. Builders refuse whatever the verifier
(`diptych_verify.keys.judge_keys`) would refuse, before it is in the log for ever.
"""

import hashlib
from typing import Literal

from diptych.core.errors import JsonValue, MalformedError, VerificationError
from diptych.provenance.keys.errors import BadKeyRecord
from diptych.provenance.keys.signer import Signer
from diptych.provenance.log import LogReader, Writer
from diptych.provenance.statement import Draft, Subject, sign_statements
from diptych_verify.dsse import parse_envelope, parse_keyid, verify_envelope
from diptych_verify.keys import KeyHistory, KeyRecord, judge_keys
from diptych_verify.statement import KeyClaim, statement_of

Action = Literal["add", "rotate", "revoke"]
LABEL_PREFIX = "key/"


def key_draft(action: Action, keyid: str, *, time_s: float, replaces: str = "") -> Draft:
    """Return the statement of one key record.

    Args:
        action: what happens to `keyid`.
        keyid: the key that is added, that replaces another, or that is revoked.
        time_s: the signer's claim, seconds since the epoch.
        replaces: for `rotate` only, the key that ends.

    Raises:
        BadKeyRecord: malformed key id, or `replaces` given or missing against the action.
    """
    if (action == "rotate") != bool(replaces) or keyid == replaces:
        raise BadKeyRecord(f"{action} of {keyid}: got replaces '{replaces}'")
    try:
        _, public_key = parse_keyid(keyid)
    except MalformedError as error:
        raise BadKeyRecord(error.message) from None
    fields: dict[str, JsonValue] = {"action": action, "purpose": "statement", "keyid": keyid}
    if replaces:
        fields["replaces"] = replaces
    digest = hashlib.sha256(public_key).hexdigest()
    return Draft("key", (Subject("key", {"sha256": digest}),), time_s, (), fields)


def begin_log(writer: Writer, signer: Signer, *, time_s: float) -> int:
    """Append entry 0: the first statement key, signed by itself.

    Raises:
        BadKeyRecord: the log is not empty.
    """
    if writer.size:
        raise BadKeyRecord(f"the log has {writer.size} entries, its first key is already recorded")
    draft = key_draft("add", signer.keyid, time_s=time_s)
    envelope = sign_statements([draft], signer)[0]
    return writer.append([envelope], labels={_label("add", signer.keyid): 0})[0]


def append_key_record(log: LogReader, writer: Writer, draft: Draft, signer: Signer) -> int:
    """Append a later key record after judging it as the verifier would.

    Args:
        log: the log, for its key records so far.
        writer: the lease on the same log.
        draft: from `key_draft`.
        signer: a statement key that is valid now.

    Returns:
        The index of the record.

    Raises:
        BadKeyRecord: the signer is not valid now, the key was added before, or it is revoked
            without ever having been valid.
    """
    envelope = sign_statements([draft], signer)[0]
    known = key_records(log)
    try:
        record = _record(writer.size, envelope)
        claim = record.claim
        ended = judge_keys(known).end_of(claim.keyid)
        judge_keys([*known, record])
    except VerificationError as error:
        raise BadKeyRecord(error.message, hint="diptych key list") from error
    if claim.action == "revoke" and (ended is not None or not _was_added(known, claim)):
        raise BadKeyRecord(f"cannot revoke {claim.keyid}: it is not a valid key of this log")
    label = _label(claim.action, claim.keyid)
    return writer.append([envelope], labels={label: 0})[0]


def key_records(log: LogReader) -> list[KeyRecord]:
    """Return the key records of a log in index order.

    Entry 0 and the labels that `begin_log` and `append_key_record` set name them; every envelope
    is verified.

    Raises:
        BadSignature: a record's signature does not verify.
        MalformedError: a labelled entry is not a key record.
    """
    indexes = set(log.labels(LABEL_PREFIX).values())
    if log.size:
        indexes.add(0)
    return [_record(index, log.entry(index)) for index in sorted(indexes)]


def key_history(log: LogReader) -> KeyHistory:
    """Return which statement key is valid at which index of a log.

    Raises:
        UntrustedKey: the log's own key records contradict each other.
    """
    return judge_keys(key_records(log))


def keys_of_holder(log: LogReader, keyid: str) -> frozenset[str]:
    """Return a key with those that its holder replaced by it, and those that replaced it.

    Only a rotation that the replaced key itself signed hands on: any valid key of a log can end
    another one, but not take its place.

    Raises:
        UntrustedKey: the log's own key records contradict each other.
    """
    records = key_records(log)
    judge_keys(records)
    pairs = [
        (one.claim.replaces, one.claim.keyid)
        for one in records
        if one.claim.replaces is not None and one.claim.replaces in one.signers
    ]
    found = {keyid}
    for before, after in (*pairs, *reversed(pairs)):  # each chain forwards, then backwards
        if before in found or after in found:
            found |= {before, after}
    return frozenset(found)


def signers_of(envelope: bytes) -> tuple[str, ...]:
    """Return the key ids that signed an envelope, without verifying it.

    Raises:
        MalformedError: not an envelope.
    """
    return tuple(one.keyid for one in parse_envelope(envelope).signatures)


def _record(index: int, raw: bytes) -> KeyRecord:
    envelope = verify_envelope(raw)
    claim = statement_of(envelope).key
    if claim is None:
        raise MalformedError(f"entry {index} is not a key record")
    return KeyRecord(index, claim, tuple(one.keyid for one in envelope.signatures))


def _was_added(known: list[KeyRecord], claim: KeyClaim) -> bool:
    return any(one.claim.keyid == claim.keyid and one.claim.action != "revoke" for one in known)


def _label(action: str, keyid: str) -> str:
    return f"{LABEL_PREFIX}{action}/{keyid}"
