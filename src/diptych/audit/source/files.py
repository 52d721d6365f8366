"""Source files on disk: which belong to a scan, and their bytes, within limits."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from diptych.audit.errors import NothingToScan
from diptych.audit.source.text import SourceText

__all__ = ["MAX_FILE_BYTES", "SUFFIXES", "find_sources", "read_source"]

MAX_FILE_BYTES = 4 << 20
MAX_FILES = 50_000
SUFFIXES = (".sol", ".vy", ".vyi", ".hex")
_SKIPPED = frozenset({"node_modules", ".git", "artifacts", "cache", "out"})


def find_sources(paths: Iterable[Path]) -> list[Path]:
    """List the Solidity, Vyper and bytecode files below the paths, each once, in order of names.

    A file that is named is taken whatever its ending; folders of builds and packages are passed
    over unless they are named themselves; links are not followed.

    Raises:
        NothingToScan: a path does not exist, or no file is there.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            found.update(dict.fromkeys(_below(path)))
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
    return list(found)


def _below(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(each for each in folders if each not in _SKIPPED)
        for name in sorted(files):
            path = Path(parent) / name
            if name.endswith(SUFFIXES) and path.is_file():
                yield path


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
