"""Registry records found by reading the log itself, not its labels.

Labels are a convenience that whoever writes the database can move; so the entries are read, the
root is recomputed from them and compared with the signed one, and labels are then held against
what was found. A view catches up, so that each entry is read once per process.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence

from diptych.core.digests import same_digest
from diptych.core.progress import ProgressFactory, silent
from diptych.models.errors import HistoryEdited
from diptych.models.registry.index import RecordIndex
from diptych.models.registry.kept import KeptIndex
from diptych.models.registry.logged import KINDS, Logged, parse_logged
from diptych.provenance.log import LogReader
from diptych_verify.merkle import Frontier, leaf_hashes
from diptych_verify.note import Checkpoint, verify_checkpoint

_BATCH = 4_096
_BETWEEN_SAVES = 1 << 18  # entries: a first reading that is cut short goes on from there
_WORTH_KEEPING = 2_048  # entries, about 10 ms; of a long log a 256th, so that saving stays rare
_MARK = b'"predicateType":"urn:diptych:'
_KIND = re.compile(rb"([a-z0-9-]{1,64}):1\"")


class LogScan:
    """Reads a log from where it stopped, recomputing its root.

    Args:
        kept: where to keep what was read for the next process; None keeps nothing.
    """

    def __init__(self, kept: KeptIndex | None = None) -> None:
        self._kept = kept
        self._frontier = Frontier()
        self._saved = 0
        self.index = RecordIndex()

    @property
    def size(self) -> int:
        """Number of entries read."""
        return self._frontier.size

    @property
    def root(self) -> bytes:
        """Root of so many entries, as the log's key signed it or a later one."""
        return self._frontier.root()

    def read(self, log: LogReader, *, progress: ProgressFactory = silent) -> None:
        """Index the registry records up to the newest signed size.

        Raises:
            HistoryEdited: the entries do not give the signed root, or the log is shorter.
            BadSignature: the log's key did not sign the newest head.
        """
        checkpoint = verify_checkpoint(log.checkpoint(), log.key)
        if checkpoint.size < self.size:
            raise HistoryEdited(f"the log has {checkpoint.size} entries, {self.size} were read")
        if not self.size and self._kept is not None:
            kept = self._kept.load(log.origin)
            if kept is not None and self._from_kept(log, checkpoint, kept, progress):
                return
            self._kept.drop()
        self._extend(log, checkpoint, (self._frontier.copy(), self.index.copy()), progress)

    def _from_kept(
        self,
        log: LogReader,
        checkpoint: Checkpoint,
        kept: tuple[Frontier, RecordIndex],
        progress: ProgressFactory,
    ) -> bool:
        """Go on from what was kept; False if the log does not continue it: then all is read."""
        if kept[0].size > checkpoint.size:
            return False
        self._saved = kept[0].size
        try:
            self._extend(log, checkpoint, kept, progress)
        except HistoryEdited:
            self._saved = 0
            return False
        return True

    def _extend(
        self,
        log: LogReader,
        checkpoint: Checkpoint,
        state: tuple[Frontier, RecordIndex],
        progress: ProgressFactory,
    ) -> None:
        frontier, index = state
        if frontier.size < checkpoint.size:
            missing = checkpoint.size - frontier.size
            with progress("reading the log", total=missing, unit="record") as task:
                while frontier.size < checkpoint.size:
                    start = frontier.size
                    _read_batch(log, frontier, index, min(start + _BATCH, checkpoint.size))
                    task.advance(frontier.size - start)
                    self._save(log, frontier, index, after=_BETWEEN_SAVES)
        if not same_digest(frontier.root(), checkpoint.root):
            raise HistoryEdited(
                f"the entries give root {frontier.root().hex()} at size {checkpoint.size}, but "
                f"{checkpoint.root.hex()} was signed",
                hint="diptych verify names the first entry that was edited",
                size=checkpoint.size,
            )
        self._save(log, frontier, index, after=max(_WORTH_KEEPING, frontier.size >> 8))
        self._frontier, self.index = frontier, index

    def _save(self, log: LogReader, frontier: Frontier, index: RecordIndex, *, after: int) -> None:
        """Keep what was read, though the root is yet to be compared: each use compares it."""
        if frontier.size - self._saved < after:
            return
        if self._kept is None:
            index.pack()
        else:
            self._kept.save(log.origin, frontier, index)
        self._saved = frontier.size


def _read_batch(log: LogReader, frontier: Frontier, index: RecordIndex, stop: int) -> None:
    start = frontier.size
    entries = list(log.entries(start, stop))
    leaves = leaf_hashes(entries)
    frontier.extend(leaves)
    for logged in _registry_records(start, entries, leaves):
        index.add(logged)


def _registry_records(
    start: int, entries: Sequence[bytes], leaves: Sequence[bytes]
) -> Iterator[Logged]:
    for position, (raw, leaf) in enumerate(zip(entries, leaves, strict=True)):
        kind = quick_kind(raw)
        if kind is not None and kind not in KINDS:
            continue
        logged = parse_logged(start + position, raw, leaf)
        if logged is not None:
            yield logged


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
