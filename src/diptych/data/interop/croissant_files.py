"""The local files of a Croissant description: each read once, copied, and held to its digest."""

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from diptych.core.files import make_folder
from diptych.data.interop.croissant import BadCroissant, Description, FileEntry
from diptych_verify.errors import DigestMismatch
from diptych_verify.hashing import Refused, open_regular
from diptych_verify.jsonio import shown
from diptych_verify.manifest import is_safe_path
from diptych_verify.walk import Problem, TreeWalk

CHUNK_BYTES = 1 << 20
_DIGESTS = {"sha256": re.compile(r"[0-9a-fA-F]{64}"), "md5": re.compile(r"[0-9a-fA-F]{32}")}
_SIZE = re.compile(r"([0-9]{1,18}) ?B?")


@dataclass(frozen=True)
class LocalFiles:
    """What was found.

    Attributes:
        paths: of the local files, sorted.
        remote: ids of entries that lie elsewhere and were not fetched.
        notes: what a reader should know, for example a stated size that is wrong.
    """

    paths: tuple[str, ...]
    remote: tuple[str, ...]
    notes: tuple[str, ...] = field(default=())


def copy_local(found: Description, folder: Path, target: Path | None) -> LocalFiles:
    """Check every local file against its digest and copy the very bytes that were checked.

    Args:
        found: the description.
        folder: that it stands in, to which its paths are relative.
        target: folder for the copies; None to check only.

    Raises:
        BadCroissant: a path leads out of the folder, or a local file has no usable digest.
        DigestMismatch: a file is missing or differs.
    """
    copier = _Copier(folder, target)
    try:
        for one in found.files:
            copier.take(one)
        return LocalFiles(tuple(sorted(copier.paths)), tuple(copier.remote), tuple(copier.notes))
    finally:
        copier.close()


class _Copier:
    """Reads below one open folder, never through a link."""

    def __init__(self, folder: Path, target: Path | None) -> None:
        self._root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._target = target
        self.paths: dict[str, str] = {}
        self.remote: list[str] = []
        self.notes: list[str] = []

    def close(self) -> None:
        """Close the folder."""
        os.close(self._root)

    def take(self, one: FileEntry) -> None:
        """Check and copy one entry, unless it lies elsewhere or in an archive."""
        if one.is_remote:
            self.remote.append(one.id)
        elif one.inside:
            return  # its archive has the digest
        elif one.kind == "FileSet":
            self._take_set(one)
        else:
            self._take_file(one)

    def _take_file(self, one: FileEntry) -> None:
        path = _safe(one.url, one.id)
        digest, md5, size = self._copy(path, one.id)
        if one.sha256:
            _require(one, "sha256", one.sha256, digest)
        if one.md5:
            _require(one, "md5", one.md5, md5)
        if not one.sha256:
            self.notes.append(f"{one.id}: MD5 is no protection against a swapped file")
        stated = _SIZE.fullmatch(one.size.strip())
        if stated and int(stated[1]) != size:
            self.notes.append(f"{one.id}: stated as {stated[1]} bytes, has {size}")

    def _take_set(self, one: FileEntry) -> None:
        patterns = [_pattern(_safe(text, one.id)) for text in one.includes]
        matched = [path for path in self._walk() if any(each.fullmatch(path) for each in patterns)]
        if not matched:
            raise DigestMismatch(
                f"no file here is in the set {shown(one.id)}",
                hint="fetch the data beside the description",
            )
        for path in matched:
            if path not in self.paths:
                self._copy(path, one.id)
        self.notes.append(f"{one.id}: {len(matched)} files, for which no digest is stated")

    def _walk(self) -> Iterator[str]:
        problems: list[Problem] = []
        for run in TreeWalk(self._root, report=problems.append):
            yield from (run.prefix + name for name in run.names)

    def _copy(self, path: str, name: str) -> tuple[str, str, int]:
        sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
        size = 0
        with os.fdopen(self._open(path, name), "rb") as stream, self._sink(path) as sink:
            while chunk := stream.read(CHUNK_BYTES):
                size += len(chunk)
                sha256.update(chunk)
                md5.update(chunk)
                sink.write(chunk)
        self.paths[path] = sha256.hexdigest()
        return sha256.hexdigest(), md5.hexdigest(), size

    def _sink(self, path: str) -> BinaryIO:
        if self._target is None:
            return Path(os.devnull).open("wb")
        make_folder((self._target / path).parent)
        return (self._target / path).open("wb")

    def _open(self, path: str, name: str) -> int:
        folder = os.dup(self._root)
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        *above, last = path.split("/")
        try:
            for part in above:
                below = os.open(part, flags, dir_fd=folder)
                os.close(folder)
                folder = below
            return open_regular(folder, last, path)[0]
        except (OSError, Refused) as error:
            why = error.problem.reason if isinstance(error, Refused) else "is not there"
            raise DigestMismatch(
                f"{shown(name)}: '{path}' {why}", hint="fetch the data beside the description"
            ) from None
        finally:
            os.close(folder)


def _safe(path: str, name: str) -> str:
    plain = path.removeprefix("./")
    if not is_safe_path(plain) or "\\" in plain or ":" in plain.partition("/")[0]:
        raise BadCroissant(f"{shown(name)}: got the path {shown(path)}, expected one below here")
    return plain


def _require(one: FileEntry, algorithm: str, stated: str, found: str) -> None:
    if _DIGESTS[algorithm].fullmatch(stated) is None:
        raise BadCroissant(f"{shown(one.id)}: got the {algorithm} {shown(stated)}, expected hex")
    if stated.lower() != found:
        raise DigestMismatch(
            f"{shown(one.id)}: '{one.url}' has {algorithm} {found}, the description says {stated}",
            hint="fetch the file again, or ask who describes it",
            path=one.url,
        )


def _pattern(text: str) -> "re.Pattern[str]":
    """Return a shell pattern over paths: `*` stays in a folder, `**` does not."""
    made = ""
    for part in re.split(r"(\*\*/|\*\*|\*|\?)", text):
        made += {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(
            part, re.escape(part)
        )
    return re.compile(made)
