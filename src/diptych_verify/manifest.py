"""The manifest: one canonical line per file, sorted by path bytes, under one RFC 6962 root.

Format `diptych-manifest/1` of docs/formats.md. The reader streams, so a manifest of a million
files needs no more memory than one of ten, and refuses everything that the writer would not write.
"""

import hashlib
import json
import re
from binascii import unhexlify
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring as _quote
from typing import BinaryIO, NoReturn

from diptych_verify.errors import MalformedError
from diptych_verify.merkle import Frontier

FORMAT = "diptych-manifest/1"
ALGORITHMS = ("sha256", "blake3")
MAX_LINE_BYTES = 65_536
MAX_SIZE_BYTES = 2**53 - 1
TALLY_LINES = 1_024
_UNSAFE_SEGMENTS = frozenset({"", ".", ".."})
_LINE = re.compile(
    rb'\[("[^"\\\x00-\x1f]*(?:\\["\\bfnrtu][^"\\\x00-\x1f]*)*"),(0|[1-9][0-9]{0,15}),'
    rb'"([0-9a-f]{64})"(?:,"([0-9a-f]{64})")?\]\n'
)
_HEADER = re.compile(
    rb'\{"algorithms":\[("sha256"|"blake3"|"sha256","blake3")\],"format":"diptych-manifest/1"'
    rb'(?:,"ignore":("(?:[^"\\\x00-\x1f/]|\\["\\bfnrtu]){1,255}"))?\}\n'
)


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """One sealed file.

    Attributes:
        path: relative, `/` between segments.
        size: bytes of content.
        digests: 32 bytes each, in the order of the header's algorithms.
    """

    path: str
    size: int
    digests: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ManifestHeader:
    """First line: digest algorithms, and the sealed ignore file if one was applied."""

    algorithms: tuple[str, ...] = ("sha256",)
    ignore: str | None = None


@dataclass(frozen=True, slots=True)
class ManifestSummary:
    """What a statement says about a manifest: root over the lines, digest over the object."""

    algorithms: tuple[str, ...]
    root: bytes
    files: int
    total_bytes: int
    object_digest: bytes


def entry_line(entry: ManifestEntry) -> bytes:
    """Return the leaf of an entry: its canonical line without the newline.

    >>> entry_line(ManifestEntry("a/b", 0, (bytes(32),)))[:14]
    b'["a/b",0,"0000'
    """
    digests = '","'.join([digest.hex() for digest in entry.digests])
    return f'[{_quote(entry.path)},{entry.size},"{digests}"]'.encode()


def header_line(header: ManifestHeader) -> bytes:
    """Return the first line of a manifest, without the newline."""
    algorithms = ",".join(f'"{name}"' for name in header.algorithms)
    ignore = "" if header.ignore is None else f',"ignore":{_quote(header.ignore)}'
    return f'{{"algorithms":[{algorithms}],"format":"{FORMAT}"{ignore}}}'.encode()


def is_safe_path(path: str) -> bool:
    """Tell whether a path is relative, without empty, `.` or `..` segments and without NUL."""
    return "\0" not in path and _UNSAFE_SEGMENTS.isdisjoint(path.split("/"))


class _Tally:
    """Root, counts and object digest of the lines seen so far, in constant memory."""

    def __init__(self) -> None:
        self._frontier = Frontier()
        self._lines: list[bytes] = []
        self._total_bytes = 0
        self._hash = hashlib.sha256()

    def header(self, line: bytes) -> None:
        self._hash.update(line)

    def entry(self, line: bytes, size: int) -> None:
        """Take a line without its newline."""
        self._total_bytes += size
        self._lines.append(line)
        if len(self._lines) >= TALLY_LINES:
            self._flush()

    def block(self, lines: list[bytes], total_bytes: int) -> None:
        """Take some lines at once, without their newlines."""
        self._total_bytes += total_bytes
        self._lines += lines
        if len(self._lines) >= TALLY_LINES:
            self._flush()

    def _flush(self) -> None:
        sha256 = hashlib.sha256
        self._hash.update(_block(self._lines))
        self._frontier.extend([sha256(b"\x00" + line).digest() for line in self._lines])
        self._lines.clear()

    def summary(self, algorithms: tuple[str, ...]) -> ManifestSummary:
        self._flush()
        return ManifestSummary(
            algorithms=algorithms,
            root=self._frontier.root(),
            files=self._frontier.size,
            total_bytes=self._total_bytes,
            object_digest=self._hash.digest(),
        )


def _block(lines: list[bytes]) -> bytes:
    return b"\n".join([*lines, b""])


class ManifestWriter:
    """Turn entries in path order into the bytes of a manifest object, block by block."""

    def __init__(self, header: ManifestHeader) -> None:
        self._header = header
        self._tally = _Tally()

    def start(self) -> bytes:
        """Return the first line; call once, before `block`."""
        line = header_line(self._header) + b"\n"
        self._tally.header(line)
        return line

    def block(self, entries: Sequence[ManifestEntry]) -> bytes:
        """Return the lines of some entries; the caller keeps the order."""
        lines = [entry_line(entry) for entry in entries]
        self._tally.block(lines, sum([entry.size for entry in entries]))
        return _block(lines)

    def summary(self) -> ManifestSummary:
        """Return root, counts and object digest of all that was written."""
        return self._tally.summary(self._header.algorithms)


