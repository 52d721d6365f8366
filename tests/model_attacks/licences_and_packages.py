"""Licences that do not allow the use, exports that are not what was exported, unsafe formats."""

import io
import json
import pickle
import shutil
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from tests.model_attacks.files import folder_model, small_onnx, small_safetensors, weights
from tests.model_attacks.scene import NOW, Case, World, load, nothing, open_book

from diptych.app.verbs.model.license import grant_licence, load_licence, revoke_licence, set_licence
from diptych.provenance.keys.signer import Ed25519Signer

REFUSED = ("Model.LicenceRefused",)
CLINIC = Ed25519Signer(bytes([7]) * 32).keyid
OTHER = Ed25519Signer(bytes([8]) * 32).keyid
DAY_S = 86_400.0


def licence_cases() -> Iterator[Case]:
    """Yield uses that a licence does not allow (any more)."""
    yield _licence("no grant under an offer", nothing, twin=_grant, before=_offer)
    yield _licence("a grant to somebody else", partial(_grant_to, OTHER), before=_offer)
    yield _licence("a grant that ended", nothing, use=_later(40), before=_offer_and_short)
    yield _licence(
        "a grant that was taken back",
        lambda w: revoke_licence(w.book, "tumour", to=CLINIC),
        before=_offer_and_grant,
    )
    yield _licence(
        "a grant for another action",
        partial(_grant_to, CLINIC, actions=("reproduce",)),
        before=_offer,
    )
    yield _licence(
        "a grant for the version before",
        lambda w: grant_licence(w.book, "tumour@1", CLINIC),
        before=_offer_both,
    )
    yield _licence(
        "commercial use of a research licence",
        partial(_set, "research"),
        use=partial(_use, purpose="commerce"),
        twin=partial(_set, "Apache-2.0"),
    )
    yield _licence(
        "no purpose stated under a research licence",
        partial(_set, "research"),
        use=_use,
        twin=partial(_set, "Apache-2.0"),
    )
    yield Case(
        "licence",
        "the licence was revoked",
        lambda w: revoke_licence(w.book, "tumour"),
        ("Model.Revoked", *REFUSED),
        use=_use,
        before=partial(_set, "Apache-2.0"),
    )
    yield Case(
        "licence",
        "the licence was replaced by a stricter one",
        partial(_set, "commercial"),
        REFUSED,
        use=_use,
        before=partial(_set, "Apache-2.0"),
    )
    yield Case(
        "licence",
        "the licence document altered in the store",
        _alter_licence,
        ("Object.Corrupt",),
        use=_use,
        before=partial(_set, "Apache-2.0"),
    )
    yield Case(
        "licence",
        "the revocation of a grant hidden in the index",
        _hide_in_graph,
        REFUSED,
        use=_use,
        before=_offer_and_grant,
        twin=nothing,
    )


def package_cases() -> Iterator[Case]:
    """Yield attacks on an export, imported under the publisher's policy."""
    mismatch = ("Verify.DigestMismatch",)
    broken = ("Model.BadPackage",)
    yield _package("weights altered", lambda p: _flip(p / "files/data/weights.bin"), mismatch)
    yield _package("graph altered", lambda p: _flip(p / "files/model.onnx"), mismatch)
    yield _package("a file removed", lambda p: (p / "files/labels.txt").unlink(), mismatch)
    yield _package("a file added", lambda p: (p / "files/x.py").write_text("1"), mismatch)
    yield _package("a part that does not belong", lambda p: (p / "run.sh").write_text("1"), broken)
    yield _package("the bundle removed", lambda p: (p / "bundle.diptych.json").unlink(), broken)
    yield _package("the card removed", lambda p: (p / "card.json").unlink(), broken)
    yield _package("a link in it", _link_in, broken)
    card = ("Model.CardMismatch",)
    yield _package("limits removed from the card", partial(_edit_card, "limits", []), card)
    yield _package("another licence in the card", partial(_edit_card, "licence", "MIT"), card)
    yield _package("another name in the card", partial(_edit_card, "name", "tumor"), card)
    bundle = ("Verify.",)
    yield _package("a bit of the bundle", lambda p: _edit_text(p, "envelope", 40), bundle)
    yield _package("a bit of the proof", lambda p: _edit_text(p, "proof", 5), bundle)
    yield Case(
        "package", "the bundle of another model", _other_bundle, ("Verify.", "Model."), use=_import
    )
    untrusted = ("Verify.UntrustedKey",)
    yield Case(
        "package", "made by somebody else under the same name", _remake, untrusted, use=_import
    )
    yield Case(
        "package", "older than what the policy saw", _older, ("Log.", "Verify."), use=_import
    )
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
            broken,
            use=_import_zip,
            twin=partial(_zip_attack, lambda p: None),
        )


