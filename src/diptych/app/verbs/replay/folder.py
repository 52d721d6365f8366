"""The folder of a replay: code, data and a throw-away workspace, each recorded or as it is now."""

import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from diptych.app.verbs.records import Record, record_at
from diptych.app.workspace import Workspace
from diptych.core.errors import UsageError, VerificationError
from diptych.provenance.activity.code import Code, diff_bytes, diff_digest, git, source_digest
from diptych.provenance.activity.document import RunDocument, RunInput
from diptych.provenance.activity.drift import RECORDED
from diptych.provenance.objects import object_stream
from diptych_verify.manifest import ManifestEntry, is_safe_path, read_manifest

_TEXTS = (".py", ".toml", ".json", ".yaml", ".yml", ".cfg", ".ini", ".txt")
_MAX_TEXT_BYTES = 1 << 20
_MAX_FILES = 20_000
_CHUNK_BYTES = 1 << 20


class NotReplayable(UsageError):
    """A run cannot be started again: by its entry, a masked secret, or an input that is gone."""

    code = "Run.NotReplayable"


@dataclass(frozen=True)
class ReplayInput:
    """One input of the recorded run.

    Attributes:
        said: its line in the run document.
        record: its record.
        path: where it stands in the project and in the replay.
        entries: its files, empty if its record has no manifest.
    """

    said: RunInput
    record: Record
    path: str
    entries: tuple[ManifestEntry, ...]

    @property
    def is_file(self) -> bool:
        """Whether a single file was sealed, whose plain digest then stands in the record."""
        return "sha256" in self.record.statement.subjects[0].digests


def replay_inputs(workspace: Workspace, document: RunDocument) -> tuple[ReplayInput, ...]:
    """Return the inputs of a run with what is known of their content.

    Raises:
        NotReplayable: an input was sealed privately.
    """
    found = []
    with workspace.read_log() as log:
        for number, said in enumerate(document.inputs):
            index = log.find(bytes.fromhex(said.record))
            if index is None:
                raise NotReplayable(f"input {said.reference}: its record is not in this log")
            record = record_at(log, index)
            if record.statement.kind == "private":
                raise NotReplayable(
                    f"input {said.record[:16]} is sealed privately: its name is not recorded",
                    hint="run the activity again by hand",
                )
            path = said.path or _sealed_path(record, document) or f"inputs-of-replay/{number}"
            found.append(ReplayInput(said, record, path, _entries(workspace, record)))
    return tuple(found)


def _sealed_path(record: Record, document: RunDocument) -> str:
    """Return where an input that was named by its record was sealed: code reads it from there.

    Never the place of code: what a record calls itself must not decide what is executed.
    """
    name = record.name
    sources = document.capture.code.sources if document.capture else ()
    code = any(f"{path}/".startswith(f"{name}/") for path, _ in sources)
    safe = record.statement.kind == "dataset" and is_safe_path(name) and not name.startswith(".")
    return name if safe and not code and not name.endswith(".py") else ""


def _entries(workspace: Workspace, record: Record) -> tuple[ManifestEntry, ...]:
    manifest = record.statement.predicate.get("manifest")
    name = manifest.get("object") if isinstance(manifest, dict) else None
    if not isinstance(name, str):
        return ()
    return tuple(read_manifest(object_stream(workspace.objects, name)))


def is_stored(workspace: Workspace, one: ReplayInput) -> bool:
    """Tell whether the content of an input was kept when it was sealed (`seal --store`)."""
    return bool(one.entries) and all(
        workspace.objects.has(entry.digests[0].hex()) for entry in one.entries
    )


def still_holds(workspace: Workspace, one: ReplayInput) -> bool:
    """Tell whether an input stands in the project as it was sealed."""
    place = workspace.place.project / one.path
    if not place.exists():
        return False
    try:
        workspace.verify(one.record.record, path=place)
    except VerificationError:
        return False
    return True


