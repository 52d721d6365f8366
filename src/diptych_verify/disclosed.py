"""Fields of a private seal, opened: commitment, leaf, root, and the file that a field describes."""

import hmac
from pathlib import Path

from diptych_verify.bundle import DisclosedField
from diptych_verify.errors import DigestMismatch, JsonValue, MalformedError
from diptych_verify.jcs import canonical_json
from diptych_verify.jsonio import decode_hex
from diptych_verify.manifest import ManifestEntry, is_safe_path
from diptych_verify.merkle import leaf_hash, verify_inclusion

FILE_FIELD = "file"


def commitment(name: str, value: JsonValue, salt: bytes) -> bytes:
    """Return `HMAC-SHA-256(salt, canonical_json([name, value]))`, 32 bytes."""
    return hmac.digest(salt, canonical_json([name, value]), "sha256")


def verify_disclosed(fields: tuple[DisclosedField, ...], root: bytes) -> None:
    """Check that each field stands in the private tree under `root`.

    Raises:
        NotIncluded: name, value, salt or place differ from what was sealed.
        MalformedError: two fields claim one place, or the tree sizes differ.
    """
    if len({field.index for field in fields}) != len(fields):
        raise MalformedError("bundle.disclosed: got two fields at one index")
    if len({field.leaves for field in fields}) > 1:
        raise MalformedError("bundle.disclosed: got fields of trees of different sizes")
    for field in fields:
        verify_inclusion(
            leaf_hash(commitment(field.name, field.value, field.salt)),
            index=field.index,
            size=field.leaves,
            proof=field.proof,
            root=root,
        )


def disclosed_files(fields: tuple[DisclosedField, ...]) -> list[ManifestEntry]:
    """Return the files that disclosed fields describe, in path order.

    Raises:
        MalformedError: a `file` field is not `[path, size, sha256]`, or a path comes twice.
    """
    entries = [_entry(field.value) for field in fields if field.name == FILE_FIELD]
    if len({entry.path for entry in entries}) != len(entries):
        raise MalformedError("bundle.disclosed: got one file twice")
    return sorted(entries, key=lambda entry: entry.path)


def _entry(value: JsonValue) -> ManifestEntry:
    match value:
        case [str(path), int(size), str(digest)] if is_safe_path(path) and size >= 0:
            return ManifestEntry(path, size, (decode_hex(digest, size=32, where="file digest"),))
    raise MalformedError("bundle.disclosed: expected a file field of [path, size, sha256]")


def verify_disclosed_files(path: Path, entries: list[ManifestEntry]) -> None:
    """Re-read the disclosed files below `path` (or `path` itself for one file).

    Raises:
        DigestMismatch: a file differs; `details` names it.
        CannotScan: a file is missing or unreadable.
    """
    from diptych_verify.scan import scan

    single = len(entries) == 1 and not path.is_dir()
    for entry in entries:
        target = path if single else path / entry.path
        actual = next(scan(target))
        if (actual.size, actual.digests) != (entry.size, entry.digests):
            raise DigestMismatch(
                f"the file {entry.path!a} differs from the seal",
                changed=[entry.path],
                added=[],
                removed=[],
                total=1,
            )
