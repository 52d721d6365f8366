"""Which code ran: commit, digest of what differs from it, and the project's own source files.

Git is asked only if a repository is there, with everything off that would run a program of the
repository's choice.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

from diptych.core.errors import JsonValue, MalformedError
from diptych_verify.jsonio import ObjectReader, decode_hex
from diptych_verify.manifest import is_safe_path

_GIT = ("git", "-c", "core.fsmonitor=false", "-c", "diff.noprefix=false", "--no-pager")
_DIFF = ("diff", "HEAD", "--binary", "--no-color", "--no-ext-diff", "--no-textconv", "--relative")
_TIMEOUT_S = 20.0
_MAX_DIFF_BYTES = 64 << 20
_MAX_SOURCE_BYTES = 8 << 20
MAX_SOURCES = 1_000


@dataclass(frozen=True)
class Code:
    """The code of a run.

    Attributes:
        commit: hex git commit; empty outside a repository.
        diff: hex SHA-256 of what tracked files differ from the commit by; empty if clean.
        sources: (path in the project, hex SHA-256) of the project's files that were loaded.
    """

    commit: str = ""
    diff: str = ""
    sources: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, JsonValue]:
        """Return its part of the run document."""
        return {
            "commit": self.commit,
            "diff": self.diff,
            "sources": [[path, digest] for path, digest in self.sources],
        }

    @classmethod
    def parse(cls, reader: ObjectReader) -> "Code":
        """Read its part of a run document.

        Raises:
            MalformedError: a field is missing or wrong, or a path would leave the project.
        """
        commit, diff = (reader.text(name, max_characters=64) for name in ("commit", "diff"))
        for name, text in (("commit", commit), ("diff", diff)):
            decode_hex(text, where=f"{reader.where}.{name}")
        sources = tuple(map(_source, reader.items("sources", maximum=MAX_SOURCES)))
        reader.done()
        return cls(commit, diff, sources)

    def loaded(self, project: Path, modules: Mapping[str, ModuleType] | None = None) -> "Code":
        """Return this code with the project's source files that are loaded by now."""
        return replace(self, sources=tuple(_loaded(project, modules or sys.modules)))


def take_code(project: Path) -> Code:
    """Return commit and difference of the project; empty where git cannot tell."""
    if not any((folder / ".git").exists() for folder in (project, *project.parents)):
        return Code()
    status = git(project, "status", "--porcelain=v2", "--branch", "--untracked-files=no", "--", ".")
    if status is None:
        return Code()
    lines = status.decode(errors="replace").splitlines()
    commit = next((li.split()[-1] for li in lines if li.startswith("# branch.oid ")), "")
    if not commit or commit == "(initial)":
        return Code()
    if all(line.startswith("#") for line in lines):
        return Code(commit)
    return Code(commit, diff_digest(project))


def diff_digest(project: Path) -> str:
    """Return the hex SHA-256 of what tracked files differ from the commit by; empty if unknown."""
    diff = git(project, *_DIFF, "--", ".")
    return hashlib.sha256(diff).hexdigest() if diff else ""


def diff_bytes(project: Path) -> bytes:
    """Return what tracked files differ from the commit by, as a patch."""
    return git(project, *_DIFF, "--", ".") or b""


def git(project: Path, *words: str) -> bytes | None:
    """Return what git prints, None if it fails, hangs, is missing or prints above 64 MiB."""
    environ = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
    environ |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            [*_GIT, "-C", os.fspath(project), *words],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 and len(done.stdout) <= _MAX_DIFF_BYTES else None


def source_digest(path: Path) -> str:
    """Return the hex SHA-256 of a source file; empty if it cannot be read or is above 8 MiB."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(_MAX_SOURCE_BYTES + 1)
    except OSError:
        return ""
    return "" if len(raw) > _MAX_SOURCE_BYTES else hashlib.sha256(raw).hexdigest()


def _loaded(project: Path, modules: Mapping[str, ModuleType]) -> Iterator[tuple[str, str]]:
    root = os.path.realpath(project)
    found = {path for path in map(os.path.realpath, _files(modules.values())) if _own(path, root)}
    for path in sorted(found)[:MAX_SOURCES]:
        digest = source_digest(Path(path))
        if digest:
            yield os.path.relpath(path, root).replace(os.sep, "/"), digest


def _files(modules: Iterable[ModuleType]) -> Iterator[str]:
    for module in list(modules):
        try:
            # Lazy modules would load on ordinary access.
            name = object.__getattribute__(module, "__dict__").get("__file__")
        except AttributeError:
            continue
        if isinstance(name, str) and name.endswith(".py"):
            yield name


def _own(path: str, root: str) -> bool:
    """Say whether a file is the project's own: not in a virtual environment or hidden folder."""
    if not path.startswith(root + os.sep) or path.startswith(os.path.realpath(sys.prefix) + os.sep):
        return False
    inner = path[len(root) + 1 :].split(os.sep)
    return not any(part.startswith(".") or part == "site-packages" for part in inner)


def _source(value: JsonValue) -> tuple[str, str]:
    match value:
        case [str(path), str(digest)] if is_safe_path(path):
            decode_hex(digest, size=32, where="run.code.sources")
            return path, digest
    raise MalformedError("run.code.sources: expected [safe path, SHA-256]")
