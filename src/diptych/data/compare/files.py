"""Compare two manifests: which files were added, removed, changed or renamed. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from diptych.core.errors import JsonValue
from diptych.data.compare.errors import CannotCompare
from diptych_verify.manifest import ManifestEntry

_Pair = tuple[ManifestEntry | None, ManifestEntry | None]


@dataclass(frozen=True)
class FileChanges:
    """What changed from one list of files to another.

    Attributes:
        added: paths that are new.
        removed: paths that are gone.
        changed: paths with other content.
        renamed: (old path, new path) of content that moved; empty files are not looked for.
        unchanged: number of files.
        bytes_delta: size of all new files less that of all old ones.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    unchanged: int
    bytes_delta: int

    @property
    def total(self) -> int:
        """Number of changes."""
        return len(self.added) + len(self.removed) + len(self.changed) + len(self.renamed)

    def text(self) -> str:
        """Return the counts as one phrase.

        >>> FileChanges(("a",), (), ("b", "c"), (), 5, 0).text()
        '1 added, 2 changed'
        """
        counts = {
            "added": self.added,
            "removed": self.removed,
            "changed": self.changed,
            "renamed": self.renamed,
        }
        shown = [f"{len(paths)} {word}" for word, paths in counts.items() if paths]
        return ", ".join(shown) or "nothing changed"

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `--json` shows."""
        return {
            "added": list(self.added),
            "removed": list(self.removed),
            "changed": list(self.changed),
            "renamed": [list(pair) for pair in self.renamed],
            "unchanged": self.unchanged,
            "bytes_delta": self.bytes_delta,
        }


def compare_files(
    old: Iterable[ManifestEntry],
    new: Iterable[ManifestEntry],
    *,
    algorithms: tuple[Sequence[str], Sequence[str]] = (("sha256",), ("sha256",)),
) -> FileChanges:
    """Compare two lists of files, each in path order.

    Args:
        old: of the earlier version.
        new: of the later version.
        algorithms: of the digests of both, in their order.

    Raises:
        CannotCompare: they have no digest algorithm in common.
    """
    common = [name for name in algorithms[0] if name in algorithms[1]]
    if not common:
        raise CannotCompare(
            f"got digests {'+'.join(algorithms[0])} and {'+'.join(algorithms[1])}, which have no "
            "algorithm in common",
            hint="give the content of both versions with --old and --new",
        )
    places = algorithms[0].index(common[0]), algorithms[1].index(common[0])
    added: list[ManifestEntry] = []
    removed: list[ManifestEntry] = []
    changed: list[str] = []
    unchanged = delta = 0
    for before, after in _joined(old, new):
        delta += (after.size if after else 0) - (before.size if before else 0)
        if before is None:
            added += [] if after is None else [after]
        elif after is None:
            removed.append(before)
        elif before.digests[places[0]] == after.digests[places[1]]:
            unchanged += 1
        else:
            changed.append(after.path)
    renamed = _renamed(removed, added, places)
    moved = {path for pair in renamed for path in pair}
    return FileChanges(
        added=tuple(one.path for one in added if one.path not in moved),
        removed=tuple(one.path for one in removed if one.path not in moved),
        changed=tuple(changed),
        renamed=renamed,
        unchanged=unchanged,
        bytes_delta=delta,
    )


def _joined(old: Iterable[ManifestEntry], new: Iterable[ManifestEntry]) -> Iterator[_Pair]:
    """Merge two lists in path order; an entry without partner comes with None."""
    left, right = iter(old), iter(new)
    before, after = next(left, None), next(right, None)
    while before is not None or after is not None:
        first = after is None or (before is not None and before.path < after.path)
        if before is not None and after is not None and before.path == after.path:
            yield before, after
            before, after = next(left, None), next(right, None)
        elif first:
            yield before, None
            before = next(left, None)
        else:
            yield None, after
            after = next(right, None)


def _renamed(
    removed: Sequence[ManifestEntry], added: Sequence[ManifestEntry], places: tuple[int, int]
) -> tuple[tuple[str, str], ...]:
    waiting: dict[bytes, list[str]] = {}
    for entry in reversed(removed):
        if entry.size:
            waiting.setdefault(entry.digests[places[0]], []).append(entry.path)
    pairs = []
    for entry in added:
        paths = waiting.get(entry.digests[places[1]])
        if entry.size and paths:
            pairs.append((paths.pop(), entry.path))
    return tuple(pairs)
