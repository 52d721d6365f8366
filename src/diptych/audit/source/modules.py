"""Where Vyper's imports lead: dotted names, from the file itself or from the project's folders."""

from collections.abc import Iterator
from pathlib import Path

__all__ = ["SUFFIXES", "is_vyper", "module_paths", "module_root"]

SUFFIXES = (".vy", ".vyi")
_FOLDERS = ("src", "contracts", "interfaces", "lib", "lib/pypi", "lib/github")
_MAX_DEPTH = 32
_UNMARKED_LEVELS = 3


def is_vyper(path: Path) -> bool:
    """Whether a file is Vyper, by its ending."""
    return path.suffix in SUFFIXES


def module_root(start: Path) -> Path:
    """Return how far up a file without a project may import: a few folders."""
    parents = list(start.parents)
    return parents[min(_UNMARKED_LEVELS, len(parents)) - 1]


def module_paths(said: str, importer: Path, root: Path) -> Iterator[Path]:
    """Yield the files that an import could mean, likeliest first.

    Args:
        said: the dotted name; each leading dot after the first goes one folder up.
        importer: the file that imports.
        root: the project's folder.
    """
    name = said.lstrip(".")
    dots = len(said) - len(name)
    parts = name.split(".")
    if dots > _MAX_DEPTH or not all(part.isidentifier() for part in parts):
        return
    for folder in _above(importer, dots) if dots else _searched(importer, root):
        base = folder.joinpath(*parts)
        for suffix in SUFFIXES:
            yield base.with_name(base.name + suffix)


def _above(importer: Path, dots: int) -> Iterator[Path]:
    parents = list(importer.parents)
    if dots <= len(parents):
        yield parents[dots - 1]


def _searched(importer: Path, root: Path) -> Iterator[Path]:
    for parent in importer.parents:
        yield parent
        if parent == root:
            break
    yield from (root / folder for folder in _FOLDERS)
    yield from sorted(root.glob(".venv/lib/python3*/site-packages"))
