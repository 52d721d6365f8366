"""The log as a bundle shows it: checkpoint, records under it, older heads before it."""

from base64 import b64encode
from dataclasses import dataclass

from diptych_verify.bundle import Bundle, BundleRecord
from diptych_verify.dsse import Envelope, verify_envelope
from diptych_verify.errors import (
    MalformedError,
    RequirementUnmet,
    Rollback,
    SplitView,
    UntrustedKey,
)
from diptych_verify.merkle import leaf_hash, verify_consistency, verify_inclusion
from diptych_verify.note import Checkpoint, verify_checkpoint
from diptych_verify.policy import TrustPolicy
from diptych_verify.statement import Statement, statement_of


@dataclass(frozen=True)
class LoggedRecord:
    """A record whose signatures and inclusion are verified; `record_id` is its leaf hash."""

    index: int
    record_id: bytes
    envelope: Envelope
    statement: Statement

    @property
    def signers(self) -> tuple[str, ...]:
        """Key ids that signed it."""
        return tuple(signature.keyid for signature in self.envelope.signatures)


@dataclass(frozen=True)
class LogView:
    """What the bundle proves about its log.

    Attributes:
        checkpoint: the newest tree head, signed by the log.
        records: verified records, subject first.
        heads: tree heads proven to be prefixes of the checkpoint, itself included, by size.
        listed: True if the policy lists the log's key.
    """

    checkpoint: Checkpoint
    records: tuple[LoggedRecord, ...]
    heads: dict[int, bytes]
    listed: bool

    @property
    def subject(self) -> LoggedRecord:
        """The record that the bundle is about."""
        return self.records[0]


def verify_log(bundle: Bundle, policy: TrustPolicy) -> LogView:
    """Verify checkpoint, envelopes, inclusion and consistency.

    Raises:
        UntrustedKey: the policy lists logs, and not this one.
        BadSignature: the checkpoint or an envelope is not signed as it says.
        NotIncluded: a record is not in the log.
        SplitView: an older head, or one seen before, contradicts the checkpoint.
        Rollback: the log is shorter than it was seen before.
        RequirementUnmet: nothing connects the log to a checkpoint seen before.
        MalformedError: a statement is malformed, or a record or head appears twice.
    """
    if policy.logs and bundle.log not in policy.logs:
        raise UntrustedKey(
            f"got a bundle of log {bundle.log}, which the policy does not list",
            hint="check with the sender, then add the log to the policy",
            log=str(bundle.log),
        )
    checkpoint = verify_checkpoint(bundle.checkpoint, bundle.log)
    heads = _verify_heads(bundle, checkpoint)
    for seen in policy.checkpoints:
        if seen.origin == checkpoint.origin:
            _compare_with_seen(checkpoint, heads, seen)
    records = tuple(_verify_record(record, checkpoint) for record in bundle.records)
    if len({record.index for record in records}) != len(records):
        raise MalformedError("bundle.records: got two records at one index")
    if len({record.record_id for record in records}) != len(records):
        raise MalformedError("bundle.records: got one record twice")
    return LogView(checkpoint, records, heads, listed=bool(policy.logs))


def _verify_record(record: BundleRecord, checkpoint: Checkpoint) -> LoggedRecord:
    record_id = leaf_hash(record.envelope)
    verify_inclusion(
        record_id,
        index=record.index,
        size=checkpoint.size,
        proof=record.proof,
        root=checkpoint.root,
    )
    envelope = verify_envelope(record.envelope)
    return LoggedRecord(record.index, record_id, envelope, statement_of(envelope))


def _verify_heads(bundle: Bundle, checkpoint: Checkpoint) -> dict[int, bytes]:
    heads = {checkpoint.size: checkpoint.root}
    for head in bundle.consistency:
        if head.size in heads:
            raise MalformedError(f"bundle.consistency: got size {head.size} twice")
        verify_consistency(
            old_size=head.size,
            old_root=head.root,
            new_size=checkpoint.size,
            new_root=checkpoint.root,
            proof=head.proof,
        )
        heads[head.size] = head.root
    return heads


def _compare_with_seen(checkpoint: Checkpoint, heads: dict[int, bytes], seen: Checkpoint) -> None:
    roots = {
        "seen_root": b64encode(seen.root).decode(),
        "root": b64encode(heads.get(seen.size, checkpoint.root)).decode(),
    }
    if seen.size > checkpoint.size:
        raise Rollback(
            f"got log size {checkpoint.size}, expected at least {seen.size}, which was seen before",
            hint="ask for a bundle with a newer checkpoint; if there is none, the log lost records",
            seen_size=seen.size,
            size=checkpoint.size,
            **roots,
        )
    if seen.size == 0:
        return
    if seen.size not in heads:
        raise RequirementUnmet(
            f"the bundle does not connect log size {checkpoint.size} to the checkpoint of size "
            f"{seen.size} seen before",
            hint=f"ask for a bundle with a consistency proof from size {seen.size}",
            seen_size=seen.size,
            size=checkpoint.size,
            **roots,
        )
    if heads[seen.size] != seen.root:
        raise SplitView(
            f"the log shows another root for size {seen.size} than was seen before",
            hint="keep both checkpoints: together they show that the log told two stories",
            seen_size=seen.size,
            size=checkpoint.size,
            **roots,
        )
