"""The `diptych.blobs` plugin group: a store of byte objects named by their SHA-256."""

import io
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Protocol

from diptych.core.errors import ProvenanceError, UsageError

_HEX = frozenset("0123456789abcdef")
DEFAULT_LIMIT_BYTES = 1 << 30


class ObjectMissing(ProvenanceError):
    """The store holds no object of that name."""

    code = "Object.Missing"


class ObjectCorrupt(ProvenanceError):
    """An object's bytes no longer have the digest that is its name."""

    code = "Object.Corrupt"


class ObjectTooLarge(ProvenanceError):
    """An object is larger than what the reader is prepared to hold in memory."""

    code = "Object.TooLarge"


class BadObjectName(UsageError):
    """An object name is not 64 lower-case hexadecimal digits."""

    code = "Object.BadName"


class BlobStore(Protocol):
    """Where objects are kept; registered by entry point in the group `diptych.blobs`.

    Names are the lower-case hex SHA-256 of the content. `checks.check_blob_store` tests any
    implementation.
    """

    def put(self, chunks: Iterable[bytes], /) -> str:
        """Store the concatenated chunks and return the name; durable after `flush`."""
        ...

    def read(self, name: str, /) -> Iterator[bytes]:
        """Yield the content in chunks; only after the last one is it known to be intact.

        Raises:
            ObjectMissing: there is no such object (at the call or at the first chunk).
            ObjectCorrupt: after the last chunk, if the digest is not the name.
        """
        ...

    def has(self, name: str, /) -> bool:
        """Tell whether the object is there, without reading it."""
        ...

    def remove(self, name: str, /) -> None:
        """Delete an object; a missing one is no error."""
        ...

    def flush(self) -> None:
        """Make everything put so far survive a power cut."""
        ...


def check_object_name(name: str) -> None:
    """Refuse anything but a digest, so that a name can never become a path.

    Raises:
        BadObjectName: `name` is not 64 lower-case hexadecimal digits.
    """
    if len(name) != 64 or not _HEX.issuperset(name):
        raise BadObjectName(f"got object name '{name[:80]}', expected 64 hexadecimal digits")


def object_bytes(store: BlobStore, name: str, *, max_bytes: int = DEFAULT_LIMIT_BYTES) -> bytes:
    """Return a whole object, verified.

    Raises:
        ObjectMissing: there is no such object.
        ObjectCorrupt: its digest is wrong.
        ObjectTooLarge: it is larger than `max_bytes`.
    """
    chunks: list[bytes] = []
    total = 0
    for chunk in store.read(name):
        total += len(chunk)
        if total > max_bytes:
            raise ObjectTooLarge(f"object {name} is larger than {max_bytes} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


class _ChunkStream(io.RawIOBase):
    """A raw stream over an iterator of chunks."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks = chunks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def object_stream(store: BlobStore, name: str) -> BinaryIO:
    """Return a buffered stream over an object, for example for `read_manifest`.

    The stream cannot seek. Reading past the last byte raises `ObjectCorrupt` if the object is
    not intact, so a consumer that reads to the end has verified it.
    """
    return io.BufferedReader(_ChunkStream(store.read(name)), 1 << 16)