class ManifestReader:
    """Iterate over the entries of a manifest once; `summary` is complete afterwards.

    `skip` may be called between two entries.

    Attributes:
        header: the parsed first line.
    """

    def __init__(self, stream: BinaryIO) -> None:
        """Read the header.

        Raises:
            MalformedError: the first line is not a header of this format.
        """
        self._stream = stream
        self._number = 0
        self._tally = _Tally()
        line = self._line()
        self._tally.header(line)
        match = _HEADER.fullmatch(line)
        if match is None:
            self._refuse(f"the first line is not a {FORMAT} header")
        ignore = None if match[2] is None else self._text(match[2])
        if ignore in _UNSAFE_SEGMENTS:
            self._refuse(f"unsafe ignore file name '{ignore}'")
        names = tuple(match[1].decode().replace('"', "").split(","))
        self.header = ManifestHeader(names, ignore)
        self._previous = ""
        self._ignore_sealed = ignore is None

    def __iter__(self) -> Iterator[ManifestEntry]:
        """Yield entries in path order.

        Raises:
            MalformedError: naming the line, at the first one that is not canonical.
        """
        while line := self._line():
            entry = self._entry(line)
            if entry.path <= self._previous:
                self._refuse(
                    f"path '{entry.path}' does not follow '{self._previous}' in byte order"
                )
            self._previous = entry.path
            self._ignore_sealed = self._ignore_sealed or entry.path == self.header.ignore
            self._tally.entry(line[:-1], entry.size)
            yield entry
        if not self._ignore_sealed:
            self._refuse(f"the ignore file '{self.header.ignore}' is not itself sealed")

    def skip(self, entries: Sequence[ManifestEntry]) -> bool:
        """Step over the next lines if they are those of `entries`; four times faster than reading.

        Args:
            entries: from a scan with the header's algorithms, in path order; not empty.

        Returns:
            False if the next lines are not exactly these; then nothing was read. The stream must
            be able to seek.
        """
        lines = [entry_line(entry) for entry in entries]
        block = _block(lines)
        position = self._stream.tell()
        if entries[0].path <= self._previous or self._stream.read(len(block)) != block:
            self._stream.seek(position)
            return False
        self._number += len(lines)
        self._previous = entries[-1].path
        ignore = self.header.ignore
        if not self._ignore_sealed:
            self._ignore_sealed = any(entry.path == ignore for entry in entries)
        self._tally.block(lines, sum([entry.size for entry in entries]))
        return True

    def summary(self) -> ManifestSummary:
        """Return root, counts and object digest of all lines read so far."""
        return self._tally.summary(self.header.algorithms)

    def _line(self) -> bytes:
        line = self._stream.readline(MAX_LINE_BYTES + 1)
        self._number += 1
        if len(line) > MAX_LINE_BYTES:
            self._refuse(f"longer than {MAX_LINE_BYTES} bytes")
        return line

    def _entry(self, line: bytes) -> ManifestEntry:
        match = _LINE.fullmatch(line)
        if match is None:
            self._refuse("not of the form [path,size,digest...] in canonical JSON")
        quoted, number, first, second = match.groups()
        path = self._text(quoted)
        size = int(number)
        digests = (unhexlify(first),) if second is None else (unhexlify(first), unhexlify(second))
        if len(digests) != len(self.header.algorithms):
            self._refuse(f"got {len(digests)} digests, expected {len(self.header.algorithms)}")
        if size > MAX_SIZE_BYTES:
            self._refuse(f"size {size} is beyond 2^53-1")
        if not is_safe_path(path):
            self._refuse("unsafe path: absolute, or with an empty, '.' or '..' segment, or NUL")
        return ManifestEntry(path, size, digests)

    def _text(self, quoted: bytes) -> str:
        try:
            text = quoted[1:-1].decode()
            if b"\\" not in quoted:
                return text
            value = str(json.loads(quoted))
            canonical = _quote(value).encode() == quoted
        except ValueError as error:
            self._refuse(f"bad string: {error}")
        if not canonical:
            self._refuse("string is not in canonical JSON form")
        return value

    def _refuse(self, reason: str) -> NoReturn:
        raise MalformedError(
            f"manifest line {self._number}: {reason}",
            hint="the manifest is damaged or was not written by diptych",
            line=self._number,
        )


def read_manifest(stream: BinaryIO) -> ManifestReader:
    """Open a manifest for one streaming pass.

    Args:
        stream: binary stream positioned at the header, for example `io.BytesIO`.

    Returns:
        A reader: `.header`, iteration over entries, then `.summary()`.

    Raises:
        MalformedError: here for the header, during iteration for any entry.
    """
    return ManifestReader(stream)
