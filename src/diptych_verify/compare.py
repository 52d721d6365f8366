"""Compare a folder with its manifest and name every file that differs."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from diptych_verify.errors import DigestMismatch, JsonValue
from diptych_verify.hashing import Refused, hash_factory, read_small
from diptych_verify.manifest import (
    ManifestEntry,
    ManifestHeader,
    ManifestReader,
    ManifestSummary,
    ManifestWriter,
    read_manifest,
)
from diptych_verify.scan import ScanOptions, scan_batches
from diptych_verify.walk import Ignore, Problem

NAMED_LIMIT = 1_000
IgnoreRules = Callable[[str, bytes], Ignore]
"""Turns the name and the bytes of a sealed ignore file into rules."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Files that differ, each list in path order; `total` also counts what the lists left out.

    Attributes:
        added: in the folder, not in the manifest.
        removed: in the manifest, not in the folder.
        changed: in both, with other content (or no longer a readable regular file).
        total: all differences; each list names at most a thousand.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    total: int = 0

    def to_json(self) -> dict[str, JsonValue]:
        """Return the object that errors and `--json` show."""
        return {
            "added": list(self.added),
            "removed": list(self.removed),
            "changed": list(self.changed),
            "total": self.total,
        }


@dataclass
class _Found:
    lists: dict[str, list[str]] = field(
        default_factory=lambda: {"added": [], "removed": [], "changed": []}
    )
    total: int = 0

    def add(self, kind: str, path: str) -> None:
        self.total += 1
        if len(self.lists[kind]) < NAMED_LIMIT:
            self.lists[kind].append(path)

    def problem(self, problem: Problem) -> None:
        """A sealed file that is no longer a readable regular file has changed, not gone."""
        removed = self.lists["removed"]
        if problem.path in removed:
            removed.remove(problem.path)
            self.total -= 1
            self.add("changed", problem.path)
        else:
            self.add("added", problem.path)

    def changes(self) -> Changes:
        lists = {kind: tuple(sorted(paths)) for kind, paths in self.lists.items()}
        return Changes(**lists, total=self.total)


def compare(
    entries: Iterable[ManifestEntry],
    manifest: Iterable[ManifestEntry],
    *,
    problems: Iterable[Problem] = (),
) -> Changes:
    """Merge two listings in path order and name what differs, in constant memory.

    Args:
        entries: the folder now, for example from `scan`.
        manifest: the sealed entries, for example a `ManifestReader`.
        problems: filled while `entries` is consumed; read at the end.

    Raises:
        MalformedError: from the manifest reader.
    """
    merge = _Merge(iter(manifest))
    for entry in entries:
        merge.add(entry)
    return merge.changes(problems)


class _Merge:
    """Merges a listing in path order with sealed entries, which it reads one ahead at most."""

    def __init__(self, sealed: Iterator[ManifestEntry]) -> None:
        self._sealed = sealed
        self._ahead: ManifestEntry | None = None
        self._found = _Found()

    @property
    def is_level(self) -> bool:
        """Whether no sealed entry was read that is still to be compared."""
        return self._ahead is None

    def add(self, now: ManifestEntry) -> None:
        sealed = self._ahead or next(self._sealed, None)
        while sealed is not None and sealed.path < now.path:
            self._found.add("removed", sealed.path)
            sealed = next(self._sealed, None)
        if sealed is None or sealed.path != now.path:
            self._found.add("added", now.path)
            self._ahead = sealed
            return
        if now != sealed:
            self._found.add("changed", now.path)
        self._ahead = None

    def changes(self, problems: Iterable[Problem]) -> Changes:
        """Take all sealed entries that are left as removed, and the scan's problems."""
        if self._ahead is not None:
            self._found.add("removed", self._ahead.path)
        for sealed in self._sealed:
            self._found.add("removed", sealed.path)
        for problem in problems:
            self._found.problem(problem)
        return self._found.changes()


