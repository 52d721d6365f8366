"""Sources as they stood in a commit, taken out of git: raw objects, no filters, no attributes.

`git archive` and checkouts obey attributes and filters that the sources bring along, by which a
file could be left out of a review; `ls-tree` and `cat-file` do not.
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from diptych.audit.source.files import MAX_FILE_BYTES, SUFFIXES
from diptych.core.errors import EnvironmentFault, UsageError

__all__ = ["Revision", "read_revision", "repository_root"]

_CONFIG = ("foundry.toml", "remappings.txt", "package.json")
_MAX_FILES = 50_000
_MAX_BYTES = 512 << 20
_TIMEOUT_S = 120.0
_PLAIN = {"GIT_NO_REPLACE_OBJECTS": "1", "GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0"}
"""Objects as they are, from this machine; nothing is fetched or written."""
_FILE_MODES = frozenset({"100644", "100755"})


class BadRange(UsageError):
    """A range of commits is not written as REV..REV, or git knows no such commit."""

    code = "Audit.BadRange"


class GitFailed(EnvironmentFault):
    """git is not installed, not in a repository, or failed."""

    code = "Audit.GitFailed"


@dataclass(frozen=True)
class Revision:
    """Sources of one commit.

    Attributes:
        commit: hex id.
        blobs: ids of the objects of sources and project files, by path.
        folder: where they were written to.
    """

    commit: str
    blobs: Mapping[str, str]
    folder: Path

    @property
    def sources(self) -> list[Path]:
        """The source files, in the order of their names."""
        return [self.folder / name for name in sorted(self.blobs) if name.endswith(SUFFIXES)]


def repository_root(folder: Path) -> Path:
    """Return the top of the repository that a folder stands in.

    Raises:
        GitFailed: there is none, or no git.
    """
    return Path(_git(folder, ["rev-parse", "--show-toplevel"]).decode().rstrip("\n"))


def commits_of(root: Path, text: str) -> tuple[str, str]:
    """Return the commits of `A..B`; `A` and `A..` mean up to HEAD.

    Raises:
        BadRange: it is written in another way, or names no commits.
    """
    first, dots, last = text.partition("..")
    if not first or last.startswith((".", "-")) or first.startswith("-"):
        raise BadRange(
            f"got '{text[:100]}', expected REV..REV", hint="diptych audit diff main..HEAD"
        )
    del dots
    found = [_commit(root, each) for each in (first, last or "HEAD")]
    return found[0], found[1]


def _commit(root: Path, name: str) -> str:
    words = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"]
    try:
        return _git(root, words).decode().strip()
    except GitFailed as error:
        raise BadRange(f"git knows no commit '{name[:100]}' here") from error


def read_revision(root: Path, commit: str, folder: Path) -> Revision:
    """Write the sources of a commit, and what says where imports lead, into a folder.

    Args:
        root: top of the repository.
        commit: hex id.
        folder: an empty folder.

    Raises:
        GitFailed: git failed, or there is too much.
    """
    listed = _git(root, ["ls-tree", "-r", "-z", "-l", "--full-tree", commit])
    blobs: dict[str, str] = {}
    total = 0
    for row in listed.split(b"\0")[:-1]:
        about, _, raw = row.partition(b"\t")
        mode, _, oid, size = about.decode().split()
        name = raw.decode("utf-8", "replace")
        wanted = name.endswith(SUFFIXES) or Path(name).name in _CONFIG
        if wanted and mode in _FILE_MODES and int(size) <= MAX_FILE_BYTES and _is_plain(name):
            blobs[name] = oid
            total += int(size)
    if len(blobs) > _MAX_FILES or total > _MAX_BYTES:
        raise GitFailed(f"got {len(blobs):,} files with {total >> 20} MiB, expected fewer")
    (folder / ".git").mkdir()  # marks the root that imports may not leave
    for name, content in zip(blobs, _contents(root, list(blobs.values())), strict=True):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return Revision(commit, blobs, folder)


def _is_plain(name: str) -> bool:
    """Whether a path stays below where it is written; only crafted trees hold others."""
    parts = name.split("/")
    return not any(part in ("", ".", "..") or part.lower() == ".git" for part in parts)


def _contents(root: Path, oids: Sequence[str]) -> list[bytes]:
    raw = _git(root, ["cat-file", "--batch"], "".join(f"{oid}\n" for oid in oids).encode())
    found: list[bytes] = []
    at = 0
    for oid in oids:
        end = raw.find(b"\n", at)
        head = raw[at:end].decode().split()
        if len(head) != 3 or head[:2] != [oid, "blob"]:
            raise GitFailed(f"git has no object {oid}")
        start, size = end + 1, int(head[2])
        found.append(raw[start : start + size])
        at = start + size + 1
    return found


def _git(folder: Path, words: Sequence[str], given: bytes = b"") -> bytes:
    command = ["git", "-C", str(folder), *words]
    environ = {**os.environ, **_PLAIN}
    try:
        done = subprocess.run(
            command, input=given, capture_output=True, check=False, timeout=_TIMEOUT_S, env=environ
        )
    except FileNotFoundError as error:
        raise GitFailed("git is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise GitFailed(f"git {words[0]} took more than {_TIMEOUT_S:.0f} s") from error
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise GitFailed(f"git {words[0]}: {said[:200]}", hint="run it inside of a git repository")
    return done.stdout
