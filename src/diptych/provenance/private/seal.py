"""Seal a folder, or a list of fields, privately: only commitments and ciphertext get out.

The encrypted manifest is an ordinary manifest (SHA-256) under encryption, so that comparing works
as for public seals. Nothing plain is written to disk, not even for a moment, and there is no
journal: an interrupted private seal starts again.
"""

import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from diptych.core.errors import JsonValue
from diptych.core.progress import ProgressFactory, silent
from diptych.provenance.manifest.ignore import load_rules
from diptych.provenance.manifest.payload import open_sealed
from diptych.provenance.objects.store import BlobStore
from diptych.provenance.private.commitments import (
    SALT_BYTES,
    Field,
    FieldTree,
    commit,
    commitment_of,
)
from diptych.provenance.private.framing import KEY_BYTES, encrypt_object, padded, power_of_two
from diptych.provenance.private.store import PrivateStore, SealSecrets
from diptych_verify.manifest import (
    ManifestEntry,
    ManifestHeader,
    entry_line,
    header_line,
    read_manifest,
)
from diptych_verify.merkle import leaf_hash, merkle_root
from diptych_verify.scan import ScanOptions, scan_batches
from diptych_verify.walk import FileChanged, IgnoredPaths

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class PrivateOptions:
    """How to seal privately.

    Attributes:
        workers: threads that hash files above 1 MiB.
        ignore_file: name of the ignore file at the top of the folder; None for no rules.
        keep_payload: also store the contents, encrypted, in one padded object.
        progress: told of bytes.
    """

    workers: int = 2
    ignore_file: str | None = ".diptychignore"
    keep_payload: bool = False
    progress: ProgressFactory = silent


@dataclass(frozen=True)
class PrivateSeal:
    """A private seal; `root` and `object_name` may be published, the rest is for its owner.

    Attributes:
        root: 32 bytes over the commitments.
        object_name: the encrypted manifest.
        leaves: size of the padded tree.
        files: how many of the leaves are files.
        total_bytes: size of their contents.
        payload_name: the encrypted contents, empty if not kept.
        ignored: what the ignore rules left out.
    """

    root: bytes
    object_name: str
    leaves: int
    files: int = field(repr=False)
    total_bytes: int = field(repr=False)
    payload_name: str = field(default="", repr=False)
    ignored: IgnoredPaths = field(default_factory=IgnoredPaths, repr=False)

    def subject_digest(self) -> dict[str, str]:
        """Return `subject.digest` of the statement."""
        return {"diptychPrivate1": self.root.hex()}

    def predicate(self) -> dict[str, JsonValue]:
        """Return `predicate.private` of docs/formats.md."""
        return {"root": self.root.hex(), "object": self.object_name}


def seal_private(
    path: Path,
    objects: BlobStore,
    private: PrivateStore,
    *,
    options: PrivateOptions | None = None,
) -> PrivateSeal:
    """Commit to every file below `path` and keep what opens the commitments.

    Objects and secrets are durable when this returns; the caller then logs the statement.

    Raises:
        CannotScan: something cannot be sealed; all of it is listed.
        FileChanged: a file changed while it was read.
        EnvironmentFault: a store cannot be written.
    """
    options = options or PrivateOptions()
    listing = _Listing()
    with options.progress("hashing", total=None, unit="B") as task:
        ignored = listing.fill(path, options, task.advance)
    tree = _PaddedTree(listing)
    body: dict[str, JsonValue] = {"kind": "folder", "manifest_bytes": len(listing.manifest)}
    object_name = _put(objects, padded([bytes(listing.manifest)], exact=False), body, "manifest")
    payload_name = ""
    if options.keep_payload:
        with options.progress("encrypting", total=listing.total_bytes, unit="B") as task:
            contents = _contents(path, bytes(listing.manifest), task.advance)
            payload_name = _put(objects, padded(contents, exact=True), body, "payload")
    objects.flush()
    private.add(
        tree.root,
        SealSecrets(object_name, payload_name, body, bytes(tree.slots), tree.order),
    )
    return PrivateSeal(
        root=tree.root,
        object_name=object_name,
        leaves=tree.leaves,
        files=len(listing.salts) // SALT_BYTES,
        total_bytes=listing.total_bytes,
        payload_name=payload_name,
        ignored=ignored,
    )


