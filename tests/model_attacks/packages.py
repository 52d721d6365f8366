"""Exports that are not what was exported."""

import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from tests.model_attacks.scene import Case, World, open_book

MISMATCH, BROKEN = ("Verify.DigestMismatch",), ("Model.BadPackage",)


def package_cases() -> Iterator[Case]:
    """Yield attacks on an export, imported under the publisher's policy."""
    yield _package("weights altered", lambda p: _flip(p / "files/data/weights.bin"), MISMATCH)
    yield _package("graph altered", lambda p: _flip(p / "files/model.onnx"), MISMATCH)
    yield _package("a file removed", lambda p: (p / "files/labels.txt").unlink(), MISMATCH)
    yield _package("a file added", lambda p: (p / "files/x.py").write_text("1"), MISMATCH)
    yield _package("a part that does not belong", lambda p: (p / "run.sh").write_text("1"), BROKEN)
    yield _package("the bundle removed", lambda p: (p / "bundle.diptych.json").unlink(), BROKEN)
    yield _package("the card removed", lambda p: (p / "card.json").unlink(), BROKEN)
    yield _package("a link in it", _link_in, BROKEN)
    yield from _proof_cases()
    yield from _zip_cases()


def _proof_cases() -> Iterator[Case]:
    card = ("Model.CardMismatch",)
    yield _package("limits removed from the card", partial(_edit_card, "limits", []), card)
    yield _package("another licence in the card", partial(_edit_card, "licence", "MIT"), card)
    yield _package("another name in the card", partial(_edit_card, "name", "tumor"), card)
    bundle = ("Verify.Malformed", "Verify.BadSignature", "Verify.NotIncluded")
    yield _package("a bit of the bundle", lambda p: _edit_text(p, "envelope", 40), bundle)
    yield _package("a bit of the proof", lambda p: _edit_text(p, "proof", 5), bundle)
    yield Case("package", "the bundle of another model", _other_bundle, MISMATCH, use=_import)
    untrusted = ("Verify.UntrustedKey",)
    yield Case(
        "package", "made by somebody else under the same name", _remake, untrusted, use=_import
    )
    yield Case("package", "older than what the policy saw", _older, ("Log.Rollback",), use=_import)


def _zip_cases() -> Iterator[Case]:
    for name, change in (
        ("a path that leaves the folder", partial(_zip_with, "files/../../evil.py")),
        ("an absolute path", partial(_zip_with, "/tmp/evil.py")),
        ("a file twice", partial(_zip_with, "files/labels.txt")),
        ("cut off", _cut),
    ):
        yield Case(
            "package",
            f"zip: {name}",
            partial(_zip_attack, change),
            BROKEN,
            use=_import_zip,
            twin=partial(_zip_attack, lambda p: None),
        )


def _package(name: str, change: Callable[[Path], object], codes: tuple[str, ...]) -> Case:
    return Case("package", name, lambda w: change(_export(w)), codes, use=_import)


def _export(world: World) -> Path:
    return world.folder.parent / "export"


def _import(world: World) -> object:
    other = open_book(world.folder.parent / "other")
    done = other.models.import_(_export(world), world.policy)
    return other.models.load(done.name)


def _flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def _link_in(package: Path) -> None:
    (package / "files/labels.txt").unlink()
    (package / "files/labels.txt").symlink_to("/etc/hostname")


def _edit_card(member: str, value: object, package: Path) -> None:
    card = json.loads((package / "card.json").read_bytes())
    card[member] = value
    (package / "card.json").write_text(json.dumps(card, sort_keys=True, separators=(",", ":")))


def _edit_text(package: Path, member: str, position: int) -> None:
    path = package / "bundle.diptych.json"
    bundle = json.loads(path.read_bytes())
    text = bundle["records"][0][member]
    other = "A" if text[position] != "A" else "B"
    bundle["records"][0][member] = text[:position] + other + text[position + 1 :]
    path.write_text(json.dumps(bundle, sort_keys=True, separators=(",", ":")))


def _other_bundle(world: World) -> None:
    raw = world.book.bundle("other", manifest=True)
    (_export(world) / "bundle.diptych.json").write_bytes(raw)


def _remake(world: World) -> None:
    maker = world.folder.parent / "maker"
    from diptych.app.place import HOME

    maker.mkdir()
    shutil.copytree(world.folder.parent / "other" / HOME, maker / HOME)
    shutil.copytree(world.folder / "model", maker / "model")
    book = open_book(maker)
    book.models.publish("model", "tumour")
    shutil.rmtree(_export(world))
    book.models.export("tumour", _export(world))


def _older(world: World) -> None:
    """Serve a proof under a checkpoint that is older than what the reader has seen."""
    from diptych.app.verbs.records import record_at
    from diptych.provenance.bundle import BundleRequest, build_bundle
    from diptych.provenance.objects import object_bytes

    with world.book.read_log() as log:
        index = log.label("model/tumour@2")
        assert index is not None
        claim = record_at(log, index).statement.manifest
        assert claim is not None
        manifest = object_bytes(world.book.objects, claim.object_digest.hex())
        raw = build_bundle(log, index, BundleRequest(at_size=index + 1, manifest=manifest))
    (_export(world) / "bundle.diptych.json").write_bytes(raw)


def _zip_attack(change: Callable[[Path], object], world: World) -> None:
    target = world.folder.parent / "export.zip"
    world.book.models.export("tumour", target)
    change(target)


def _import_zip(world: World) -> object:
    other = open_book(world.folder.parent / "other")
    return other.models.import_(world.folder.parent / "export.zip", world.policy)


def _zip_with(name: str, path: Path) -> None:
    import warnings

    with warnings.catch_warnings(), zipfile.ZipFile(path, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr(zipfile.ZipInfo(name), b"evil")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-30])
