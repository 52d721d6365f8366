"""The last stage: ONNX, calibration on out-of-fold findings, ablation, and what ships."""

import json
import zlib
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from clones import clusters
from export import to_onnx
from findings import Scanner, all_rows
from report import report
from samples import WORK

from diptych.audit.learned.features import FLAGS, FUNCTION_FLAGS
from diptych.audit.learned.model import Network

__all__ = ["judge", "networks"]

FOLDS = 5


def networks() -> tuple[dict[int, Network], bytes]:
    """Return the network of each fold, and the whole one as ONNX."""
    weights = np.load(WORK / "weights.npz")
    raw = {fold: to_onnx(_of(weights, fold), FLAGS, FUNCTION_FLAGS) for fold in (*range(FOLDS), -1)}
    return {fold: Network(content) for fold, content in raw.items() if fold >= 0}, raw[-1]


def _of(weights: Any, fold: int) -> dict[str, Any]:
    mark = f"{fold}/"
    return {key[len(mark) :]: weights[key] for key in weights.files if key.startswith(mark)}


def judge(sets: Path, *, write: bool) -> None:
    """Calibrate, compare, and write what ships if asked to."""
    by_fold, raw = networks()
    fold = _folds(sets)

    def name_of(path: str) -> str:
        for mark in (f"{sets}/", f"{WORK}/node_modules/"):
            if path.startswith(mark):
                return path[len(mark) :]
        return f"mutants/{Path(path).name}"

    scanner = Scanner(lambda path: by_fold[fold.get(name_of(path), _drawn(path))[1]])

    def group_of(name: str) -> str:
        return fold.get(_plain(name), (name, 0))[0]

    rows = list(all_rows(sets, scanner, group_of))
    lines: dict[str, int] = {}
    for path, count in scanner.lines.items():
        if "node_modules" in path:
            group = group_of(name_of(path))
            lines[group] = lines.get(group, 0) + count
    (WORK / "rows.json").write_text(
        json.dumps({"rows": [tuple(row) for row in rows], "lines": lines})
    )
    (WORK / "model.onnx").write_bytes(raw)
    report(sets, write=write)


def _drawn(path: str) -> tuple[str, int]:
    return path, zlib.crc32(path.encode()) % FOLDS


def _plain(name: str) -> str:
    """Return a clean file's name without its package's version."""
    head, at, tail = name.rpartition("@")
    return f"{head}/{tail.partition('/')[2]}" if at and head else name


def _folds(sets: Path) -> dict[str, tuple[str, int]]:
    """Return cluster and fold of every file, by its path below the sets or the packages.

    Files that training saw keep their cluster's fold; near-copies of them get the same.
    """
    known: dict[str, int] = json.loads((WORK / "folds.json").read_text())
    trained = {_plain(name): fold for name, fold in known.items()}
    sources = {
        str(path.relative_to(sets)): path.read_bytes()
        for path in sorted(sets.rglob("*.sol"))
        if "solidifi" not in str(path)
    }
    modules = WORK / "node_modules"
    sources |= {
        name: (modules / name).read_bytes() for name in trained if (modules / name).is_file()
    }
    numbers = clusters(sources)
    members: dict[int, list[str]] = defaultdict(list)
    for name, number in numbers.items():
        members[number].append(name)
    found: dict[str, tuple[str, int]] = {}
    for number, names in members.items():
        seen = [trained[name] for name in names if name in trained]
        shared = seen[0] if seen else zlib.crc32(str(number).encode()) % FOLDS
        for name in names:
            found[name] = (f"c{number}", trained.get(name, shared))
    found |= {name: (name, fold) for name, fold in trained.items() if name.startswith("mutants/")}
    return found
