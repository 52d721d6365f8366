"""Walk a folder in manifest order, in bounded memory, and name what cannot be sealed.

Nothing is skipped silently: whatever is not a readable regular file becomes a `Problem`, unless an
ignore rule covers it. Folders named `.git` and `.diptych` are never part of a manifest.
"""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from diptych_verify.errors import DiptychError, JsonValue

ALWAYS_IGNORED = frozenset({".diptych", ".git"})
MAX_DEPTH = 200
MAX_PATH_LENGTH = 8_000
PROBLEM_LIMIT = 100
RUN_FILES = 256
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_KINDS = {
    stat.S_IFLNK: "symbolic link",
    stat.S_IFIFO: "named pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFBLK: "block device",
    stat.S_IFCHR: "character device",
}


class CannotScan(DiptychError):
    """A folder holds things that no manifest can cover; `details` lists each with its reason."""

    code: ClassVar[str] = "Manifest.CannotScan"


class FileChanged(CannotScan):
    """A file changed while it was being read."""

    code = "Manifest.FileChanged"


@dataclass(frozen=True, slots=True)
class Problem:
    """One path that cannot be part of a manifest.

    Attributes:
        path: relative to the scanned folder, printable.
        kind: `link`, `special`, `unreadable`, `name`, `vanished`, `changed` or `depth`.
        reason: what was found and what to do, as half a sentence.
    """

    path: str
    kind: str
    reason: str


class Problems:
    """Collect problems so that a user sees them together.

    Args:
        limit: how many to collect before giving up early.
    """

    def __init__(self, limit: int = PROBLEM_LIMIT) -> None:
        self.found: list[Problem] = []
        self._limit = limit

    def __call__(self, problem: Problem) -> None:
        """Add one problem.

        Raises:
            CannotScan: the limit is reached.
        """
        self.found.append(problem)
        if len(self.found) >= self._limit:
            self.check()

    def check(self) -> None:
        """Raise if anything was collected.

        Raises:
            FileChanged: files changed while they were read, and nothing else was wrong.
            CannotScan: anything else.
        """
        if self.found:
            raise cannot_scan(self.found)


def cannot_scan(problems: Sequence[Problem]) -> CannotScan:
    """Return the error that lists problems (at least one)."""
    first = problems[0]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    changed = all(problem.kind == "changed" for problem in problems)
    hint = "fix or remove what is listed, or name it in the ignore file"
    if changed:
        hint = "run again when nothing writes to the folder"
    rows: list[JsonValue] = [
        {"path": problem.path, "kind": problem.kind, "reason": problem.reason}
        for problem in problems
    ]
    kind = FileChanged if changed else CannotScan
    return kind(f"'{first.path}' {first.reason}{more}", hint=hint, problems=rows)


class Ignore(Protocol):
    """Decide whether a path stays outside the manifest."""

    def __call__(self, path: str, *, folder: bool) -> bool:
        """Return True to leave out `path` (with all below it, if it is a folder)."""
        ...


@dataclass
class IgnoredPaths:
    """Tally of what ignore rules left out; a left-out folder counts once."""

    count: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, path: str) -> None:
        """Count one path and remember the first hundred."""
        self.count += 1
        if len(self.first) < PROBLEM_LIMIT:
            self.first.append(path)


@dataclass(frozen=True, slots=True)
class Run:
    """Up to 256 neighbouring files of one folder; `folder` is open until the next run."""

    folder: int
    prefix: str
    names: list[str]


_Level = tuple[int, str, Iterator[str]]


