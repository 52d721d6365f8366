"""`data diff`: what changed between two versions: files, rows and columns, tensors."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from diptych.app.verbs.data.content import VersionFiles, readable, version_files
from diptych.app.verbs.records import find_record
from diptych.app.workspace import Workspace
from diptych.core.errors import DiptychError, JsonValue
from diptych.data.compare import (
    FileChanges,
    TableChanges,
    TensorChanges,
    compare_files,
    compare_tables,
    compare_tensors,
    read_tensors,
)

TABLES = (".csv", ".tsv", ".json", ".ndjson", ".jsonl", ".parquet")
TENSORS = (".safetensors", ".npz")
MAX_TENSOR_FILE_BYTES = 8 << 30
_Content = TableChanges | TensorChanges


@dataclass(frozen=True)
class ContentChange:
    """What changed inside one file, or why that cannot be said."""

    path: str
    changes: _Content | None
    why_not: str = ""

    def text(self) -> str:
        """Return the change as one line."""
        return self.why_not if self.changes is None else self.changes.text()

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `--json` shows."""
        if self.changes is None:
            return {"path": self.path, "why_not": self.why_not}
        kind = "tensors" if isinstance(self.changes, TensorChanges) else "table"
        return {"path": self.path, kind: self.changes.to_json()}


@dataclass(frozen=True)
class VersionDiff:
    """The changes from one version to another; indexes are those of the log."""

    old: int
    new: int
    files: FileChanges
    inside: tuple[ContentChange, ...] = field(default=())

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych data diff --json` shows."""
        return {
            "old": self.old,
            "new": self.new,
            "files": self.files.to_json(),
            "inside": [one.to_json() for one in self.inside],
        }


@dataclass(frozen=True)
class Comparing:
    """How to compare.

    Attributes:
        old_path: file or folder that holds the content of the old version.
        new_path: file or folder that holds the content of the new version.
        key: columns that identify a row.
        inside: False compares lists of files only.
    """

    old_path: Path | None = None
    new_path: Path | None = None
    key: Sequence[str] = ()
    inside: bool = True


def diff(workspace: Workspace, old: str, new: str, how: Comparing | None = None) -> VersionDiff:
    """Compare two versions.

    Inside tables and tensor files it looks where the content of both can still be had: from a
    given path, from objects (`--store`), or where it was sealed and is unchanged.

    Args:
        workspace: where the log stands.
        old: reference to the earlier version.
        new: reference to the later one.
        how: paths and key.

    Raises:
        NoSuchRecord: a reference names nothing.
        NoFiles: a record seals no files.
        CannotCompare: the manifests have no digest algorithm in common, or the key does not fit.
        ObjectMissing: a manifest is not kept here.
        PrivateErased: a private version was erased.
    """
    how = how or Comparing()
    with ExitStack() as stack:
        log = stack.enter_context(workspace.read_log())
        before = find_record(workspace, log, old)
        after = find_record(workspace, log, new)
        left = stack.enter_context(version_files(workspace, before, how.old_path))
        right = stack.enter_context(version_files(workspace, after, how.new_path))
        changes = compare_files(
            left.entries(), right.entries(), algorithms=(left.algorithms, right.algorithms)
        )
        pairs = _pairs(changes) if how.inside else ()
        inside = tuple(_inside(left, right, pair, how.key) for pair in pairs)
    return VersionDiff(before.index, after.index, changes, inside)


def _pairs(changes: FileChanges) -> Iterator[tuple[str, str]]:
    """Yield the files to look into, also where a version of one file has got another name."""
    pairs = [(path, path) for path in changes.changed]
    if len(changes.added) == len(changes.removed) == 1 and not changes.unchanged and not pairs:
        pairs = [(changes.removed[0], changes.added[0])]
    for pair in pairs:
        suffixes = {Path(path).suffix.lower() for path in pair}
        if len(suffixes) == 1 and suffixes <= {*TABLES, *TENSORS}:
            yield pair


def _inside(
    left: VersionFiles, right: VersionFiles, pair: tuple[str, str], key: Sequence[str]
) -> ContentChange:
    with left.content(pair[0]) as old, right.content(pair[1]) as new:
        missing = [word for word, path in (("old", old), ("new", new)) if path is None]
        if old is None or new is None:
            return ContentChange(
                pair[1],
                None,
                f"the content of the {' and the '.join(missing)} version is not kept here: seal "
                f"with --store, or give --{missing[0]} PATH",
            )
        compare = _compare_tensors if Path(pair[1]).suffix in TENSORS else _table_comparer(key)
        try:
            return ContentChange(pair[1], compare(old, new))
        except DiptychError as error:
            if key:
                raise
            return ContentChange(pair[1], None, readable(error))


def _table_comparer(key: Sequence[str]) -> Callable[[Path, Path], _Content]:
    def compare(old: Path, new: Path) -> _Content:
        from diptych.data.tables import open_table

        with open_table(old) as before, open_table(new) as after:
            return compare_tables(before, after, key=key)

    return compare


def _compare_tensors(old: Path, new: Path) -> _Content:
    return compare_tensors(
        read_tensors(old.read_bytes(), where=old.name),
        read_tensors(new.read_bytes(), where=new.name),
    )
