"""An exported model read into memory: a folder or a zip, with nothing in it but its parts."""

import io
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from diptych.models.errors import BadPackage
from diptych.models.folder import MAX_MODEL_BYTES
from diptych_verify.hashing import Refused, open_regular
from diptych_verify.manifest import is_safe_path
from diptych_verify.walk import Problem, TreeWalk

MAX_FILES = 100_000
BUNDLE = "bundle.diptych.json"
CARD = "card.json"
TENSORS = "tensors.jsonl"
CARD_TEXT = "card.md"
FILES = "files/"
_KNOWN = frozenset({BUNDLE, CARD, TENSORS, CARD_TEXT})


@dataclass(frozen=True)
class Package:
    """The parts of an exported model; nothing is verified yet.

    Attributes:
        bundle: the proof.
        card: canonical JSON.
        content: the model's files by path.
    """

    bundle: bytes
    card: bytes
    content: dict[str, bytes]


def read_package(path: Path) -> Package:
    """Read an export.

    Raises:
        BadPackage: a part is missing, unknown or unsafe, or it is too large.
    """
    parts = _read_folder(path) if path.is_dir() else _read_zip(path)
    content = {}
    for name, raw in parts.items():
        if name.startswith(FILES):
            content[name.removeprefix(FILES)] = raw
        elif name not in _KNOWN:
            raise BadPackage(f"'{name[:200]}' does not belong to an exported model")
    missing = [name for name in (BUNDLE, CARD) if name not in parts]
    if missing or not content:
        raise BadPackage(
            f"the export lacks {', '.join(missing) or 'the files of the model'}",
            hint="diptych model export writes all parts",
        )
    return Package(parts[BUNDLE], parts[CARD], content)


def _read_folder(path: Path) -> dict[str, bytes]:
    problems: list[Problem] = []
    found: dict[str, bytes] = {}
    budget = _Budget()
    root = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for run in TreeWalk(root, report=problems.append):
            for name in run.names:
                found[run.prefix + name] = _read_file(run.folder, name, run.prefix + name, budget)
    except Refused as refused:
        problems.append(refused.problem)
    finally:
        os.close(root)
    if problems:
        raise BadPackage(f"'{problems[0].path}' {problems[0].reason}")
    return found


def _read_file(folder: int, name: str, path: str, budget: "_Budget") -> bytes:
    descriptor, state = open_regular(folder, name, path)
    with os.fdopen(descriptor, "rb") as stream:
        budget.take(state.st_size)
        return stream.read(state.st_size)


def _read_zip(path: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            return dict(_members(archive))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, RuntimeError) as error:
        raise BadPackage(f"{path.name} is no folder and no readable zip: {error}") from None


def _members(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    budget = _Budget()
    seen: set[str] = set()
    for member in archive.infolist():
        if member.is_dir():
            continue
        if not is_safe_path(member.filename) or "\\" in member.filename:
            raise BadPackage(f"the zip holds the unsafe path '{member.filename[:200]}'")
        if member.filename in seen:
            raise BadPackage(f"the zip holds '{member.filename[:200]}' twice")
        seen.add(member.filename)
        budget.take(member.file_size)
        with archive.open(member) as stream:
            raw = stream.read(member.file_size + 1)
        if len(raw) != member.file_size:
            raise BadPackage(f"'{member.filename[:200]}' is longer than the zip says")
        yield member.filename, raw


class _Budget:
    """Counts files and bytes, and refuses too many."""

    def __init__(self) -> None:
        self._files = self._bytes = 0

    def take(self, size: int) -> None:
        self._files += 1
        self._bytes += size
        if self._files > MAX_FILES or self._bytes > MAX_MODEL_BYTES:
            raise BadPackage(f"the export holds more than {MAX_FILES} files or too many bytes")