def lay_data(
    workspace: Workspace, inputs: tuple[ReplayInput, ...], folder: Path, *, state: str
) -> None:
    """Put the inputs into a replay's folder.

    Args:
        workspace: where they are kept.
        inputs: what the run used.
        folder: the replay's project folder.
        state: `recorded` takes stored content where there is any.

    Raises:
        NotReplayable: an input is neither stored nor in the project.
    """
    for one in inputs:
        target, source = folder / one.path, workspace.place.project / one.path
        _remove(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        if (state == RECORDED or not source.exists()) and is_stored(workspace, one):
            _restore(workspace, one, target)
        elif source.is_dir():
            shutil.copytree(source, target)
        elif source.is_file():
            shutil.copyfile(source, target)
        else:
            raise NotReplayable(
                f"input {one.said.reference} is neither stored nor at {one.path}",
                hint="diptych seal --store PATH keeps the content",
            )


def _restore(workspace: Workspace, one: ReplayInput, target: Path) -> None:
    for entry in one.entries:
        place = target if one.is_file else target / entry.path
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("wb") as stream:
            stream.writelines(workspace.objects.read(entry.digests[0].hex()))


def lay_code(project: Path, code: Code, folder: Path, *, state: str) -> bool:
    """Put the code into a replay's folder and tell whether it is as it was recorded.

    Args:
        project: where the code stands now.
        code: as it was recorded.
        folder: the replay's project folder.
        state: `recorded` takes the commit, the same uncommitted changes, and unchanged files.
    """
    if state != RECORDED or not (code.commit and _check_out(project, code, folder)):
        _copy_texts(project, folder)
    for path, digest in code.sources:
        here, there = project / path, folder / path
        if state == RECORDED and source_digest(there) == digest:
            continue
        if here.is_file() and (state != RECORDED or source_digest(here) == digest):
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(here, there)
    return all(source_digest(folder / path) == digest for path, digest in code.sources)


def _check_out(project: Path, code: Code, folder: Path) -> bool:
    """Lay out a commit, and what was not committed if it still is there."""
    if git(project, "cat-file", "-e", f"{code.commit}^{{commit}}") is None:
        return False
    archive = folder / ".git-archive.tar"
    with archive.open("wb") as stream:
        words = ["git", "-C", os.fspath(project), "archive", "--format=tar", code.commit]
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.DEVNULL, check=False
        )
    if done.returncode == 0:
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
    archive.unlink()
    if done.returncode != 0:
        return False
    if code.diff and code.diff == diff_digest(project):
        _apply(diff_bytes(project), folder)
    return True


def _apply(patch: bytes, folder: Path) -> None:
    words = ["git", "apply", "--whitespace=nowarn", "-"]
    environ = {**os.environ, "GIT_CEILING_DIRECTORIES": os.fspath(folder.parent)}
    subprocess.run(words, cwd=folder, env=environ, input=patch, capture_output=True, check=False)


def _copy_texts(project: Path, folder: Path) -> None:
    """Copy the project's code and small settings; data come from the inputs."""
    for path in _texts(project):
        target = folder / path.relative_to(project)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def _texts(project: Path) -> Iterator[Path]:
    count = 0
    for where, folders, names in os.walk(project):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in {"node_modules", "__pycache__"}
            and not Path(where, name, "pyvenv.cfg").exists()
        )
        for name in sorted(names):
            path = Path(where, name)
            if path.suffix in _TEXTS and path.is_file() and not path.is_symlink():
                count += 1
                if count > _MAX_FILES:
                    return
                if path.stat().st_size <= _MAX_TEXT_BYTES:
                    yield path


def _remove(target: Path) -> None:
    if target.is_dir():
        shutil.rmtree(target)
    else:
        target.unlink(missing_ok=True)


def facts_of_data(inputs: tuple[ReplayInput, ...]) -> Mapping[str, str]:
    """Return the recorded root of every input by reference."""
    return {one.said.reference: root_of(one.record) for one in inputs}


def root_of(record: Record) -> str:
    """Return the root of a record's manifest, or the record id where it has none."""
    manifest = record.statement.predicate.get("manifest")
    root = manifest.get("root") if isinstance(manifest, dict) else None
    return root if isinstance(root, str) else record.record
