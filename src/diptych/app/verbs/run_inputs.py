"""What a run uses: a path that is sealed now, or a record that exists already."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from diptych.app.verbs.records import PATH_LABEL, find_record, sealed_name
from diptych.app.verbs.replaying import Replay
from diptych.app.workspace import Workspace
from diptych.core.errors import UsageError, VerificationError
from diptych.provenance.activity.document import RunInput

ROLES = ("train", "test")
_PRIVATE = "private"


class NoPathKnown(UsageError):
    """An input was named by its record, so that nobody knows where its files are."""

    code = "Run.NoPathKnown"


@dataclass(frozen=True)
class Used(os.PathLike[str]):
    """One input of a run; works as a path if it was given as one.

    Attributes:
        reference: as it was named.
        record: hex record id.
        kind: of its record, for example `dataset` or `model`.
        path: where its files are; None if it was named by its record.
        role: `train` or `test`.
        stored_path: path in the project as it is recorded; empty if unknown, outside or private.
    """

    reference: str
    record: str
    kind: str
    path: Path | None = None
    stored_path: str = ""
    role: str = "train"

    @property
    def said(self) -> RunInput:
        """Its line in the run document: of a private seal neither name nor path."""
        reference = _PRIVATE if self.kind == _PRIVATE else self.reference
        return RunInput(reference, self.record, self.stored_path)

    def __fspath__(self) -> str:
        if self.path is None:
            raise NoPathKnown(
                f"'{self.reference}' was named by its record", hint="use the path of its files"
            )
        return str(self.path)

    def __truediv__(self, inner: str) -> Path:
        return Path(self) / inner

    def read_bytes(self) -> bytes:
        """Return the file's content, as `Path.read_bytes` does."""
        return Path(self).read_bytes()

    def read_text(self, encoding: str = "utf-8") -> str:
        """Return the file's text, as `Path.read_text` does."""
        return Path(self).read_text(encoding)


def use(
    workspace: Workspace,
    what: object,
    *,
    private: bool = False,
    role: str = "train",
    replay: Replay | None = None,
) -> Used:
    """Find or seal one input.

    Args:
        workspace: where the log stands.
        what: a path, a reference, or anything with a `record`.
        private: seal a path privately.
        role: `train` or `test`.
        replay: plan of the replay that this is part of.

    Raises:
        NoSuchRecord: it names nothing.
        CannotScan: the path holds what cannot be sealed.
    """
    record = getattr(what, "record", None)
    reference = _reference(what, record)
    if replay is not None and reference in replay.inputs:
        placed = _sealed(workspace, reference, replay.inputs[reference], private=private)
        return replace(placed, role=role)
    if not isinstance(record, str) and (workspace.start / reference).exists():
        return replace(_sealed(workspace, reference, reference, private=private), role=role)
    with workspace.read_log() as log:
        found = find_record(workspace, log, record if isinstance(record, str) else reference)
    path = getattr(what, "path", None)
    return Used(
        reference,
        found.record,
        found.statement.kind,
        path if isinstance(path, Path) else None,
        _stored(workspace, path) if isinstance(path, Path) else "",
        role,
    )


def _reference(what: object, record: object) -> str:
    if isinstance(what, str | os.PathLike) and not isinstance(record, str):
        return os.fspath(what)
    named = getattr(what, "reference", None) or getattr(what, "name", None)
    return named if isinstance(named, str) else str(record or what)


def _sealed(workspace: Workspace, reference: str, path: str, *, private: bool) -> Used:
    place = workspace.start / path
    if private or _is_private(workspace, path):
        return Used(reference, _private_record(workspace, path), _PRIVATE, place)
    sealed = workspace.seal(path)
    return Used(reference, sealed.record, "dataset", place, _stored(workspace, place))


def _is_private(workspace: Workspace, path: str) -> bool:
    """Say whether a path is known as a private seal only: then it must never be sealed publicly."""
    with workspace.read_log() as log:
        if log.label(PATH_LABEL + sealed_name(workspace, path)) is not None:
            return False
        if not (workspace.place.private / "private.sqlite").exists():
            return False
        from diptych.app.verbs.private import private_label

        return log.label(private_label(workspace, path)) is not None


def _private_record(workspace: Workspace, path: str) -> str:
    """Return the newest private seal of a path if it still holds, else a new one."""
    if _is_private(workspace, path):
        try:
            workspace.verify(path)
        except VerificationError:
            pass
        else:
            with workspace.read_log() as log:
                return find_record(workspace, log, path, private=True).record
    return workspace.seal(path, private=True).record


def _stored(workspace: Workspace, path: Path) -> str:
    name = sealed_name(workspace, path)
    return "" if name.startswith("/") else name
