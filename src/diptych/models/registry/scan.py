"""Registry records found by reading the log itself, not its labels.

Labels are a convenience that whoever writes the database can move; so the entries are read, the
root is recomputed from them and compared with the signed one, and labels are then held against
what was found. A view catches up, so that each entry is read once per process.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from diptych.core.digests import same_digest
from diptych.models.errors import HistoryEdited
from diptych.provenance.log import LogReader
from diptych_verify.dsse import parse_envelope
from diptych_verify.errors import MalformedError
from diptych_verify.merkle import Frontier, leaf_hash
from diptych_verify.note import verify_checkpoint
from diptych_verify.statement import Statement, statement_of

KINDS = frozenset({"key", "model", "alias", "approval", "revocation", "licence", "grant"})
_BATCH = 4_096
_MARK = b'"predicateType":"urn:diptych:'
_KIND = re.compile(rb"([a-z0-9-]{1,64}):1\"")


@dataclass(frozen=True)
class Logged:
    """A registry record: place, id (hex), bytes, and what it says; its signature is not judged."""

    index: int
    record: str
    envelope: bytes
    statement: Statement
    signers: tuple[str, ...]

    def targets(self, relation: str) -> list[str]:
        """Return the hex ids of the records that edges of one relation lead to."""
        return [
            edge.record.hex()
            for edge in self.statement.edges
            if edge.relation == relation and edge.record is not None
        ]


class LogScan:
    """Reads a log from where it stopped, recomputing its root."""

    def __init__(self) -> None:
        self._frontier = Frontier()

    @property
    def size(self) -> int:
        """Number of entries read."""
        return self._frontier.size

    def read(self, log: LogReader) -> list[Logged]:
        """Return the registry records between the last size and the newest signed one.

        Raises:
            HistoryEdited: the entries do not give the signed root, or the log is shorter.
            BadSignature: the log's key did not sign the newest head.
        """
        checkpoint = verify_checkpoint(log.checkpoint(), log.key)
        if checkpoint.size < self.size:
            raise HistoryEdited(f"the log has {checkpoint.size} entries, {self.size} were read")
        frontier = self._frontier.copy()
        found: list[Logged] = []
        for start in range(self.size, checkpoint.size, _BATCH):
            stop = min(start + _BATCH, checkpoint.size)
            entries = list(log.entries(start, stop))
            leaves = [leaf_hash(raw) for raw in entries]
            frontier.extend(leaves)
            found += _registry_records(start, entries, leaves)
        if not same_digest(frontier.root(), checkpoint.root):
            raise HistoryEdited(
                f"the entries give root {frontier.root().hex()} at size {checkpoint.size}, but "
                f"{checkpoint.root.hex()} was signed",
                hint="diptych verify names the first entry that was edited",
                size=checkpoint.size,
            )
        self._frontier = frontier
        return found


def _registry_records(
    start: int, entries: Sequence[bytes], leaves: Sequence[bytes]
) -> Iterator[Logged]:
    for position, (raw, leaf) in enumerate(zip(entries, leaves, strict=True)):
        kind = quick_kind(raw)
        if kind is not None and kind not in KINDS:
            continue
        logged = _parsed(start + position, raw, leaf)
        if logged is not None and logged.statement.kind in KINDS:
            yield logged


def _parsed(index: int, raw: bytes, leaf: bytes) -> Logged | None:
    try:
        envelope = parse_envelope(raw)
        statement = statement_of(envelope)
    except MalformedError:  # an entry that is no statement of ours says nothing about models
        return None
    signers = tuple(one.keyid for one in envelope.signatures)
    return Logged(index, leaf.hex(), raw, statement, signers)


def _alignments() -> tuple[tuple[bytes, int], ...]:
    """Return the mark as it looks in base64 at each of three offsets, and what precedes it."""
    found = []
    for offset in range(3):
        encoded = b64encode(b"\0" * offset + _MARK)
        skip = -(-offset * 8 // 6)  # characters that hold bits of what precedes
        whole = (offset + len(_MARK)) * 8 // 6
        found.append((encoded[skip:whole], skip))
    return tuple(found)


_MARKS = _alignments()


def quick_kind(raw: bytes) -> str | None:
    """Return the kind of a logged envelope without parsing it; None where only parsing can tell.

    The mark can stand in a statement once in canonical form, because a quotation mark in a text
    is escaped; where it stands twice, or not at all, the answer is None.
    """
    hits = [(raw.find(mark), raw.count(mark), skip, mark) for mark, skip in _MARKS]
    hits = [hit for hit in hits if hit[1]]
    if len(hits) != 1 or hits[0][1] != 1:
        return None
    at, _, skip, mark = hits[0]
    first = at - skip
    window = raw[first : first + (len(mark) + 120) // 4 * 4]
    try:
        text = b64decode(window[: len(window) // 4 * 4].split(b'"')[0] + b"===")
    except ValueError:
        return None
    match = _KIND.search(text.partition(b"urn:diptych:")[2])
    return match[1].decode() if match and match.start() == 0 else None
