"""Model files read once: what is hashed is what is run, so nothing can be swapped in between."""

import hashlib
import io
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from diptych.core.errors import EnvironmentFault, JsonValue
from diptych.provenance.manifest import ignore_rules
from diptych.provenance.objects import ObjectCorrupt, ObjectMissing, object_bytes
from diptych.provenance.objects.store import BlobStore
from diptych_verify.errors import DigestMismatch
from diptych_verify.hashing import Refused, hash_factory, open_regular
from diptych_verify.manifest import ManifestEntry, ManifestHeader, read_manifest
from diptych_verify.statement import ManifestClaim
from diptych_verify.walk import Ignore, Problem, TreeWalk

MAX_MODEL_BYTES = 64 << 30


class ModelTooLarge(EnvironmentFault):
    """A model is larger than what may be read into memory."""

    code = "Model.TooLarge"


@dataclass(frozen=True)
class ModelFiles:
    """The bytes of a model's files by path; their digests are those of the manifest."""

    content: Mapping[str, bytes]
    claim: ManifestClaim

    def paths(self) -> list[str]:
        """Return all paths in order."""
        return sorted(self.content, key=str.encode)


def sealed_entries(
    manifest: bytes, claim: ManifestClaim
) -> tuple[ManifestHeader, list[ManifestEntry]]:
    """Return the entries of a manifest after comparing it with what the record says.

    Raises:
        DigestMismatch: it is another manifest.
        MalformedError: it cannot be read.
    """
    reader = read_manifest(io.BytesIO(manifest))
    entries = list(reader)
    summary = reader.summary()
    if summary.root != claim.root or summary.object_digest != claim.object_digest:
        raise DigestMismatch(
            f"the manifest has root {summary.root.hex()}, the record says {claim.root.hex()}",
            hint="fetch the manifest that belongs to this record",
        )
    if summary.total_bytes > MAX_MODEL_BYTES:
        raise ModelTooLarge(
            f"got {summary.total_bytes:,} bytes, expected at most {MAX_MODEL_BYTES:,}"
        )
    return reader.header, entries


def read_folder(path: Path, manifest: bytes, claim: ManifestClaim) -> ModelFiles:
    """Read the sealed files at `path`, each once, and compare these very bytes with the manifest.

    Raises:
        DigestMismatch: files were changed, removed or added; `details` names them.
    """
    header, entries = sealed_entries(manifest, claim)
    content: dict[str, bytes] = {}
    lost: dict[str, list[str]] = {"changed": [], "removed": [], "added": []}
    single = len(entries) == 1 and not path.is_dir()
    for entry in entries:
        raw = _read(path if single else path / entry.path, entry)
        if raw is None:
            gone = not os.path.lexists(path if single else path / entry.path)
            lost["removed" if gone else "changed"].append(entry.path)
        elif not _is_sealed(raw, entry, header.algorithms):
            lost["changed"].append(entry.path)
        else:
            content[entry.path] = raw
    if not single:
        ignore = _rules(header, content)
        known = {entry.path for entry in entries}
        lost["added"] = [name for name in _present(path, ignore) if name not in known]
    _require_none(lost)
    return ModelFiles(content, claim)


def read_stored(store: BlobStore, manifest: bytes, claim: ManifestClaim) -> ModelFiles:
    """Read the sealed files from the object store, whose objects are named by their SHA-256.

    Raises:
        ObjectMissing: the content is not kept here.
        DigestMismatch: an object's bytes are not what was sealed.
    """
    header, entries = sealed_entries(manifest, claim)
    if "sha256" not in header.algorithms:
        raise ObjectMissing("the content is not kept here", hint="give the folder with --path")
    position = header.algorithms.index("sha256")
    content: dict[str, bytes] = {}
    for entry in entries:
        name = entry.digests[position].hex()
        try:
            content[entry.path] = object_bytes(store, name, max_bytes=max(entry.size, 1))
        except ObjectMissing as error:
            raise ObjectMissing(
                f"the content of '{entry.path}' is not kept here",
                hint="give the folder with --path, or diptych restore BACKUP",
                object=name,
            ) from error
        except ObjectCorrupt as error:
            raise _mismatch({"changed": [entry.path], "removed": [], "added": []}) from error
    return ModelFiles(content, claim)


def _read(file: Path, entry: ManifestEntry) -> bytes | None:
    """Return the content of a regular file, None if it is none of the sealed length or gone."""
    try:
        descriptor, state = open_regular(None, os.fspath(file.absolute()), entry.path)
    except Refused:
        return None
    with os.fdopen(descriptor, "rb") as stream:
        if state.st_size != entry.size or _leaves(file, entry):
            return None
        raw = stream.read(entry.size + 1)
    return raw if len(raw) == entry.size else None


def _leaves(file: Path, entry: ManifestEntry) -> bool:
    """Say whether a folder on the way to the file is a link."""
    depth = entry.path.count("/")
    return any(parent.is_symlink() for parent in list(file.parents)[:depth])


def _is_sealed(raw: bytes, entry: ManifestEntry, algorithms: tuple[str, ...]) -> bool:
    found = tuple(hash_factory(name)(raw).digest() for name in algorithms)
    return found == entry.digests


def _rules(header: ManifestHeader, content: Mapping[str, bytes]) -> Ignore | None:
    if header.ignore is None or header.ignore not in content:
        return None
    return ignore_rules(header.ignore, content[header.ignore])


def _present(path: Path, ignore: Ignore | None) -> Iterator[str]:
    problems: list[Problem] = []
    try:
        root = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        for run in TreeWalk(root, report=problems.append, ignore=ignore):
            yield from (run.prefix + name for name in run.names)
    finally:
        os.close(root)
    yield from (problem.path for problem in problems)


def _require_none(lost: dict[str, list[str]]) -> None:
    changed = set(lost["changed"])
    lost["added"] = sorted(set(lost["added"]) - changed)
    if any(lost.values()):
        raise _mismatch(lost)


def _mismatch(lost: Mapping[str, list[str]]) -> DigestMismatch:
    total = sum(map(len, lost.values()))
    named = ", ".join(f"{kind} '{path}'" for kind, paths in lost.items() for path in paths[:3])
    details: dict[str, JsonValue] = {kind: list(paths) for kind, paths in lost.items()}
    noun = "file differs" if total == 1 else "files differ"
    return DigestMismatch(
        f"{total} {noun} from the published model: {named}",
        hint="restore the named files, or publish them as a new version",
        total=total,
        **details,
    )


def plain_sha256(raw: bytes) -> str:
    """Return the hex SHA-256 of public bytes."""
    return hashlib.sha256(raw).hexdigest()
