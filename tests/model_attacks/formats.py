"""Files that can run code or reach other files, under honest and disguised names."""

import gzip
import io
import pickle
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from tests.model_attacks.files import folder_model, small_onnx, small_safetensors, weights
from tests.model_attacks.scene import Case, World

UNSAFE, BAD = ("Model.UnsafeFormat",), ("Model.BadFile",)


def format_cases() -> Iterator[Case]:
    """Yield files that can run code or reach other files, under honest and disguised names."""
    yield from _pickle_cases()
    yield from _onnx_cases()
    yield from _safetensors_cases()
    yield from _skops_cases()


def _pickle_cases() -> Iterator[Case]:
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
        ("model.dat", zlib.compress(evil)),
        ("weights.dat", gzip.compress(evil)),
        ("model.pkl.gz", gzip.compress(evil)),
        ("archive.zip", _zip({"weights": evil})),
        ("notes.txt", b"cbuiltins\nprint\n(S'ran'\ntR and no proper end"),
        ("config.json", b'{"auto_map": {"AutoModel": "modeling.Model"}}'),
    ):
        yield _format(f"{name} in the folder", name, raw, UNSAFE)
    yield _format("a pickle called model.onnx", "model.onnx", evil, UNSAFE)


def _onnx_cases() -> Iterator[Case]:
    yield _format("a custom operator", "model.onnx", small_onnx(2, operator="Shell"), UNSAFE)
    yield _format(
        "an operator of the runtime that opens files",
        "model.onnx",
        small_onnx(2, operator="EPContext", domain="com.microsoft"),
        UNSAFE,
    )
    for location in ("../first/data/weights.bin", "/etc/hostname", "data/../../x", "..\\x"):
        raw = small_onnx(2, location=location, length=48)
        yield _format(f"external data in {location}", "model.onnx", raw, UNSAFE)
    beyond = small_onnx(2, location="data/weights.bin", length=4_800)
    yield _format("external data beyond its file", "model.onnx", beyond, UNSAFE)
    yield _format("cut off graph", "model.onnx", small_onnx(2)[:-40], BAD)
    yield _format("not a graph", "model.onnx", b"\x12\x03abc", BAD)


def _safetensors_cases() -> Iterator[Case]:
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
            BAD,
            use=lambda w: w.book.models.publish("weights.safetensors", "new"),
        )


def _skops_cases() -> Iterator[Case]:
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
        UNSAFE,
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
    return _zip({"archive/data.pkl": pickle.dumps({}), "archive/version": b"3"})


def _zip(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
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
