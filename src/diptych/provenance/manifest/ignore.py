"""The ignore file: gitignore syntax, itself sealed, so that what it leaves out is on record."""

from pathlib import Path

from diptych.core.errors import UsageError
from diptych_verify.hashing import Refused, hash_factory, read_small
from diptych_verify.manifest import ManifestEntry
from diptych_verify.walk import Ignore

MAX_PATTERNS = 10_000


class BadIgnoreFile(UsageError):
    """The ignore file is not UTF-8 text or holds a line that is no gitignore pattern."""

    code = "Ignore.Bad"


def ignore_rules(name: str, content: bytes) -> Ignore:
    """Compile an ignore file (syntax of gitignore(5), matched by `pathspec`).

    Args:
        name: file name of the ignore file, which its own patterns never leave out.
        content: its bytes.

    Returns:
        A predicate over paths relative to the folder that holds the ignore file.

    Raises:
        BadIgnoreFile: naming the first line that cannot be understood.
    """
    lines = _lines(name, content)
    from pathspec import GitIgnoreSpec
    from pathspec.patterns.gitignore import GitIgnorePatternError

    try:
        spec = GitIgnoreSpec.from_lines(lines, backend="simple")
    except GitIgnorePatternError as error:
        raise BadIgnoreFile(
            f"{name}: {error}", hint="see `man gitignore` for the syntax"
        ) from error

    def ignore(path: str, *, folder: bool) -> bool:
        return path != name and spec.match_file(f"{path}/" if folder else path)

    return ignore


def load_rules(
    folder: Path, name: str | None, algorithms: tuple[str, ...]
) -> tuple[Ignore | None, ManifestEntry | None]:
    """Return the rules that stand in a folder, and the manifest entry of the file they are from.

    Raises:
        BadIgnoreFile: the file cannot be understood.
    """
    content = None if name is None or not folder.is_dir() else read_ignore_file(folder, name)
    if name is None or content is None:
        return None, None
    digests = tuple(hash_factory(item)(content).digest() for item in algorithms)
    return ignore_rules(name, content), ManifestEntry(name, len(content), digests)


def read_ignore_file(folder: Path, name: str) -> bytes | None:
    """Return the content of the ignore file, None if there is no readable regular file.

    A link or an unreadable file of that name is left to the scan, which reports it.
    """
    try:
        return read_small(folder / name)
    except Refused:
        return None


def _lines(name: str, content: bytes) -> list[str]:
    try:
        lines = content.decode().splitlines()
    except UnicodeDecodeError as error:
        raise BadIgnoreFile(f"{name} is not UTF-8 text: {error}") from error
    if len(lines) > MAX_PATTERNS:
        raise BadIgnoreFile(f"{name}: got {len(lines)} lines, expected at most {MAX_PATTERNS}")
    return lines
