"""Source files on disk: which belong to a scan, and their bytes, within limits."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from diptych.audit.errors import NothingToScan
from diptych.audit.source.scope import Scoper
from diptych.audit.source.text import SourceText
from diptych_verify.wording import counted

__all__ = [
    "MAX_FILE_BYTES",
    "SUFFIXES",
    "Survey",
    "find_sources",
    "passed_notice",
    "read_source",
    "survey",
]

MAX_FILE_BYTES = 4 << 20
MAX_FILES = 50_000
_BYTECODE = (".hex", ".bin", ".bin-runtime")
SUFFIXES = (".sol", ".vy", ".vyi", *_BYTECODE)
_BUILT = "compiled code"
_SKIPPED = frozenset({"node_modules", ".git", "artifacts", "cache", "out"})


class Survey(NamedTuple):
    """Files to scan, and how many were passed over, by what they are for."""

    paths: list[Path]
    passed: Mapping[str, int]

    @property
    def notice(self) -> str:
        """One line on what was passed over, empty if nothing was."""
        return passed_notice(self.passed)


def passed_notice(passed: Mapping[str, int]) -> str:
    """Say how many files were passed over."""
    counts = ", ".join(f"{count} in {kind}" for kind, count in sorted(passed.items()) if count)
    total = counted(sum(passed.values()), "file")
    return f"passed over {total} ({counts}); --all scans them, too" if counts else ""


def find_sources(paths: Iterable[Path], *, everything: bool = False) -> list[Path]:
    """List the files to scan; see `survey`."""
    return survey(paths, everything=everything).paths


def survey(paths: Iterable[Path], *, everything: bool = False) -> Survey:
    """List the Solidity, Vyper and bytecode files below the paths, each once, in order of names.

    A file that is named is taken whatever its ending; folders of builds and packages are passed
    over unless they are named themselves; links are not followed. Of a project with the
    configuration of a build tool only its own sources are taken, where it has any; and the bytecode
    that an npm package ships beside its sources is passed over.

    Args:
        paths: files and folders.
        everything: take a project's tests, scripts, mocks, libraries and compiled code, too.

    Raises:
        NothingToScan: a path does not exist, or no file is there.
    """
    found: dict[Path, None] = {}
    passed: Counter[str] = Counter()
    for path in paths:
        if path.is_dir():
            found.update(dict.fromkeys(_own(path, passed, everything=everything)))
        elif path.is_file():
            found[path] = None
        else:
            raise NothingToScan(f"got path '{path}', expected a file or folder that exists")
        if len(found) > MAX_FILES:
            raise NothingToScan(
                f"got more than {MAX_FILES:,} files below '{path}'",
                hint="name the folders that matter",
            )
    if not found:
        raise NothingToScan(
            f"got no Solidity or Vyper file ({', '.join(SUFFIXES)}) in what was named",
            hint="name a file, or a folder with .sol or .vy files",
        )
    return Survey(list(found), passed)


def _own(folder: Path, passed: Counter[str], *, everything: bool) -> list[Path]:
    """List a folder's files without those that a project has for another purpose."""
    scoper, named = Scoper(), folder.resolve()
    every = list(islice(_below(folder), MAX_FILES + 1))
    if everything or len(every) > MAX_FILES:
        return every
    has_sources = not all(path.name.endswith(_BYTECODE) for path in every)
    kinds: dict[Path, str] = {}
    for path in every:
        full = named / path.relative_to(folder)
        is_built = has_sources and path.name.endswith(_BYTECODE)
        is_built = is_built and scoper.in_package(full.parent, named)
        kinds[path] = _BUILT if is_built else scoper.kind(full, named)
    if all(kinds.values()):  # a project with nothing else is scanned whole
        kinds = {path: kind if kind == _BUILT else "" for path, kind in kinds.items()}
    passed.update(kind for kind in kinds.values() if kind)
    return [path for path, kind in kinds.items() if not kind]


def _below(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(each for each in folders if each not in _SKIPPED)
        for name in sorted(files):
            path = Path(parent) / name
            if name.endswith(SUFFIXES) and path.is_file():
                yield path
    if folder.name == "build-info":
        yield from sorted(path for path in folder.glob("*.json") if path.is_file())


def read_source(path: Path) -> tuple[SourceText, tuple[str, ...]]:
    """Read a file; what goes wrong comes back as reasons why its analysis is partial."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        return SourceText(str(path), b""), (f"cannot be read: {error.strerror}",)
    reasons: list[str] = []
    if len(data) > MAX_FILE_BYTES:
        reasons.append(f"only the first {MAX_FILE_BYTES >> 20} MiB were read")
        data = data[:MAX_FILE_BYTES]
    if b"\x00" in data[:1024]:
        return SourceText(str(path), b""), ("not a text file",)
    return SourceText(str(path), data), tuple(reasons)
