"""`status`: what changed since sealing, and how far the log is anchored; a hint, no proof."""

from collections.abc import Iterator
from dataclasses import dataclass

from diptych.app.verbs.anchors import read_anchors
from diptych.app.verbs.records import PATH_LABEL, PRIVATE_LABEL, STREAM_LABEL, record_at
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue
from diptych.provenance.log import Log
from diptych.provenance.manifest import journal_path, tree_status
from diptych.provenance.objects import object_stream

_NAMED = 3
_UNSEEN = (PRIVATE_LABEL, STREAM_LABEL)


@dataclass(frozen=True)
class PathStatus:
    """One sealed path: `unchanged`, `changed` or `missing`, and which files differ."""

    name: str
    index: int
    state: str
    changes: dict[str, JsonValue]

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `--json` shows."""
        return {
            "name": self.name,
            "index": self.index,
            "state": self.state,
            "changes": self.changes,
        }

    def text(self) -> str:
        """Return the state, naming the first files that differ."""
        named: list[str] = []
        for kind in ("changed", "removed", "added"):
            paths = self.changes.get(kind)
            if isinstance(paths, list):
                named += [f"{kind} {path}" for path in paths[:_NAMED]]
        return f"{self.state}: {', '.join(named)}" if named else self.state


@dataclass(frozen=True)
class WorkspaceStatus:
    """Sealed paths, the log's size, and the largest size that stands on a chain.

    `unseen` counts the private seals and streams, which this quick look cannot compare.
    """

    origin: str
    size: int
    anchored: int
    paths: tuple[PathStatus, ...]
    unseen: int = 0

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `--json` shows."""
        return {
            "origin": self.origin,
            "size": self.size,
            "anchored": self.anchored,
            "paths": [path.to_json() for path in self.paths],
            "unseen": self.unseen,
        }


def workspace_status(workspace: Workspace) -> WorkspaceStatus:
    """Compare every publicly sealed path with its newest seal, trusting size, times and inode."""
    with workspace.read_log() as log:
        anchors = list(read_anchors(workspace))
        return WorkspaceStatus(
            origin=log.origin,
            size=log.size,
            anchored=anchors[-1].size if anchors else 0,
            paths=tuple(_paths(workspace, log)),
            unseen=sum(len(log.labels(prefix)) for prefix in _UNSEEN),
        )


def _paths(workspace: Workspace, log: Log) -> Iterator[PathStatus]:
    for label, index in log.labels(PATH_LABEL).items():
        claim = record_at(log, index).statement.manifest
        if claim is None:
            continue
        name = label.removeprefix(PATH_LABEL)
        path = workspace.place.project / name
        if not path.exists():
            yield PathStatus(name, index, "missing", {})
            continue
        changes = tree_status(
            path,
            object_stream(workspace.objects, claim.object_digest.hex()),
            journal=journal_path(workspace.place.home, path),
            workers=workspace.settings.seal.workers,
            progress=workspace.progress,
        )
        state = "changed" if changes.total else "unchanged"
        yield PathStatus(name, index, state, changes.to_json())
