"""Attacks on the sealed files: bytes, names, additions, deletions, order."""

import functools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.golden.make import Case as Golden
from tests.golden.world import FILES
from tests.tamper.scene import Attack, Scene, read

from diptych_verify.errors import VerificationError

NAMES = sorted(FILES)
Change = Callable[[Path], object]


def file_attacks(scene: Scene, scale: int) -> Iterator[Attack]:
    """Yield about 12 attacks per unit of `scale`."""
    readers = [one for one in scene.published if one.files]
    for round_ in range(scale):
        golden = readers[round_ % len(readers)]
        for kind, name, change in _changes(scene):
            check = functools.partial(_check, golden, scene, change)
            yield Attack(kind, f"{golden.name}: {name}", check)


def export_copies(scene: Scene, folder: Path, per_kind: int) -> dict[str, dict[str, int]]:
    """Write tampered copies for other tools to judge, as `<folder>/<kind>-<n>/trial`.

    Returns:
        For each kind how many copies there are, and how many of them we catch.
    """
    shutil.copytree(scene.files, folder / "good" / "trial")
    golden = scene.of("unanchored")
    found = {kind: {"cases": 0, "caught": 0} for kind in ("bytes", "rename", "add", "delete")}
    while any(figures["cases"] < per_kind for figures in found.values()):
        for kind, _, change in _changes(scene):
            figures = found.get(kind, {"cases": per_kind})
            if figures["cases"] >= per_kind:
                continue
            copy = folder / f"{kind}-{figures['cases']}"
            figures["cases"] += 1
            try:
                _check(golden, scene, change, copy)
            except VerificationError:
                figures["caught"] += 1
    return found


def _check(golden: Golden, scene: Scene, change: Change, scratch: Path) -> object:
    folder = scratch / "trial"
    shutil.copytree(scene.files, folder)
    change(folder)
    return read(golden, scene, files=folder)


def _changes(scene: Scene) -> Iterator[tuple[str, str, Change]]:
    chance = scene.chance
    for name in NAMES:
        position, bit = chance.randrange(len(FILES[name])), 1 << chance.randrange(8)
        yield "bytes", f"{name} byte {position}", functools.partial(_flip, name, position, bit)
    name = chance.choice(NAMES)
    cut = chance.randrange(len(FILES[name]))
    yield "bytes", f"{name} cut to {cut}", _put(name, FILES[name][:cut])
    yield "bytes", f"{name} grows", _put(name, FILES[name] + b"\n")
    name = chance.choice(NAMES)
    new = chance.choice(["x.csv", "readings/B.csv", "z/a.csv", f"{name}.bak", "a\u0301.csv"])
    yield "rename", f"{name} to {new}", functools.partial(_rename, name, new)
    one, two = chance.sample(NAMES, 2)
    yield "rename", f"{one} and {two} exchanged", functools.partial(_exchange, one, two)
    extra = chance.choice(["extra.csv", "readings/c.csv", ".hidden", "new/folder/file", "~"])
    content = chance.choice([b"", b"1,2\n"])
    yield "add", f"{extra} of {len(content)} bytes", _put(extra, content)
    name = chance.choice(NAMES)
    yield "delete", name, functools.partial(_unlink, name)
    name = chance.choice(NAMES)
    yield "delete", f"{name} emptied", _put(name, b"")
    name = chance.choice(NAMES)
    yield "reorder", f"lines of {name}", _put(name, _reordered(FILES[name]))


def _flip(name: str, position: int, bit: int, folder: Path) -> None:
    content = bytearray(FILES[name])
    content[position] ^= bit
    _write(folder / name, bytes(content))


def _put(name: str, content: bytes) -> Change:
    return lambda folder: _write(folder / name, content)


def _unlink(name: str, folder: Path) -> None:
    (folder / name).unlink()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _rename(old: str, new: str, folder: Path) -> None:
    (folder / new).parent.mkdir(parents=True, exist_ok=True)
    (folder / old).rename(folder / new)


def _exchange(one: str, two: str, folder: Path) -> None:
    _write(folder / one, FILES[two])
    _write(folder / two, FILES[one])


def _reordered(content: bytes) -> bytes:
    head, *rows = content.splitlines(keepends=True)
    return b"".join([head, *reversed(rows)])