def commit_private_fields(fields: Sequence[Field], private: PrivateStore) -> FieldTree:
    """Commit to fields of a record and keep values and salts; `tree.root()` may be published.

    Raises:
        NotCanonical: a value has no canonical JSON form.
        PrivateUnusable: the private store cannot be written.
    """
    tree = commit(fields)
    listed: list[JsonValue] = [[name, value] for name, value in tree.fields]
    body: dict[str, JsonValue] = {"kind": "fields", "fields": listed}
    private.add(tree.root(), SealSecrets("", "", body, b"".join(tree.salts)))
    return tree


def file_message(entry: ManifestEntry) -> bytes:
    """Return the canonical JSON of `["file",[path,size,sha256]]`, what a commitment covers."""
    return b'["file",' + entry_line(entry) + b"]"


class _Listing:
    """Manifest bytes, salts and commitments in path order: 64 bytes per file and its line."""

    def __init__(self) -> None:
        self.manifest = bytearray()
        self.salts = bytearray()
        self.commitments = bytearray()
        self.total_bytes = 0

    def fill(
        self, path: Path, options: PrivateOptions, advance: Callable[[int], None]
    ) -> IgnoredPaths:
        ignore, rules_file = load_rules(path, options.ignore_file, ("sha256",))
        name = None if rules_file is None else rules_file.path
        self.manifest += header_line(ManifestHeader(("sha256",), name)) + b"\n"
        scan_options = ScanOptions(workers=options.workers, ignore=ignore, advance=advance)
        for batch in scan_batches(path, scan_options):
            for entry, _ in batch:
                if rules_file is not None and entry.path == name and entry != rules_file:
                    raise FileChanged(f"the ignore file '{name}' changed while it was applied")
                self._add(entry)
        return scan_options.ignored

    def _add(self, entry: ManifestEntry) -> None:
        salt = secrets.token_bytes(SALT_BYTES)
        self.manifest += entry_line(entry) + b"\n"
        self.salts += salt
        self.commitments += commitment_of(file_message(entry), salt)
        self.total_bytes += entry.size


class _PaddedTree:
    """Files at random leaves; every other leaf holds a random commitment that nobody can open."""

    def __init__(self, listing: _Listing) -> None:
        files = len(listing.salts) // SALT_BYTES
        self.leaves = power_of_two(files)
        places = list(range(self.leaves))
        secrets.SystemRandom().shuffle(places)
        self.slots = bytearray(secrets.token_bytes(SALT_BYTES * self.leaves))
        commitments = bytearray(self.slots)
        for index, place in enumerate(places[:files]):
            source, target = _span(index), _span(place)
            self.slots[target] = listing.salts[source]
            commitments[target] = listing.commitments[source]
        self.order = b"".join(place.to_bytes(4, "big") for place in places[:files])
        self.root = merkle_root(
            leaf_hash(bytes(commitments[_span(place)])) for place in range(self.leaves)
        )


def _span(index: int) -> slice:
    return slice(index * SALT_BYTES, (index + 1) * SALT_BYTES)


def _put(objects: BlobStore, plain: Iterator[bytes], body: dict[str, JsonValue], what: str) -> str:
    key = secrets.token_bytes(KEY_BYTES)
    body[f"{what}_key"] = key.hex()
    return objects.put(encrypt_object(key, plain))


def _contents(path: Path, manifest: bytes, advance: Callable[[int], None]) -> Iterator[bytes]:
    """Yield all contents in path order, each checked against the digest just sealed."""
    for entry in read_manifest(BytesIO(manifest)):
        digest = sha256()
        with os.fdopen(open_sealed(path, entry), "rb", buffering=0) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                digest.update(chunk)
                advance(len(chunk))
                yield chunk
        if digest.digest() != entry.digests[0]:
            raise FileChanged(
                f"'{entry.path}' changed while the folder was being sealed",
                hint="run again when nothing writes to the folder",
            )