class TreeWalk:
    """Depth-first walk below an open folder whose runs are in byte order of full paths.

    Within a folder, sorting names with `/` appended to folders gives exactly that order, because
    the code points of valid UTF-8 sort like its bytes. Memory holds the names of the folders on
    the current path only.
    """

    def __init__(
        self,
        root: int,
        *,
        report: Callable[[Problem], None],
        ignore: Ignore | None = None,
        ignored: IgnoredPaths | None = None,
    ) -> None:
        self._root = root
        self._report = report
        self._ignore = ignore
        self._ignored = ignored or IgnoredPaths()

    def __iter__(self) -> Iterator[Run]:
        stack: list[_Level] = []
        try:
            self._enter(stack, os.dup(self._root), "")
            while stack:
                folder, prefix, names = stack[-1]
                batch: list[str] = []
                below = self._collect(names, batch)
                if batch:
                    yield Run(folder, prefix, batch)
                if below:
                    self._descend(stack, below)
                elif not batch:
                    stack.pop()
                    os.close(folder)
        finally:
            for folder, _, _ in stack:
                os.close(folder)

    @staticmethod
    def _collect(names: Iterator[str], batch: list[str]) -> str:
        for name in names:
            if name[-1] == "/":
                return name
            batch.append(name)
            if len(batch) == RUN_FILES:
                break
        return ""

    def _descend(self, stack: list[_Level], name: str) -> None:
        parent, prefix, _ = stack[-1]
        path = prefix + name
        if len(stack) > MAX_DEPTH or len(path) > MAX_PATH_LENGTH:
            self._report(Problem(shown(path), "depth", "is nested too deeply to be sealed"))
            return
        try:
            folder = os.open(name[:-1], _FOLDER_FLAGS, dir_fd=parent)
        except OSError as error:
            self._report(os_problem(path, error))
            return
        self._enter(stack, folder, path)

    def _enter(self, stack: list[_Level], folder: int, prefix: str) -> None:
        stack.append((folder, prefix, iter(())))  # closed by the walk, whatever happens next
        stack[-1] = (folder, prefix, iter(self._names(folder, prefix)))

    def _names(self, folder: int, prefix: str) -> list[str]:
        names: list[str] = []
        problems: list[Problem] = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    problem = self._add(entry, prefix, names)
                    if problem is not None:
                        problems.append(problem)
                    if len(problems) >= PROBLEM_LIMIT:
                        self._tell(problems)
        except OSError as error:
            problems.append(os_problem(prefix or ".", error))
        self._tell(problems)
        names.sort()
        return names

    def _tell(self, problems: list[Problem]) -> None:
        for problem in sorted(problems, key=lambda problem: problem.path):
            self._report(problem)
        problems.clear()

    def _add(self, entry: os.DirEntry[str], prefix: str, names: list[str]) -> Problem | None:
        name = entry.name
        is_file = entry.is_file(follow_symlinks=False)
        is_folder = not is_file and entry.is_dir(follow_symlinks=False)
        if is_folder and name in ALWAYS_IGNORED:
            return None
        if self._ignore is not None and self._ignore(prefix + name, folder=is_folder):
            self._ignored.add(prefix + name)
        elif not name.isascii() and not is_utf8(name):
            return Problem(shown(prefix + name), "name", "has a name that is not UTF-8")
        elif is_file:
            names.append(name)
        elif is_folder:
            names.append(f"{name}/")
        else:
            return special(prefix + name, entry.stat(follow_symlinks=False).st_mode)
        return None


def is_utf8(name: str) -> bool:
    """Tell whether a name from the file system is valid UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def shown(path: str) -> str:
    """Return a printable form of any path, with an escape for each byte that is not UTF-8."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def special(path: str, mode: int) -> Problem:
    """Describe something that is neither a regular file nor a folder."""
    kind = _KINDS.get(stat.S_IFMT(mode), "special file")
    code = "link" if kind == "symbolic link" else "special"
    return Problem(shown(path), code, f"is a {kind}, not a regular file")


def os_problem(path: str, error: OSError) -> Problem:
    """Describe an operating-system error met while opening or reading `path`."""
    if isinstance(error, FileNotFoundError):
        return Problem(shown(path), "vanished", "vanished while the folder was being read")
    return Problem(shown(path), "unreadable", f"cannot be read: {error.strerror}")
