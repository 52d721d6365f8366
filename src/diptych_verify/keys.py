"""Key records: which statement key was valid at which index of a log.

Pure: records go in, a history comes out. Index 0 of every log adds a key signed by itself; every
later key record is signed by keys that are valid at its index. A signature at index i is valid if
its key was added before i and was not revoked or rotated away before i. A key id is added once:
a revoked or replaced key never comes back.
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass, field

from diptych_verify.errors import MalformedError, UntrustedKey
from diptych_verify.statement import KeyClaim

_FOREVER = 1 << 63


@dataclass(frozen=True)
class KeyRecord:
    """A key statement in its log: index, what it does, and the key ids that signed it."""

    index: int
    claim: KeyClaim
    signers: tuple[str, ...]


@dataclass(frozen=True)
class KeySpan:
    """A key is valid for signatures at indexes `after < i <= until`."""

    after: int
    until: int = _FOREVER


@dataclass
class KeyHistory:
    """Spans by key id, and which keys descend from trusted ones.

    Attributes:
        spans: validity of each key that was added, replaced or revoked.
        added: key ids that a record added.
        trusted: key ids that are listed by the verifier or were introduced by such a key.
    """

    spans: dict[str, KeySpan] = field(default_factory=dict)
    added: set[str] = field(default_factory=set)
    trusted: set[str] = field(default_factory=set)

    def is_valid(self, keyid: str, index: int) -> bool:
        """Tell whether a signature of `keyid` at `index` counts."""
        span = self.spans.get(keyid)
        return span is not None and span.after < index <= span.until

    def require(self, keyid: str, index: int) -> None:
        """Insist on `is_valid`.

        Raises:
            UntrustedKey: saying whether the key was never added, added later, or ended before.
        """
        if self.is_valid(keyid, index):
            return
        span = self.spans.get(keyid)
        if span is None:
            reason = "which no key record adds"
        elif index <= span.after:
            reason = f"which is added later, at index {span.after}"
        else:
            reason = f"which was revoked or replaced at index {span.until}"
        raise UntrustedKey(
            f"the record at index {index} is signed by {keyid}, {reason}",
            keyid=keyid,
            index=index,
        )

    def end_of(self, keyid: str) -> int | None:
        """Return the index at which a key was revoked or replaced, None while it is valid."""
        span = self.spans.get(keyid)
        return None if span is None or span.until == _FOREVER else span.until


def judge_keys(records: Iterable[KeyRecord], *, listed: Set[str] = frozenset()) -> KeyHistory:
    """Replay key records in index order.

    Args:
        records: the key records known, in any order; signatures are already verified.
        listed: key ids that the verifier trusts by itself; they need no `add` record.

    Raises:
        MalformedError: two records claim one index.
        UntrustedKey: a record is not signed by valid keys, adds a key twice, or replaces one that
            is not valid.
    """
    history = KeyHistory({keyid: KeySpan(after=-1) for keyid in listed}, set(), set(listed))
    last = -1
    for record in sorted(records, key=lambda record: record.index):
        if record.index == last:
            raise MalformedError(f"got two key records at index {last}")
        last = record.index
        _apply(history, record)
    return history


def _apply(history: KeyHistory, record: KeyRecord) -> None:
    claim, index = record.claim, record.index
    if index == 0:
        _begin(history, record)
        return
    for signer in record.signers:
        history.require(signer, index)
    if claim.action == "revoke":
        _end(history, claim.keyid, index)
        return
    if claim.keyid in history.added or history.end_of(claim.keyid) is not None:
        raise UntrustedKey(
            f"the key record at index {index} adds {claim.keyid} a second time",
            keyid=claim.keyid,
            index=index,
        )
    if claim.replaces is not None:
        history.require(claim.replaces, index)
        _end(history, claim.replaces, index)
    history.spans[claim.keyid] = KeySpan(after=index)
    history.added.add(claim.keyid)
    if history.trusted.intersection(record.signers):
        history.trusted.add(claim.keyid)


def _begin(history: KeyHistory, record: KeyRecord) -> None:
    claim = record.claim
    if claim.action != "add" or record.signers != (claim.keyid,):
        raise UntrustedKey(
            "the record at index 0 does not add a key signed by that key itself",
            keyid=claim.keyid,
            index=0,
        )
    history.spans[claim.keyid] = KeySpan(after=-1)
    history.added.add(claim.keyid)


def _end(history: KeyHistory, keyid: str, index: int) -> None:
    span = history.spans.get(keyid, KeySpan(after=index))
    history.spans[keyid] = KeySpan(span.after, min(span.until, index))