def format_cases() -> Iterator[Case]:
    """Yield files that can run code or reach other files, under honest and disguised names."""
    unsafe, bad = ("Model.UnsafeFormat",), ("Model.BadFile",)
    evil = pickle.dumps(_Evil())
    for name, raw in (
        ("model.pkl", evil),
        ("model.joblib", evil),
        ("model.pt", _torch_zip()),
        ("model.h5", b"\x89HDF\r\n\x1a\n"),
        ("model", evil),
        ("model.bin", _torch_zip()),
        ("vocabulary.txt", pickle.dumps(_Evil(), protocol=0)),
        ("weights.npy", _object_array()),
        ("model.dat", __import__("zlib").compress(evil)),
    ):
        yield _format(f"{name} in the folder", name, raw, unsafe)
    yield _format("a pickle called model.onnx", "model.onnx", evil, unsafe)
    yield _format("a custom operator", "model.onnx", small_onnx(2, operator="Shell"), unsafe)
    yield _format(
        "an operator of the runtime that opens files",
        "model.onnx",
        small_onnx(2, operator="EPContext", domain="com.microsoft"),
        unsafe,
    )
    for location in ("../first/data/weights.bin", "/etc/hostname", "data/../../x", "..\\x"):
        raw = small_onnx(2, location=location, length=48)
        yield _format(f"external data in {location}", "model.onnx", raw, unsafe)
    beyond = small_onnx(2, location="data/weights.bin", length=4_800)
    yield _format("external data beyond its file", "model.onnx", beyond, unsafe)
    yield _format("cut off graph", "model.onnx", small_onnx(2)[:-40], bad)
    yield _format("not a graph", "model.onnx", b"\x12\x03abc", bad)
    for name, raw in (
        ("overlapping tensors", small_safetensors(4, entries={"b": {"data_offsets": [36, 48]}})),
        ("values that belong to no tensor", small_safetensors(4, data=bytes(100))),
        ("a shape that does not fit", small_safetensors(4, entries={"W": {"shape": [9, 9]}})),
        ("a name twice", small_safetensors(4, text=_TWICE)),
        ("an unknown type", small_safetensors(4, entries={"W": {"dtype": "PY"}})),
    ):
        yield Case(
            "format",
            f"safetensors: {name}",
            partial(_write, "weights.safetensors", raw),
            bad,
            use=lambda w: w.book.models.publish("weights.safetensors", "new"),
        )
    yield Case(
        "format",
        "skops: a class that nobody trusts",
        _untrusted_skops,
        ("Model.UntrustedTypes",),
        use=lambda w: w.book.models.publish("model.skops", "new"),
        twin=_good_skops,
    )
    yield Case(
        "format",
        "skops: an archive without schema",
        partial(_write, "model.skops", _torch_zip()),
        unsafe,
        use=lambda w: w.book.models.publish("model.skops", "new"),
        twin=_good_skops,
    )


_TWICE = (
    b'{"W":{"dtype":"F32","shape":[15],"data_offsets":[0,60]},'
    b'"W":{"dtype":"F32","shape":[15],"data_offsets":[0,60]}}'
)


