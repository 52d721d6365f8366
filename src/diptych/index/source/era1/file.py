"""One era1 file: its index, its blocks, and the proof that they belong together.

Source: github.com/eth-clients/e2store-format-specs/blob/main/formats/era1.md: a version, for each
block a header, body, receipts and total difficulty, then an accumulator and a block index.
"""

import os
import re
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from diptych.core.errors import LedgerError, MalformedError
from diptych.index.blocks import BlockRef
from diptych.index.source.era1.accumulator import MAX_RECORDS, accumulator_root
from diptych.index.source.era1.e2store import (
    ACCUMULATOR,
    BLOCK_INDEX,
    COMPRESSED_BODY,
    COMPRESSED_HEADER,
    COMPRESSED_RECEIPTS,
    HEADER_BYTES,
    TOTAL_DIFFICULTY,
    VERSION,
    decompress,
    read_record,
    skip_record,
)
from diptych.index.source.source import MalformedFile
from diptych.index.source.stored import MAX_BODY_BYTES, MAX_HEADER_BYTES, Stored
from diptych.index.verification.encoding import CannotVerify
from diptych.index.verification.keccak import Keccak
from diptych.ledger.header import ProofMismatch
from diptych_verify.rlp import as_bytes, as_integer, as_list, rlp_decode

MAX_COMPRESSED_BYTES = 32 << 20
_NAMED = re.compile(r".+-\d{5,}-([0-9a-f]{8})\.era1")


@contextmanager
def naming(what: str) -> Iterator[None]:
    """Let errors of reading name what was read."""
    try:
        yield
    except ProofMismatch as error:
        raise ProofMismatch(f"{what}: {error.message}", hint=error.hint) from None
    except CannotVerify as error:
        raise CannotVerify(f"{what}: {error.message}", hint=error.hint) from None
    except (LedgerError, MalformedError) as error:
        raise MalformedFile(f"{what}: {error.message}", hint=error.hint) from None
    except OSError as error:
        raise MalformedFile(f"{what}: cannot be read: {error.strerror}") from None


class Heading(NamedTuple):
    """A header and what of it is needed to follow the chain."""

    raw: bytes
    ref: BlockRef
    difficulty: int
    body_offset: int


class Checked(NamedTuple):
    """What was found when the whole file was checked."""

    hashes: list[bytes]
    times: "array[int]"
    parent_hash: bytes
    last_total: int


