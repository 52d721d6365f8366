"""Pairs from clean libraries that npm has; their sources are fetched, never kept with ours."""

import os
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from mutants.generate import mutants_of
from mutants.mutant import Mutant

__all__ = ["library_mutants", "placed"]

_SIBLING = "_planted"
SKIPPED = (
    "mock",
    "test",
    "interface",
    "vendor",
    "legacy",
    "artifacts",
    _SIBLING,
    "v0.4",
    "v0.5",
    "v0.6",
    "v0.7",
)


def library_mutants(
    modules: Path, packages: Iterable[str], *, each_class: int
) -> Iterator[tuple[Path, Mutant]]:
    """Yield pairs of the files of packages, so many of a class and package at most.

    Args:
        modules: the folder `node_modules`.
        packages: names.
        each_class: limit for each class in each package.
    """
    for package in packages:
        taken: Counter[str] = Counter()
        for path in sorted((modules / package).rglob("*.sol"), key=_drawn):
            where = str(path.relative_to(modules)).lower()
            nested = "node_modules" in path.relative_to(modules / package).parts
            if nested or not path.is_file() or any(word in where for word in SKIPPED):
                continue
            source = path.read_bytes()
            if b"pragma solidity" not in source or b"0.8" not in source[:2000]:
                continue
            seen: Counter[str] = Counter()
            for mutant in mutants_of(where, source):
                if taken[mutant.kind] < each_class and seen[mutant.kind] < 2:
                    seen[mutant.kind] += 1
                    taken[mutant.kind] += 1
                    yield path, mutant


def placed(path: Path, source: bytes) -> Path:
    """Write a version of a file beside it, so that its imports lead where they led."""
    sibling = path.with_name(f"{_SIBLING}_{os.getpid()}.sol")  # several may run at once
    sibling.write_bytes(source)
    return sibling


def _drawn(path: Path) -> int:
    return zlib.crc32(path.name.encode())
