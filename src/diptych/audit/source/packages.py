"""Where npm packages stand: `node_modules` up to the project's root, `exports`, links of pnpm."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

__all__ = ["package_paths"]

_CONDITIONS = ("solidity", "default", "import", "require", "node")
_MAX_DEPTH = 8
_MAX_ENTRIES = 2_000


def package_paths(
    said: str, importer: Path, root: Path, exports: Callable[[Path], object]
) -> Iterator[Path]:
    """Yield the files that an import of a package could mean, nearest `node_modules` first.

    Packages that share a folder of packages with the importer are neighbours, as pnpm lays them
    out. Whether a file lies inside of the project is for the caller to see.

    Args:
        said: as the source writes it: `@scope/package/file.sol`.
        importer: real path of the file that imports.
        root: the project's folder; nothing above it is looked at.
        exports: what the `package.json` of a package's folder says it exports.
    """
    parts = said.split("/")
    size = 2 if said.startswith("@") else 1
    if len(parts) <= size or any(part in ("", ".", "..") for part in parts[:size]):
        return
    name, rest = "/".join(parts[:size]), "/".join(parts[size:])
    for parent in importer.parents:
        if parent.name == "node_modules":
            yield from _inside(parent / name, rest, exports)
        else:
            yield from _inside(parent / "node_modules" / name, rest, exports)
        if parent == root:
            break


def _inside(package: Path, rest: str, exports: Callable[[Path], object]) -> Iterator[Path]:
    if not os.path.isdir(package):  # False too for a name too long, where `is_dir` raises
        return
    yield package / rest
    target = _exported(exports(package), f"./{rest}")
    if target is not None and target.startswith("./"):
        yield package / target


def _exported(exports: object, wanted: str) -> str | None:
    """Find a subpath in `exports` (Node.js, package entry points): exact, then longest pattern."""
    if not isinstance(exports, dict) or len(exports) > _MAX_ENTRIES:
        return None
    if wanted in exports:
        return _target(exports[wanted], "", 0)
    patterns = [key for key in exports if isinstance(key, str) and key.count("*") == 1]
    for key in sorted(patterns, key=len, reverse=True):
        head, _, tail = key.partition("*")
        middle = len(wanted) - len(head) - len(tail)
        if middle > 0 and wanted.startswith(head) and wanted.endswith(tail):
            return _target(exports[key], wanted[len(head) : len(head) + middle], 0)
    return None


def _target(value: Any, star: str, depth: int) -> str | None:
    if isinstance(value, str):
        return value.replace("*", star)
    if isinstance(value, dict) and depth < _MAX_DEPTH:
        for condition in _CONDITIONS:
            found = _target(value.get(condition), star, depth + 1)
            if found is not None:
                return found
    return None
