"""Which format a model folder holds; pickles and their like are refused by name and by content."""

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

from diptych.models.errors import UnsafeFormat, UnsupportedFormat

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
    "numpy": "an object array is a pickle: save numeric arrays only",
}
_UNSAFE_SUFFIXES = {
    **dict.fromkeys((".pkl", ".pickle", ".pck", ".pcl", ".dill", ".cloudpickle"), "pickle"),
    **dict.fromkeys((".joblib", ".jbl"), "joblib"),
    **dict.fromkeys((".pt", ".pth", ".ckpt", ".pt2", ".mar"), "torch"),
    **dict.fromkeys((".h5", ".hdf5", ".keras"), "keras"),
}
# Opcodes by which a pickle imports: what has none of them can call nothing.
_IMPORTS = frozenset(["GLOBAL", "STACK_GLOBAL", "INST", "EXT1", "EXT2", "EXT4"])
_PROTOCOL = re.compile(rb"\x80[\x02-\x05]")
_MAX_TEXT_PICKLE = 1 << 20
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
        held = ", ".join(path for paths in found.values() for path in paths) or "none"
        raise UnsupportedFormat(
            f"got model files {held}, expected files of one format of {', '.join(FORMATS)}",
            hint="export the model to ONNX, safetensors or skops",
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
    by_name = _UNSAFE_SUFFIXES.get(_suffix(path))
    if by_name is not None:
        return by_name
    if raw.startswith(_TORCH_LEGACY):
        return "torch"
    if raw.startswith(b"PK\x03\x04"):
        return _unsafe_zip(raw)
    if raw.startswith(b"\x89HDF\r\n\x1a\n"):
        return "keras"
    if raw.startswith(b"\x93NUMPY") and re.search(rb"'descr': *'\|O", raw[:4096]):
        return "numpy"
    if _SUFFIXES.get(_suffix(path)) in {ONNX, SAFETENSORS}:
        return "pickle" if _PROTOCOL.match(raw) else None
    return _pickled(raw)


def _unsafe_zip(raw: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError):
        return None
    if any(name.endswith("data.pkl") for name in names):
        return "torch"
    if any(_suffix(name) in _UNSAFE_SUFFIXES for name in names):
        return "pickle"
    return None


def _pickled(raw: bytes) -> str | None:
    """Recognise a pickle without suffix: protocol 2 and later by its head, 0 and 1 by parsing."""
    if raw[:2] in {b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"}:
        return "joblib" if _PROTOCOL.match(_inflated(raw)) else None
    if not raw.endswith(b".") and not _PROTOCOL.match(raw):
        return None
    if _PROTOCOL.match(raw):
        return "joblib" if b"joblib.numpy_pickle" in raw[:4096] else "pickle"
    return "pickle" if len(raw) <= _MAX_TEXT_PICKLE and _imports(raw) else None


def _inflated(raw: bytes) -> bytes:
    import zlib

    try:
        return zlib.decompressobj().decompress(raw, 16)
    except zlib.error:
        return b""


def _imports(raw: bytes) -> bool:
    import pickletools

    seen = False
    try:
        for opcode, _, _ in pickletools.genops(raw):
            seen = seen or opcode.name in _IMPORTS
    except Exception:  # whatever a hostile file makes it raise: then nothing can read it as one
        return False
    return seen


def _suffix(path: str) -> str:
    name = path.rpartition("/")[2].lower()
    return f".{name.rpartition('.')[2]}" if "." in name else ""