class Era1File:
    """An open era1 file; its blocks are read by number."""

    def __init__(self, path: Path, keccak: Keccak) -> None:
        """Open a file and read its index.

        Args:
            path: where it stands.
            keccak: hash function.

        Raises:
            MalformedFile: damaged, cut short or no era1 file; the message names the file.
        """
        self.path, self._keccak, self._file = path, keccak, -1
        with naming(path.name):
            self._file = os.open(path, os.O_RDONLY)
            try:
                self.first, self._offsets = self._index()
            except BaseException:
                self.close()
                raise
        self.last = self.first + len(self._offsets) - 1

    def close(self) -> None:
        """Close the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _index(self) -> tuple[int, "array[int]"]:
        read_record(self._file, 0, VERSION, max_bytes=0)
        size = os.fstat(self._file).st_size
        count = int.from_bytes(os.pread(self._file, 8, size - 8), "little") if size > 8 else 0
        length = 16 + 8 * count
        start = size - HEADER_BYTES - length
        if not 0 < count <= MAX_RECORDS or start < 0:
            raise MalformedFile(f"got an index of {count} blocks, expected 1 to {MAX_RECORDS}")
        content = read_record(self._file, start, BLOCK_INDEX, max_bytes=length).content
        if len(content) != length:
            raise MalformedFile(f"got an index of {len(content)} bytes, expected {length}")
        numbers = [int.from_bytes(content[at : at + 8], "little") for at in range(0, length, 8)]
        self._index_start = start
        # Offsets are relative to the index, so negative, in two's complement.
        offsets = [start + number - (1 << 64) for number in numbers[1:-1]]
        if numbers[0] >= 1 << 62 or not all(0 < offset < start for offset in offsets):
            raise MalformedFile("got an index that points out of the file")
        return numbers[0], array("q", offsets)

    def heading(self, number: int) -> Heading:
        """Read the header of a block.

        Raises:
            MalformedFile: it cannot be read; the message names neither file nor block.
            MalformedError: not the RLP of a header.
        """
        offset = self._offsets[number - self.first]
        record = read_record(self._file, offset, COMPRESSED_HEADER, max_bytes=2 * MAX_HEADER_BYTES)
        raw = decompress(record.content, max_bytes=MAX_HEADER_BYTES)
        fields = as_list(
            rlp_decode(raw, max_bytes=MAX_HEADER_BYTES, max_depth=1, max_items=64),
            "header",
            minimum=15,
        )
        found = as_integer(fields[8], "number")
        if found != number:
            raise MalformedFile(f"got the header of block {found}")
        parent = as_bytes(fields[0], "parent hash", size=32)
        time_s = as_integer(fields[11], "timestamp", max_bytes=7)
        ref = BlockRef(number, self._keccak(raw), parent, time_s)
        return Heading(raw, ref, as_integer(fields[7], "difficulty", max_bytes=32), record.end)

    def stored(self, number: int) -> Stored:
        """Read a block.

        Raises:
            MalformedFile: it cannot be read; the message names neither file nor block.
        """
        heading = self.heading(number)
        parts, offset = [], heading.body_offset
        for kind in (COMPRESSED_BODY, COMPRESSED_RECEIPTS):
            record = read_record(self._file, offset, kind, max_bytes=MAX_COMPRESSED_BYTES)
            parts.append(decompress(record.content, max_bytes=MAX_BODY_BYTES))
            offset = record.end
        return Stored(heading.raw, parts[0], parts[1], self._total(offset))

    def total_difficulty(self, heading: Heading) -> int:
        """Read the total difficulty of a block.

        Raises:
            MalformedFile: it cannot be read.
        """
        offset = heading.body_offset
        for kind in (COMPRESSED_BODY, COMPRESSED_RECEIPTS):
            offset = skip_record(self._file, offset, kind, max_bytes=MAX_COMPRESSED_BYTES)
        return self._total(offset)

    def _total(self, offset: int) -> int:
        content = read_record(self._file, offset, TOTAL_DIFFICULTY, max_bytes=32).content
        if len(content) != 32:
            raise MalformedFile(f"got a total difficulty of {len(content)} bytes, expected 32")
        return int.from_bytes(content, "little")

    def check(self) -> Checked:
        """Read all headers and check that they are one chain and what the accumulator says.

        Raises:
            MalformedFile: they are not; the message names the block, not the file.
        """
        hashes: list[bytes] = []
        totals: list[int] = []
        times, parent_hash = array("q"), bytes(32)
        for number in range(self.first, self.last + 1):
            with naming(f"block {number}"):
                heading = self.heading(number)
                total = self.total_difficulty(heading)
                if not hashes:
                    parent_hash = heading.ref.parent_hash
                elif heading.ref.parent_hash != hashes[-1]:
                    raise MalformedFile("got a block whose parent is not the one before")
                elif total != totals[-1] + heading.difficulty:
                    raise MalformedFile(f"got total difficulty {total}, expected another sum")
            hashes.append(heading.ref.hash)
            times.append(heading.ref.timestamp_s)
            totals.append(total)
        self._check_accumulator(list(zip(hashes, totals, strict=True)))
        return Checked(hashes, times, parent_hash, totals[-1])

    def _check_accumulator(self, records: list[tuple[bytes, int]]) -> None:
        start = self._index_start - HEADER_BYTES - 32
        told = read_record(self._file, start, ACCUMULATOR, max_bytes=32).content
        root = accumulator_root(records)
        if told != root:
            raise MalformedFile(f"got accumulator {told.hex()}, expected {root.hex()}")
        named = _NAMED.fullmatch(self.path.name)
        if named is not None and named[1] != root.hex()[:8]:
            raise MalformedFile(f"got a name with {named[1]}, expected {root.hex()[:8]}")