class _Evil:
    """What a pickle can do to whoever reads it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (print, ("this ran when the file was read",))


def _licence(
    name: str,
    attack: Callable[[World], object],
    *,
    use: Callable[[World], object] | None = None,
    twin: Callable[[World], object] = nothing,
    before: Callable[[World], object] = nothing,
) -> Case:
    if use is not None and before is _offer_and_short:
        return Case("licence", name, attack, REFUSED, use=use, before=before, twin=_grant_long)
    if before in (_offer, _offer_both) and twin is not _grant:
        twin = _grant
    return Case("licence", name, attack, REFUSED, use=use or _use, before=before, twin=twin)


def _use(world: World, **how: Any) -> object:
    return load(world, "tumour", actor=CLINIC, **how)


def _later(days: int) -> Callable[[World], object]:
    def use(world: World) -> object:
        book = open_book(world.folder, now_s=NOW + days * DAY_S)
        return load(World(world.folder, book, world.policy), "tumour", actor=CLINIC)

    return use


def _set(name: str, world: World) -> None:
    set_licence(world.book, "tumour", load_licence(name))


def _offer(world: World) -> None:
    _set("commercial", world)


def _offer_both(world: World) -> None:
    _offer(world)
    set_licence(world.book, "tumour@1", load_licence("commercial"))


def _grant(world: World) -> None:
    _grant_to(CLINIC, world)


def _grant_to(keyid: str, world: World, actions: tuple[str, ...] = ()) -> None:
    grant_licence(world.book, "tumour", keyid, actions=actions)


def _offer_and_grant(world: World) -> None:
    _offer(world)
    _grant(world)


def _offer_and_short(world: World) -> None:
    _offer(world)
    grant_licence(world.book, "tumour", CLINIC, until="2026-12-01")


def _grant_long(world: World) -> None:
    grant_licence(world.book, "tumour", CLINIC, until="2027-12-01")


def _alter_licence(world: World) -> None:
    from tests.model_attacks.weights_and_store import object_path

    from diptych.app.verbs.licences import open_licences
    from diptych.app.verbs.records import find_record

    with world.book.read_log() as log, open_licences(world.book, log) as licences:
        held = licences.held(find_record(world.book, log, "tumour"))
        assert held is not None
    path = object_path(world, held.digest)
    path.chmod(0o644)
    path.write_bytes(held.document.replace(b"false", b"true "))


def _hide_in_graph(world: World) -> None:
    """Take the grant back, then let the index, which is no evidence, forget it."""
    import sqlite3
    from contextlib import closing

    revoke_licence(world.book, "tumour", to=CLINIC)
    _use_quietly(world)
    with closing(sqlite3.connect(world.book.place.graph)) as connection, connection:
        (last,) = connection.execute("SELECT max(src) FROM edges").fetchone()
        connection.execute("DELETE FROM edges WHERE src=?", (last,))


def _use_quietly(world: World) -> None:
    from contextlib import suppress

    from diptych.core.errors import DiptychError

    with suppress(DiptychError):
        _use(world)


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


def _format(name: str, file: str, raw: bytes, codes: tuple[str, ...]) -> Case:
    return Case(
        "format",
        name,
        partial(_write, f"new/{file}", raw),
        codes,
        use=lambda w: w.book.models.publish("new", "new"),
        before=lambda w: folder_model(w.folder / "new", seed=5),
    )


def _write(file: str, raw: bytes, world: World) -> None:
    (world.folder / file).write_bytes(raw)


def _torch_zip() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({}))
        archive.writestr("archive/version", "3")
    return made.getvalue()


def _object_array() -> bytes:
    made = io.BytesIO()
    np.save(made, np.array([{}], dtype=object), allow_pickle=True)
    return made.getvalue()


def _good_skops(world: World) -> None:
    _skops(world, lambda values: values)


def _untrusted_skops(world: World) -> None:
    _skops(world, _logarithm)


def _logarithm(values: Any) -> Any:
    return np.log1p(values)


def _skops(world: World, function: Callable[[Any], Any]) -> None:
    import skops.io
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    steps: list[Any] = [LinearRegression()]
    if function is _logarithm:
        steps.insert(0, FunctionTransformer(function))
    model = make_pipeline(*steps).fit(np.abs(weights(1)["W"]), np.arange(4.0))
    skops.io.dump(model, world.folder / "model.skops")
