"""What of a project is its own code: not its tests, scripts, mocks and libraries.

Only folders with the configuration of a build tool count as projects; everywhere else a folder's
name says nothing, and every file is scanned.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from diptych.audit.source.foundry import Layout, project_layout

__all__ = ["Scoper", "own_names"]

_BUILD_TOOLS = (
    "foundry.toml",
    "hardhat.config.js",
    "hardhat.config.ts",
    "hardhat.config.cjs",
    "hardhat.config.mjs",
    "truffle-config.js",
    "truffle.js",
    "brownie-config.yaml",
    "brownie-config.yml",
    "ape-config.yaml",
    "soldeer.toml",
)
_KINDS = {
    "tests": frozenset({"test", "tests"}),
    "scripts": frozenset({"script", "scripts"}),
    "mocks": frozenset({"mock", "mocks"}),
}
_SUFFIXES = {".t.sol": "tests", ".s.sol": "scripts"}
_LIBRARIES = (("lib",), ("dependencies",), (".deps",))


class Scoper:
    """Says what files are for; looks at each folder's configuration once."""

    def __init__(self) -> None:
        self._roots: Final[dict[Path, Path | None]] = {}
        self._layouts: Final[dict[Path, Layout]] = {}
        self._packages: Final[dict[Path, bool]] = {}

    def kind(self, path: Path, named: Path) -> str:
        """Return tests, scripts, mocks or libraries; empty for a project's own code.

        Args:
            path: a file, absolute.
            named: the folder that was asked for, absolute; what it lies in does not count.
        """
        root = self._root(path.parent)
        if root is None:
            return ""
        start = root if root.is_relative_to(named) else named
        layout = self._layout(root)
        inner = path.relative_to(start).as_posix()
        from_root = path.relative_to(root).as_posix()
        return _layout_kind(from_root, layout, root, named) or _named_kind(inner)

    def in_package(self, folder: Path, named: Path) -> bool:
        """Whether a folder is of an npm package: one that was installed, or the one named.

        Args:
            folder: absolute, and in the one that was asked for.
            named: the folder that was asked for, absolute.
        """
        if folder not in self._packages:
            inside = (each for each in (folder, *folder.parents) if each.is_relative_to(named))
            self._packages[folder] = "node_modules" in folder.parts or any(
                (each / "package.json").is_file() for each in inside
            )
        return self._packages[folder]

    def _layout(self, root: Path) -> Layout:
        if root not in self._layouts:
            self._layouts[root] = project_layout(root)
        return self._layouts[root]

    def _root(self, folder: Path) -> Path | None:
        """Return the outermost project that a folder lies in; libraries are projects, too."""
        if folder not in self._roots:
            parent = folder.parent
            above = None if parent == folder else self._root(parent)
            here = any((folder / mark).is_file() for mark in _BUILD_TOOLS)
            if above is not None and here and not self._is_library(folder, above):
                above = None  # a project of its own among others
            self._roots[folder] = above or (folder if here else None)
        return self._roots[folder]

    def _is_library(self, folder: Path, root: Path) -> bool:
        name = folder.relative_to(root).as_posix()
        return any(f"{name}/".startswith(f"{each}/") for each in self._layout(root).libraries)


def _layout_kind(name: str, layout: Layout, root: Path, named: Path) -> str:
    """Return what the project's configuration says of a path; named folders are wanted."""
    given = {"libraries": layout.libraries, "tests": layout.tests, "scripts": layout.scripts}
    for kind, folders in given.items():
        for folder in folders:
            inside = bool(folder) and name.startswith(f"{folder.strip('./')}/")
            if inside and not named.is_relative_to(root / folder):
                return kind
    return ""


def _named_kind(name: str) -> str:
    *folders, last = name.split("/")
    for folder in folders:
        for kind, names in _KINDS.items():
            if folder.lower() in names:
                return kind
    return next((kind for end, kind in _SUFFIXES.items() if last.endswith(end)), "")


def own_names(names: Iterable[str]) -> tuple[list[str], Mapping[str, int]]:
    """Part the names of sources in one bundle: the project's own, and how many of libraries.

    >>> own_names(["src/A.sol", "@oz/B.sol", "lib/x/C.sol"])
    (['src/A.sol'], Counter({'libraries': 2}))
    """
    every = list(names)
    own = [name for name in every if not _is_package(name)]
    passed = Counter({"libraries": len(every) - len(own)})
    return (own, +passed) if own else (every, Counter())


def _is_package(name: str) -> bool:
    parts = PurePosixPath(name).parts[:-1]
    return parts[:1] in _LIBRARIES or any(p == "node_modules" or p[0] == "@" for p in parts)
