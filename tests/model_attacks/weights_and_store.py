"""Attacks on files and objects: swapped, altered, added, removed, linked, mixed up."""

import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from tests.model_attacks.files import folder_model, small_onnx, weights
from tests.model_attacks.scene import Case, World, load_folder

MISMATCH = ("Verify.DigestMismatch",)
MODEL = Path("model/model.onnx")
DATA = Path("model/data/weights.bin")


def weight_cases() -> Iterator[Case]:
    """Yield attacks on the folder that a model is loaded from."""
    for file, name in (
        (MODEL, "graph"),
        (DATA, "external weights"),
        (Path("model/labels.txt"), "labels"),
    ):
        for where in (0, 0.5, 0.999):
            yield _folder(f"{name}: a bit at {where:.0%}", partial(_flip, file, where))
    yield _folder("weights of the version before", partial(_copy, "first/data/weights.bin", DATA))
    yield _folder("whole folder of the version before", _downgrade)
    yield _folder("another model with the same ports", partial(_put, MODEL, small_onnx(9)))
    yield _folder("one weight doubled", _one_weight)
    yield _folder(
        "weights scaled, same length", partial(_put, DATA, (weights(2)["W"] * 1.01).tobytes())
    )
    yield _folder("cut off", lambda w: _put(DATA, (w.folder / DATA).read_bytes()[:-4], w))
    yield _folder("grown", lambda w: _put(DATA, (w.folder / DATA).read_bytes() + b"\0", w))
    yield _folder("emptied", partial(_put, DATA, b""))
    yield _folder("a file added", partial(_put, Path("model/custom_op.py"), b"import os\n"))
    yield _folder("a pickle added", partial(_put, Path("model/extra.pkl"), b"\x80\x04N."))
    yield _folder("a file removed", lambda w: (w.folder / "model/labels.txt").unlink())
    yield _folder(
        "a file renamed", lambda w: (w.folder / DATA).rename(w.folder / "model/data/w.bin")
    )
    yield _folder("two files exchanged", _exchange)
    yield _folder("a link to other weights", partial(_link, "first/data/weights.bin"))
    yield _folder("a link to the same bytes elsewhere", _link_same)
    yield _folder("the data folder is a link", _link_folder)
    yield _folder("a pipe in place of a file", _pipe)
    yield _folder("a folder in place of a file", _folder_for_file)


def store_cases() -> Iterator[Case]:
    """Yield attacks on the object store that models are loaded from by default."""
    yield _store("weights object altered", lambda w: _alter(w, _name(w, DATA)))
    yield _store("graph object altered", lambda w: _alter(w, _name(w, MODEL)))
    yield _store("weights object holds those of version 1", _swap_objects)
    yield _store("weights object cut off", lambda w: _alter(w, _name(w, DATA), cut=True))
    yield _store("manifest object altered", lambda w: _alter(w, _manifest(w)), ("Object.Corrupt",))
    yield _store(
        "weights object removed", lambda w: _remove(w, _name(w, DATA)), ("Object.Missing",)
    )
    yield _store("manifest object removed", lambda w: _remove(w, _manifest(w)), ("Object.Missing",))
    yield _store("object replaced by a link", _link_object)


def _folder(name: str, attack: Callable[[World], object]) -> Case:
    return Case("weights", name, attack, MISMATCH, use=load_folder)


def _store(name: str, attack: Callable[[World], object], codes: tuple[str, ...] = MISMATCH) -> Case:
    return Case("store", name, attack, codes)


def _flip(file: Path, where: float, world: World) -> None:
    raw = bytearray((world.folder / file).read_bytes())
    raw[int(where * len(raw))] ^= 4
    (world.folder / file).write_bytes(raw)


def _put(file: Path, raw: bytes, world: World) -> None:
    (world.folder / file).write_bytes(raw)


def _copy(source: str, target: Path, world: World) -> None:
    shutil.copy(world.folder / source, world.folder / target)


def _downgrade(world: World) -> None:
    shutil.rmtree(world.folder / "model")
    folder_model(world.folder / "model", seed=1)


def _one_weight(world: World) -> None:
    array = weights(2)["W"].copy()
    array[0, 0] *= 2
    (world.folder / DATA).write_bytes(array.tobytes())


def _exchange(world: World) -> None:
    one, two = world.folder / "model/labels.txt", world.folder / "model/README.md"
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)


def _link(source: str, world: World) -> None:
    (world.folder / DATA).unlink()
    (world.folder / DATA).symlink_to(world.folder / source)


def _link_same(world: World) -> None:
    elsewhere = world.folder / "elsewhere.bin"
    shutil.move(world.folder / DATA, elsewhere)
    (world.folder / DATA).symlink_to(elsewhere)


def _link_folder(world: World) -> None:
    elsewhere = world.folder / "elsewhere"
    shutil.move(world.folder / "model/data", elsewhere)
    (world.folder / "model/data").symlink_to(elsewhere)


def _pipe(world: World) -> None:
    (world.folder / DATA).unlink()
    os.mkfifo(world.folder / DATA)


def _folder_for_file(world: World) -> None:
    (world.folder / DATA).unlink()
    (world.folder / DATA).mkdir()


def object_path(world: World, name: str) -> Path:
    """Return where an object stands."""
    return world.home / "objects" / name[:2] / name[2:]


def _name(world: World, file: Path) -> str:
    import hashlib

    return hashlib.sha256((world.folder / file).read_bytes()).hexdigest()


def _manifest(world: World) -> str:
    with world.book.read_log() as log:
        from diptych.app.verbs.records import record_at

        index = log.label("model/tumour")
        assert index is not None
        claim = record_at(log, index).statement.manifest
        assert claim is not None
        return claim.object_digest.hex()


def _alter(world: World, name: str, *, cut: bool = False) -> None:
    path = object_path(world, name)
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.chmod(0o644)
    path.write_bytes(raw[:-3] if cut else raw)


def _swap_objects(world: World) -> None:
    good, bad = _name(world, DATA), _name(world, Path("first/data/weights.bin"))
    path = object_path(world, good)
    path.chmod(0o644)
    shutil.copyfile(object_path(world, bad), path)


def _remove(world: World, name: str) -> None:
    object_path(world, name).unlink()


def _link_object(world: World) -> None:
    path = object_path(world, _name(world, DATA))
    path.unlink()
    path.symlink_to(world.folder / "first/data/weights.bin")
