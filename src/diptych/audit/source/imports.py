"""Where imports lead: relative paths, remappings and package folders, never outside the project."""

import tomllib
from functools import cached_property
from pathlib import Path
from typing import Final

from diptych.audit.source.modules import is_vyper, module_paths, module_root

__all__ = ["Project", "Resolver"]

_MARKS = ("foundry.toml", "remappings.txt", "package.json", "pyproject.toml", ".git")
_MAX_CONFIG_BYTES = 1 << 20
_LIBRARIES = ("node_modules", "lib")


class Project:
    """The folder that imports are resolved in: the nearest one that looks like a project's root."""

    def __init__(self, start: Path) -> None:
        start = start.resolve()
        if "node_modules" in start.parts:  # packages import their neighbours
            start = Path(*start.parts[: start.parts.index("node_modules")])
        parents = [start, *start.parents] if start.is_dir() else list(start.parents)
        marked = (each for each in parents if any((each / mark).exists() for mark in _MARKS))
        fallback = module_root(start) if is_vyper(start) else parents[0]
        self.root: Final = next(marked, fallback)

    @cached_property
    def remappings(self) -> tuple[tuple[str, str], ...]:
        """Prefixes and what they stand for, longest first."""
        lines = _read(self.root / "remappings.txt").splitlines()
        try:
            profile = tomllib.loads(_read(self.root / "foundry.toml")).get("profile", {})
            given = profile.get("default", {}).get("remappings", [])
            lines += [line for line in given if isinstance(line, str)]
        except (tomllib.TOMLDecodeError, AttributeError):
            pass
        pairs = [line.partition(":")[2] or line for line in lines if "=" in line]
        found = [tuple(pair.split("=", 1)) for pair in pairs]
        return tuple(sorted(((a.strip(), b.strip()) for a, b in found), key=lambda p: -len(p[0])))

    def resolve(self, path: str, importer: Path) -> Path | None:
        """Find the file that an import names, None if it is not there or lies outside."""
        if "\x00" in path or not path:
            return None
        for candidate in self._candidates(path, importer):
            try:
                found = candidate.resolve()
                if found.is_file() and found.is_relative_to(self.root):
                    return found
            except (OSError, RuntimeError):  # a name too long, a circle of links
                continue
        return None

    def _candidates(self, path: str, importer: Path) -> list[Path]:
        if is_vyper(importer):
            return list(module_paths(path, importer, self.root))
        if path.startswith("."):
            return [importer.parent / path]
        mapped = [
            self.root / (target + path[len(prefix) :])
            for prefix, target in self.remappings
            if path.startswith(prefix)
        ]
        libraries = [self.root / folder / path for folder in _LIBRARIES]
        return [*mapped, importer.parent / path, self.root / path, *libraries]


def _read(path: Path) -> str:
    """Read a small configuration file, empty if it is missing, odd or too large."""
    try:
        if not path.is_file() or path.stat().st_size > _MAX_CONFIG_BYTES:
            return ""
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


class Resolver:
    """Finds what imports name; keeps the project of each folder."""

    def __init__(self) -> None:
        self._projects: Final[dict[Path, Project]] = {}

    def find(self, said: str, importer: Path) -> Path | None:
        """Find the file that an import names, None if it is not there or lies outside.

        Args:
            said: as the source writes it.
            importer: real path of the file that imports.
        """
        project = self._projects.get(importer.parent)
        if project is None:
            project = self._projects[importer.parent] = Project(importer)
        return project.resolve(said, importer)
