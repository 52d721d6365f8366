"""The verification state of a record: what can be checked of it here and now, from the log itself.

The graph file is not asked: signature, key at that index, and inclusion under the signed head are
verified on the logged bytes. That nothing else ends a record (revoked, erased) is as of a log size.
"""

from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass, replace
from enum import StrEnum

from diptych.core.errors import VerificationError
from diptych.provenance.graph.extract import claimed_s, display_name
from diptych.provenance.graph.terms import ENDINGS
from diptych.provenance.graph.walking import IndexedEdge
from diptych.provenance.keys.records import key_records
from diptych.provenance.log import LogReader
from diptych_verify.dsse import Envelope, verify_envelope
from diptych_verify.erased import erased_claim
from diptych_verify.keys import judge_keys
from diptych_verify.merkle import leaf_hash, verify_inclusion
from diptych_verify.policy import TrustPolicy
from diptych_verify.statement import Statement, statement_of

EndedBy = Callable[[bytes], Iterable[int]]
"""From a record id to the log indexes of records that may end it."""


class State(StrEnum):
    """What a record's evidence comes to, best first."""

    VERIFIED = "verified"
    SELF_ASSERTED = "self-asserted"
    REVOKED = "revoked"
    ERASED = "erased"
    MISSING = "missing"
    REFUSED = "refused"


@dataclass(frozen=True)
class Judged:
    """A record as it was judged.

    Attributes:
        index: in the log.
        record: 32-byte record id of the bytes that were read.
        state: what its evidence comes to.
        reason: one sentence for people.
        statement: None if it was refused.
        signers: key ids; empty if it was refused.
        erased_leaves: how many leaves of its private tree were erased, if not all.
    """

    index: int
    record: bytes
    state: State
    reason: str
    statement: Statement | None = None
    signers: tuple[str, ...] = ()
    erased_leaves: int = 0

    @property
    def name(self) -> str:
        """What people call it."""
        return "" if self.statement is None else display_name(self.statement)

    @property
    def time_s(self) -> int:
        """Claimed time, seconds since the epoch."""
        return 0 if self.statement is None else claimed_s(self.statement.time)


class Judge:
    """Judges records of one log under one policy.

    Args:
        log: opened for reading; its head is checked here.
        policy: which signers count as known; others are self-asserted.

    Raises:
        Corrupt: the head does not match the entries.
        BadSignature: the head is not signed by the log's key.
        UntrustedKey: the log's key records contradict each other.
    """

    def __init__(self, log: LogReader, policy: TrustPolicy) -> None:
        self._log = log
        head = log.head()
        self._size, self._root = head.size, head.root
        listed = {one.keyid for one in policy.signers}
        known = key_records(log)
        self._history = judge_keys(known)
        covered = log.key in policy.logs
        self._trusted: Set[str] = judge_keys(known, listed=listed).trusted if covered else listed

    def judge(self, index: int) -> Judged:
        """Verify one record; endings are judged by `ended`."""
        raw = self._log.entry(index)
        record = leaf_hash(raw)
        try:
            envelope = verify_envelope(raw)
            statement = statement_of(envelope)
            self._require_logged(index, record)
            signers = self._require_signers(envelope, index)
        except VerificationError as error:
            return Judged(index, record, State.REFUSED, error.message)
        if all(signer in self._trusted for signer in signers):
            text = "signature, key and place in the log verified"
            return Judged(index, record, State.VERIFIED, text, statement, signers)
        text = "intact, but the policy does not list its signer"
        return Judged(index, record, State.SELF_ASSERTED, text, statement, signers)

    def judge_all(
        self,
        indexes: Iterable[int],
        endings: Iterable[IndexedEdge],
        *,
        ended_by: EndedBy = lambda _: (),
    ) -> dict[int, Judged]:
        """Judge records and what ends them.

        Args:
            indexes: the records.
            endings: edges of `ENDINGS` that point to them, from the graph; each is verified.
            ended_by: what a source that leaves nothing out knows besides; each is verified too.
        """
        judged = {index: self.judge(index) for index in sorted(set(indexes))}
        ends = {(edge.source, edge.target) for edge in endings if edge.target in judged}
        ends |= {(end, one.index) for one in judged.values() for end in ended_by(one.record)}
        for source, index in sorted(ends):
            before = judged[index]
            if before.state is not State.REFUSED:
                judged[index] = self._ended(before, self.judge(source))
        return judged

    def _ended(self, before: Judged, by: Judged) -> Judged:
        if by.statement is None:
            return before
        relations = {
            edge.relation
            for edge in by.statement.edges
            if edge.record == before.record and edge.relation in ENDINGS
        }
        if "revokes" in relations and before.state is not State.ERASED:
            return _with(before, State.REVOKED, f"revoked by record {by.index}{_why(by.statement)}")
        if "erased" in relations:
            return _erased(before, by.index, by.statement)
        return before

    def _require_logged(self, index: int, record: bytes) -> None:
        proof = self._log.inclusion_proof(index, self._size)
        verify_inclusion(record, index=index, size=self._size, proof=proof, root=self._root)

    def _require_signers(self, envelope: Envelope, index: int) -> tuple[str, ...]:
        signers = tuple(one.keyid for one in envelope.signatures)
        for signer in signers:
            self._history.require(signer, index)
        return signers


def _with(before: Judged, state: State, reason: str) -> Judged:
    return replace(before, state=state, reason=reason)


def _why(statement: Statement) -> str:
    said = statement.predicate.get("revocation")
    reason = said.get("reason") if isinstance(said, dict) else None
    return f": {reason}" if isinstance(reason, str) and reason else ""


def _erased(before: Judged, by: int, statement: Statement) -> Judged:
    """A part that is gone leaves the rest as it was; what cannot be understood counts as all."""
    try:
        runs = erased_claim(statement).runs
    except VerificationError:
        runs = None
    if runs is None:
        return _with(before, State.ERASED, f"erased by record {by}")
    gone = before.erased_leaves + sum(count for _, count in runs)
    reason = before.reason.partition("; erased in part")[0]
    return replace(
        before, erased_leaves=gone, reason=f"{reason}; erased in part, {gone} leaves so far"
    )
