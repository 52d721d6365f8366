"""Where imports lead: relative paths, remappings and package folders, never outside the project."""

import os
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Final

from diptych.audit.source.foundry import project_remappings, read_json
from diptych.audit.source.modules import is_vyper, module_paths, module_root
from diptych.audit.source.packages import package_paths
from diptych.audit.source.remappings import Remapping, mapped

__all__ = ["Project", "Resolver"]

_MARKS = (
    "foundry.toml",
    "remappings.txt",
    "package.json",
    "pyproject.toml",
    "soldeer.toml",
    "brownie-config.yaml",
    "ape-config.yaml",
    ".git",
)
_WORKSPACE_LEVELS = 4
_UP_AND_DOWN = re.compile(
    r"\./(?:[\w-][\w.-]*/)*[\w-][\w.-]*|(?:\.\./)+(?:[\w-][\w.-]*/)*[\w-][\w.-]*"
)
_LIBRARIES = ("node_modules", "lib", "dependencies")


class Project:
    """The folder that imports are resolved in: the nearest one that looks like a project's root.

    Attributes:
        root: the folder.
        reach: where files may lie: the root, or the workspace of packages that it is part of.
    """

    def __init__(self, start: Path) -> None:
        start = start.resolve()
        start = _owner(start)
        parents = [start, *start.parents] if start.is_dir() else list(start.parents)
        marked = (each for each in parents if any((each / mark).exists() for mark in _MARKS))
        fallback = module_root(start) if is_vyper(start) else parents[0]
        self.root: Final = next(marked, fallback)
        self.reach: Final = _workspace(self.root)
        self._exports: Final[dict[Path, object]] = {}
        self._found: Final[dict[str, Path]] = {}

    @cached_property
    def remappings(self) -> tuple[Remapping, ...]:
        """What prefixes of imports stand for."""
        return project_remappings(self.root)

    def resolve(self, path: str, importer: Path) -> Path | None:
        """Find the file that an import names, None if it is not there or lies outside."""
        if "\x00" in path or not path:
            return None
        near = self._near(path, importer)
        if near is not None:
            return near
        for candidate in self._candidates(path, importer):
            try:
                found = candidate.resolve()
                if found.is_file() and found.is_relative_to(self.reach):
                    self._found[str(found)] = found
                    return found
            except (OSError, RuntimeError):  # a name too long, a circle of links
                continue
        return None

    def _near(self, path: str, importer: Path) -> Path | None:
        """Return a relative import's file if it was found before; no link is on the way to it."""
        if _UP_AND_DOWN.fullmatch(path) is None or is_vyper(importer):
            return None
        return self._found.get(os.path.normpath(f"{importer.parent}/{path}"))

    def _exported(self, package: Path) -> object:
        """Return what a package says it exports; read once."""
        if package not in self._exports:
            self._exports[package] = read_json(package / "package.json").get("exports")
        return self._exports[package]

    def _candidates(self, path: str, importer: Path) -> Iterator[Path]:
        if is_vyper(importer):
            yield from module_paths(path, importer, self.root)
            return
        if path.startswith("."):
            yield importer.parent / path
            return
        name = ""
        if importer.is_relative_to(self.root):
            name = importer.relative_to(self.root).as_posix()
        yield from (self.root / each for each in mapped(path, name, self.remappings))
        yield importer.parent / path
        yield self.root / path
        yield from package_paths(path, importer, self.reach, self._exported)
        yield from (self.root / folder / path for folder in _LIBRARIES)
        yield from (each / path for each in _packages_of(importer, self.root))


def _packages_of(importer: Path, root: Path) -> Iterator[Path]:
    """Yield the roots of the packages that a file lies in, which name their files from there."""
    for parent in importer.parents:
        if parent == root or not parent.is_relative_to(root):
            return
        if (parent / "package.json").is_file():
            yield parent


def _workspace(root: Path) -> Path:
    """Return the root of the workspace that a package is part of; it holds what is hoisted."""
    for parent in (root, *list(root.parents)[:_WORKSPACE_LEVELS]):
        if (parent / "pnpm-workspace.yaml").is_file():
            return parent
        if read_json(parent / "package.json").get("workspaces"):
            return parent
        if (parent / ".git").exists():
            break
    return root


def _owner(start: Path) -> Path:
    """Return where to look for the project of a file: above the libraries that it lies in.

    Packages and libraries import their neighbours, and what the project maps for them.
    """
    for at, part in enumerate(start.parts):
        inside = Path(*start.parts[:at])
        if part == "node_modules":
            return inside
        marks = ("foundry.toml", "remappings.txt", "soldeer.toml", ".gitmodules")
        if part in ("lib", "dependencies") and any((inside / mark).is_file() for mark in marks):
            return inside
    return start


class Resolver:
    """Finds what imports name; keeps the project of each folder, and of each root."""

    def __init__(self) -> None:
        self._projects: Final[dict[Path, Project]] = {}
        self._roots: Final[dict[Path, Project]] = {}

    def find(self, said: str, importer: Path) -> Path | None:
        """Find the file that an import names, None if it is not there or lies outside.

        Args:
            said: as the source writes it.
            importer: real path of the file that imports.
        """
        project = self._projects.get(importer.parent)
        if project is None:
            project = Project(importer)
            project = self._roots.setdefault(project.root, project)  # reads its files once
            self._projects[importer.parent] = project
        return project.resolve(said, importer)