def scan_summary(path: Path, options: ScanOptions | None = None) -> ManifestSummary:
    """Re-read a file or folder and return the root that a manifest of it would have.

    The object digest is that of a manifest without an ignore file.

    Raises:
        CannotScan: something in the folder cannot be sealed.
    """
    options = replace(options or ScanOptions(), known=None)
    writer = ManifestWriter(ManifestHeader(options.algorithms))
    writer.start()
    for batch in scan_batches(path, options):
        writer.block([entry for entry, _ in batch])
    return writer.summary()


def verify_tree(
    path: Path,
    manifest: BinaryIO,
    *,
    root: bytes,
    rules: IgnoreRules | None = None,
    options: ScanOptions | None = None,
) -> ManifestSummary:
    """Re-read a file or folder and compare it with a sealed manifest.

    Files outside the manifest are differences, unless the manifest names an ignore file, that
    file is unchanged, and `rules` can read it. Without `rules` nothing is ignored.

    Args:
        path: file or folder to check.
        manifest: seekable stream of the manifest object.
        root: 32-byte root from the signed statement.
        rules: reader of ignore files (gitignore syntax), if one is installed.
        options: workers and progress; algorithms and ignore rules come from the manifest.

    Returns:
        What was proven: root, number of files, bytes.

    Raises:
        DigestMismatch: files differ (`details` names them), or the manifest is not the sealed one.
        MalformedError: the manifest cannot be read.
    """
    ignore = _sealed_rules(path, manifest, rules)
    reader = read_manifest(manifest)
    problems: list[Problem] = []
    options = replace(
        options or ScanOptions(),
        algorithms=reader.header.algorithms,
        ignore=ignore,
        known=None,
        report=problems.append,
    )
    merge = _Merge(iter(reader))
    for batch in scan_batches(path, options):
        entries = [entry for entry, _ in batch]
        if entries and not (merge.is_level and reader.skip(entries)):
            for entry in entries:
                merge.add(entry)
    changes = merge.changes(problems)
    summary = reader.summary()
    if summary.root != root:
        raise DigestMismatch(
            f"the manifest has root {summary.root.hex()}, the seal says {root.hex()}",
            hint="fetch the manifest object that belongs to this seal",
        )
    if changes.total:
        raise _mismatch(changes, uncovered=reader.header.ignore if ignore is None else None)
    return summary


def _mismatch(changes: Changes, uncovered: str | None) -> DigestMismatch:
    counts = ((changes.changed, "changed"), (changes.removed, "removed"), (changes.added, "added"))
    named = ", ".join(f"{kind} '{path}'" for paths, kind in counts for path in paths[:3])
    hint = "restore the named files, or seal the folder again to record the change"
    if uncovered and changes.added:
        hint = f"the seal ignored files by '{uncovered}', which was not applied here; {hint}"
    noun = "file differs" if changes.total == 1 else "files differ"
    return DigestMismatch(
        f"{changes.total} {noun} from the seal: {named}", hint=hint, **changes.to_json()
    )


def _sealed_rules(path: Path, manifest: BinaryIO, rules: IgnoreRules | None) -> Ignore | None:
    """Return the ignore rules if they are exactly the sealed ones; leaves the stream at 0."""
    manifest.seek(0)
    reader = read_manifest(manifest)
    name = reader.header.ignore
    ignore = None
    if name is not None and rules is not None:
        ignore = _checked_rules(path / name, reader, rules)
    manifest.seek(0)
    return ignore


def _checked_rules(file: Path, reader: ManifestReader, rules: IgnoreRules) -> Ignore | None:
    sealed = next((entry for entry in reader if entry.path == file.name), None)
    try:
        content = read_small(file)
    except Refused:
        return None
    now = tuple(hash_factory(name)(content).digest() for name in reader.header.algorithms)
    return rules(file.name, content) if sealed is not None and sealed.digests == now else None
