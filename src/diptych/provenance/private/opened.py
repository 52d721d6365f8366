"""Open a private seal again: verify files against it, disclose single fields, erase it."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import cast

from diptych.core.digests import same_digest
from diptych.core.errors import JsonValue
from diptych.provenance.manifest.ignore import ignore_rules
from diptych.provenance.objects.store import BlobStore
from diptych.provenance.private.commitments import (
    SALT_BYTES,
    Field,
    FieldTree,
    commitment_of,
    inclusion_path,
)
from diptych.provenance.private.errors import NoSuchField, PrivateCorrupt
from diptych.provenance.private.framing import decrypt_object
from diptych.provenance.private.seal import file_message
from diptych.provenance.private.store import PrivateStore, SealSecrets
from diptych_verify.bundle import DisclosedField
from diptych_verify.compare import verify_tree
from diptych_verify.disclosed import FILE_FIELD
from diptych_verify.manifest import ManifestEntry, read_manifest
from diptych_verify.merkle import leaf_hash, merkle_root
from diptych_verify.scan import ScanOptions


@dataclass(frozen=True)
class PrivateEvidence:
    """What re-reading a privately sealed folder has shown.

    Attributes:
        root: 32 bytes, as in the statement.
        files: all unchanged.
        total_bytes: size of their contents.
    """

    root: bytes
    files: int
    total_bytes: int


class OpenedFolder:
    """A private folder seal with its manifest decrypted in memory and checked against the root.

    Raises:
        PrivateMissing, PrivateErased, PrivateLocked: from the private store.
        PrivateCorrupt: manifest and root contradict each other.
        ObjectMissing, ObjectCorrupt: from the object store.
    """

    def __init__(self, root: bytes, objects: BlobStore, private: PrivateStore) -> None:
        self.root = root
        self._objects = objects
        self._secrets = private.load(root)
        if self._secrets.body.get("kind") != "folder":
            raise NoSuchField(f"the private seal with root {root.hex()} is no folder")
        size = cast(int, self._secrets.body["manifest_bytes"])
        plain = decrypt_object(self._key("manifest"), objects.read(self._secrets.object_name))
        self._manifest = b"".join(plain)[:size]
        self._leaves = self._check_leaves()

    def entries(self) -> Iterator[ManifestEntry]:
        """Yield the sealed files in path order."""
        return iter(read_manifest(BytesIO(self._manifest)))

    def verify(self, path: Path, *, options: ScanOptions | None = None) -> PrivateEvidence:
        """Re-read a file or folder and compare it with the seal.

        Raises:
            DigestMismatch: files differ; `details` names them.
        """
        reader = read_manifest(BytesIO(self._manifest))
        for _ in reader:
            pass
        summary = verify_tree(
            path,
            BytesIO(self._manifest),
            root=reader.summary().root,
            rules=ignore_rules,
            options=options,
        )
        return PrivateEvidence(self.root, summary.files, summary.total_bytes)

    def reveal(self, path: str) -> DisclosedField:
        """Open the field of one file.

        Raises:
            NoSuchField: no such file was sealed.
        """
        for index, entry in enumerate(self.entries()):
            if entry.path == path:
                place = self._place(index)
                value: JsonValue = [path, entry.size, entry.digests[0].hex()]
                proof = inclusion_path(self._leaves, place)
                return DisclosedField(
                    FILE_FIELD, value, self._slot(place), place, len(self._leaves), proof
                )
        raise NoSuchField(f"the private seal holds no file '{path}'")

    def read_file(self, path: str) -> Iterator[bytes]:
        """Yield the kept content of one file.

        Raises:
            NoSuchField: no such file was sealed, or no payload was kept.
            PrivateCorrupt: the payload does not decrypt.
        """
        if not self._secrets.payload_name:
            raise NoSuchField(
                "this private seal kept no payload", hint="diptych seal --private --store PATH"
            )
        start = 0
        for entry in self.entries():
            if entry.path == path:
                return self._slice(start, start + entry.size)
            start += entry.size
        raise NoSuchField(f"the private seal holds no file '{path}'")

    def contents(self) -> Iterator[bytes]:
        """Yield the kept contents of all files in path order, one after the other.

        Raises:
            NoSuchField: no payload was kept.
            PrivateCorrupt: the payload does not decrypt.
        """
        if not self._secrets.payload_name:
            raise NoSuchField(
                "this private seal kept no payload", hint="diptych seal --private --store PATH"
            )
        return self._slice(0, sum(entry.size for entry in self.entries()))

    def _slice(self, start: int, end: int) -> Iterator[bytes]:
        position = 0
        chunks = self._objects.read(self._secrets.payload_name)
        for chunk in decrypt_object(self._key("payload"), chunks):
            if position >= end:
                break
            wanted = chunk[max(start - position, 0) : end - position]
            if wanted:
                yield wanted
            position += len(chunk)

    def _check_leaves(self) -> list[bytes]:
        leaves = [
            leaf_hash(self._secrets.slots[at : at + SALT_BYTES])
            for at in range(0, len(self._secrets.slots), SALT_BYTES)
        ]
        for index, entry in enumerate(self.entries()):
            place = self._place(index)
            leaves[place] = leaf_hash(commitment_of(file_message(entry), self._slot(place)))
        if not same_digest(merkle_root(leaves), self.root):
            raise PrivateCorrupt(
                f"manifest and salts lead to root {merkle_root(leaves).hex()}, "
                f"the seal says {self.root.hex()}",
                hint="restore the private store and its objects from one backup",
            )
        return leaves

    def _place(self, index: int) -> int:
        return int.from_bytes(self._secrets.order[index * 4 : index * 4 + 4], "big")

    def _slot(self, place: int) -> bytes:
        return self._secrets.slots[place * SALT_BYTES : (place + 1) * SALT_BYTES]

    def _key(self, what: str) -> bytes:
        return bytes.fromhex(cast(str, self._secrets.body[f"{what}_key"]))


def open_fields(root: bytes, private: PrivateStore) -> FieldTree:
    """Return the fields kept by `commit_private_fields`; `.reveal(index)` opens one.

    Raises:
        PrivateMissing, PrivateErased, PrivateLocked: from the private store.
        PrivateCorrupt: fields and root contradict each other.
    """
    kept: SealSecrets = private.load(root)
    if kept.body.get("kind") != "fields":
        raise NoSuchField(f"the private seal with root {root.hex()} holds files, not fields")
    pairs = cast(list[list[JsonValue]], kept.body["fields"])
    fields: tuple[Field, ...] = tuple((str(name), value) for name, value in pairs)
    starts = range(0, len(kept.slots), SALT_BYTES)
    tree = FieldTree(fields, tuple(kept.slots[at : at + SALT_BYTES] for at in starts))
    if not same_digest(tree.root(), root):
        raise PrivateCorrupt(f"the kept fields do not lead to root {root.hex()}")
    return tree


def erase_private(root: bytes, objects: BlobStore, private: PrivateStore) -> None:
    """Destroy keys, salts, encrypted manifest and payload of a private seal.

    Keys go first: from then on nothing can be opened, even if removing objects fails. May be
    called again. The caller appends the `erased` record. Backups, copies of objects and the
    freed blocks of a disk are outside its reach; without the key they are noise.

    Raises:
        PrivateMissing: no such seal.
        EraseIncomplete: another process keeps old pages alive; call again.
    """
    for name in private.erase(root):
        objects.remove(name)
