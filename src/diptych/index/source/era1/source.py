"""The source of era1 files: several files as one chain, verified unless told otherwise."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from diptych.index.blocks import BlockRef, Chunk, Span, Wanted
from diptych.index.source.assembling import chunk_of
from diptych.index.source.era1.file import Checked, Era1File, naming
from diptych.index.source.source import Identity, MalformedFile, NotOffered, WrongFiles
from diptych.index.source.stored import StoredBlock, read_block
from diptych.index.verification.keccak import new_keccak
from diptych.index.verification.verifier import Verifier

if TYPE_CHECKING:
    from types import TracebackType

_MAX_FILES = 1 << 14
_KEPT_CHECKS = 2
_KEPT_OPEN = 4


class _Place(NamedTuple):
    """A file and the blocks that it holds."""

    path: Path
    first: int
    last: int


class Era1Source:
    """Blocks of era1 files."""

    def __init__(
        self,
        places: Sequence[Path],
        *,
        verified: bool = True,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Open files.

        Args:
            places: files, or folders whose files named `*.era1` are taken.
            verified: whether headers are checked against the accumulator, and every root, bloom
                and receipt recomputed; without, only what is wanted with verification is.
            sleep: waits some seconds.

        Raises:
            WrongFiles: no file, or files that leave out blocks.
            MalformedFile: a file is damaged or none of this kind.
        """
        self._verified, self._sleep = verified, sleep
        self._keccak = new_keccak()
        self._verifier = Verifier(self._keccak, senders=False)
        self._checks: dict[int, Checked] = {}
        self._files: list[_Place] = []
        self._open_files: dict[int, Era1File] = {}
        self._name = f"era1:{places[0].name}" if places else "era1"
        try:
            self._open(_paths(places))
        except BaseException:
            self.close()
            raise

    def _open(self, paths: Sequence[Path]) -> None:
        for path in paths:
            file = Era1File(path, self._keccak)
            self._files.append(_Place(path, file.first, file.last))
            file.close()
        self._files.sort(key=lambda file: file.first)
        for before, after in zip(self._files, self._files[1:], strict=False):
            if after.first != before.last + 1:
                raise WrongFiles(
                    f"got {before.path.name} up to block {before.last} and {after.path.name} from "
                    f"block {after.first}, expected files without gap or overlap"
                )

    def _file(self, at: int) -> Era1File:
        """Return an open file; a chain has more files than a process may hold open."""
        found = self._open_files.get(at)
        if found is None:
            while len(self._open_files) >= _KEPT_OPEN:
                self._open_files.pop(next(iter(self._open_files))).close()
            found = self._open_files[at] = Era1File(self._files[at].path, self._keccak)
            if (found.first, found.last) != self._files[at][1:]:
                raise MalformedFile(f"{found.path.name}: got other blocks than at first")
        return found

    def close(self) -> None:
        """Close the files."""
        for file in self._open_files.values():
            file.close()
        self._open_files.clear()

    def __enter__(self) -> "Era1Source":
        return self

    def __exit__(
        self,
        kind: "type[BaseException] | None",
        error: BaseException | None,
        trace: "TracebackType | None",
    ) -> None:
        self.close()

    def identity(self) -> Identity:
        """Return the first block of the files; they do not say which chain they are of."""
        first = self._files[0].first
        return Identity(None, self._ref(first).hash, first, self._name)

    def head(self) -> BlockRef:
        """Return the last block of the files."""
        return self._ref(self._files[-1].last)

    def header(self, number: int) -> BlockRef | None:
        """Return a block, None if the files end before it or begin after it."""
        if not self._files[0].first <= number <= self._files[-1].last:
            return None
        return self._ref(number)

    def wait(self, timeout_s: float) -> None:
        """Wait; files do not grow."""
        self._sleep(timeout_s)

    def fetch(self, span: Span, wanted: Wanted) -> Chunk:
        """Return what is wanted of a span.

        Raises:
            NotOffered: traces, or blocks that the files do not have.
            MalformedFile: a file is damaged; the message names file and block.
            ProofMismatch: a block is not what its header commits to; likewise.
        """
        if wanted.traces:
            raise NotOffered("era1 files hold no traces", hint="index traces from an endpoint")
        first, last = self._files[0].first, self._files[-1].last
        if span.blocks < 1 or span.first < first or span.last > last:
            raise NotOffered(
                f"got blocks {span.first} to {span.last}, the files hold {first} to {last}"
            )
        verified = self._verified or wanted.verified
        blocks = []
        for at, file in enumerate(self._files):
            for number in range(max(span.first, file.first), min(span.last, file.last) + 1):
                blocks.append(self._block(at, number, wanted, verified=verified))
        return chunk_of(span, blocks, wanted)

    def _block(self, at: int, number: int, wanted: Wanted, *, verified: bool) -> StoredBlock:
        checked = self._check(at) if verified else None
        file = self._file(at)
        senders = wanted.transactions or wanted.receipts
        with naming(f"{file.path.name}: block {number}"):
            read = read_block(file.stored(number), self._keccak, senders=senders)
            if checked is not None:
                if bytes.fromhex(read.block.hash[2:]) != checked.hashes[number - file.first]:
                    raise MalformedFile("got another header than when the file was checked")
                self._verifier.block(read.block, read.receipts)
        return read

    def _check(self, at: int) -> Checked:
        """Check a whole file once, and that it follows the one before."""
        found = self._checks.get(at)
        if found is not None:
            return found
        file = self._file(at)
        with naming(file.path.name):
            found = file.check()
            if at and self._ref(file.first - 1).hash != found.parent_hash:
                raise MalformedFile(f"block {file.first} does not follow the file before")
        while len(self._checks) >= _KEPT_CHECKS:
            del self._checks[next(iter(self._checks))]
        self._checks[at] = found
        return found

    def _ref(self, number: int) -> BlockRef:
        at, file = next(
            (at, file) for at, file in enumerate(self._files) if file.first <= number <= file.last
        )
        if self._verified:
            checked = self._check(at)
            place = number - file.first
            parent = checked.hashes[place - 1] if place else checked.parent_hash
            return BlockRef(number, checked.hashes[place], parent, checked.times[place])
        with naming(f"{file.path.name}: block {number}"):
            return self._file(at).heading(number).ref


def _paths(places: Sequence[Path]) -> list[Path]:
    paths: list[Path] = []
    for place in places:
        paths += sorted(place.glob("*.era1")) if place.is_dir() else [place]
    if not paths or len(paths) > _MAX_FILES:
        raise WrongFiles(
            f"got {len(paths)} era1 files, expected 1 to {_MAX_FILES}",
            hint="name files that end in .era1, or the folder that holds them",
        )
    missing = next((path for path in paths if not path.is_file()), None)
    if missing is not None:
        raise WrongFiles(f"{missing}: got no file")
    return paths
