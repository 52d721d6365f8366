"""Which format a model folder holds; pickles and their like are refused by name and by content."""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

from diptych.models.errors import UnsafeFormat, UnsupportedFormat
from diptych.models.formats.pickles import (
    archived_kind,
    compressed_kind,
    has_pickle_head,
    pickle_kind,
)

ONNX = "onnx"
SAFETENSORS = "safetensors"
SKOPS = "skops"
FORMATS = (ONNX, SAFETENSORS, SKOPS)
_SUFFIXES = {".onnx": ONNX, ".safetensors": SAFETENSORS, ".skops": SKOPS}
_ADVICE = {
    "pickle": "a pickle runs code when it is read: save scikit-learn models with skops.io.dump",
    "joblib": "a joblib file is a pickle: save scikit-learn models with skops.io.dump",
    "torch": "a torch file is a pickle: save weights with safetensors.torch.save_file, or export "
    "the model with torch.onnx.export",
    "keras": "a Keras file can hold code: export it to ONNX with tf2onnx",
    "custom code": "auto_map has transformers run Python files with trust_remote_code: use a class "
    "of transformers itself and leave auto_map out, or export the model to ONNX",
    "numpy": "an object array is a pickle: save numeric arrays only",
}
_UNSAFE_SUFFIXES = {
    **dict.fromkeys((".pkl", ".pickle", ".pck", ".pcl", ".dill", ".cloudpickle"), "pickle"),
    **dict.fromkeys((".joblib", ".jbl"), "joblib"),
    **dict.fromkeys((".pt", ".pth", ".ckpt", ".pt2", ".mar"), "torch"),
    **dict.fromkeys((".h5", ".hdf5", ".keras"), "keras"),
}
_COMPRESSIONS = frozenset(["gz", "bz2", "xz", "lzma", "z", "zst", "lz4"])
# What others save models as, with how to bring it here.
_ELSEWHERE = {
    **dict.fromkeys((".gguf", ".ggml"), "publish the safetensors that the GGUF file was made from"),
    **dict.fromkeys((".tflite", ".pb"), "export the TensorFlow model to ONNX with tf2onnx"),
    **dict.fromkeys((".ubj", ".bst", ".cbm", ".lgb"), "convert boosted trees with onnxmltools"),
    **dict.fromkeys((".mlmodel", ".engine", ".plan"), "publish the ONNX file it was made from"),
}
_MAX_SETTINGS_BYTES = 16 << 20
_TORCH_LEGACY = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"


@dataclass(frozen=True)
class Detected:
    """A format, and the files (in path order) that hold the model itself."""

    format: str
    files: tuple[str, ...]


def detect(content: Mapping[str, bytes]) -> Detected:
    """Find the model among the files of a folder.

    Args:
        content: bytes by path.

    Raises:
        UnsafeFormat: any file is, by name or content, one that can run code when read.
        UnsupportedFormat: there is no model, or models of two formats, or two ONNX or skops files.
    """
    refuse_unsafe(content)
    found: dict[str, list[str]] = {}
    for path in sorted(content, key=str.encode):
        kind = _SUFFIXES.get(_suffix(path))
        if kind is not None:
            found.setdefault(kind, []).append(path)
    if len(found) != 1:
        elsewhere = (_ELSEWHERE[end] for end in map(_suffix, sorted(content)) if end in _ELSEWHERE)
        held = ", ".join(path for paths in found.values() for path in paths) or "none"
        raise UnsupportedFormat(
            f"got model files: {held}; expected files of one format of {', '.join(FORMATS)}",
            hint=next(elsewhere, "export the model to ONNX, safetensors or skops"),
        )
    ((kind, paths),) = found.items()
    if len(paths) > 1 and kind != SAFETENSORS:
        raise UnsupportedFormat(
            f"got {len(paths)} {kind} files, expected one: {', '.join(paths[:5])}",
            hint="publish each as a model of its own",
        )
    return Detected(kind, tuple(paths))


def refuse_unsafe(content: Mapping[str, bytes]) -> None:
    """Refuse a folder with a file that can run code when it is read.

    Raises:
        UnsafeFormat: naming the file and what to do instead.
    """
    for path in sorted(content, key=str.encode):
        kind = unsafe_kind(path, content[path])
        if kind is not None:
            raise UnsafeFormat(
                f"'{path}' is a {kind} file, which can run code when it is read",
                hint=_ADVICE[kind],
                path=path,
                kind=kind,
            )


def unsafe_kind(path: str, raw: bytes) -> str | None:
    """Return what kind of unsafe file this is by name or content, None if it seems harmless."""
    by_name = _kind_by_name(path)
    if by_name is not None:
        return by_name
    if raw.startswith(_TORCH_LEGACY):
        return "torch"
    if raw.startswith(b"\x89HDF\r\n\x1a\n"):
        return "keras"
    if _suffix(path) == ".json" and _names_code(raw):
        return "custom code"
    zipped = zipfile.is_zipfile(io.BytesIO(raw))
    held = archived_kind(raw, _kind_by_name) if zipped else compressed_kind(raw)
    if held is not None:
        return held
    if _SUFFIXES.get(_suffix(path)) in {ONNX, SAFETENSORS}:
        return "pickle" if has_pickle_head(raw) else None
    return pickle_kind(raw)


def _kind_by_name(path: str) -> str | None:
    stem, _, last = path.lower().rpartition(".")
    return _UNSAFE_SUFFIXES.get(_suffix(stem if last in _COMPRESSIONS else path))


def _names_code(raw: bytes) -> bool:
    """Tell whether this is a settings file that has `transformers` run Python files of the folder.

    https://huggingface.co/docs/transformers/custom_models: `auto_map` names module and class.
    """
    if b"auto_map" not in raw or len(raw) > _MAX_SETTINGS_BYTES:
        return False
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and bool(found.get("auto_map"))


def _suffix(path: str) -> str:
    name = path.rpartition("/")[2].lower()
    return f".{name.rpartition('.')[2]}" if "." in name else ""
