"""Copy sealed files into the object store, each checked against its sealed digest."""

import os
from collections.abc import Iterable
from pathlib import Path

from diptych.core.errors import UsageError
from diptych.core.progress import ProgressFactory, silent
from diptych.provenance.objects.store import BlobStore
from diptych_verify.hashing import Refused, open_regular
from diptych_verify.manifest import ManifestEntry
from diptych_verify.walk import FileChanged, cannot_scan

CHUNK_BYTES = 1 << 20


class NeedsSha256(UsageError):
    """Payload objects are named by SHA-256, which this manifest does not list."""

    code = "Manifest.NeedsSha256"


def require_sha256(algorithms: tuple[str, ...]) -> None:
    """Refuse to store content that no SHA-256 would name.

    Raises:
        NeedsSha256: the algorithms are others.
    """
    if "sha256" not in algorithms:
        raise NeedsSha256(
            "storing the content needs SHA-256 digests",
            hint="DIPTYCH_SEAL__DIGEST=sha256+blake3",
        )


def copy_payload(
    path: Path,
    manifest: Iterable[ManifestEntry],
    store: BlobStore,
    *,
    algorithms: tuple[str, ...] = ("sha256",),
    progress: ProgressFactory = silent,
) -> int:
    """Copy every sealed file into the store, named by its SHA-256, and return the bytes copied.

    Raises:
        NeedsSha256: the manifest has no SHA-256.
        FileChanged: a file no longer has the digest that was sealed.
    """
    require_sha256(algorithms)
    position = algorithms.index("sha256")
    copied = 0
    with progress("copying", total=None, unit="B") as task:
        for entry in manifest:
            expected = entry.digests[position].hex()
            if not store.has(expected):
                _copy_file(path, entry, expected, store)
                copied += entry.size
            task.advance(entry.size)
    store.flush()
    return copied


def open_sealed(path: Path, entry: ManifestEntry) -> int:
    """Open a file that was just sealed and return its descriptor.

    Args:
        path: the folder or the single file that was sealed.
        entry: which file of it.

    Raises:
        CannotScan: it is gone or no longer a regular file.
    """
    file = path / entry.path if path.is_dir() else path.resolve()
    try:
        return open_regular(None, os.fspath(file), entry.path)[0]
    except Refused as refused:
        raise cannot_scan([refused.problem]) from refused


def _copy_file(path: Path, entry: ManifestEntry, expected: str, store: BlobStore) -> None:
    descriptor = open_sealed(path, entry)
    with os.fdopen(descriptor, "rb", buffering=0) as stream:
        stored = store.put(iter(lambda: stream.read(CHUNK_BYTES), b""))
    if stored != expected:
        store.remove(stored)
        raise FileChanged(
            f"'{entry.path}' changed after it was sealed: got {stored}, expected {expected}",
            hint="seal the folder again when nothing writes to it",
        )
