"""Pickles recognised by content, also compressed or inside an archive; nothing is ever unpickled.

Opcodes and their effect on the stack: `pickletools`. What is found here is refused, so a miss
runs nothing: the formats that are read are read by parsers that know no pickle.
"""

import bz2
import io
import lzma
import pickletools
import re
import zipfile
import zlib
from collections.abc import Callable

# Opcodes by which a pickle names a callable, and those that call one.
_IMPORTS = frozenset(["GLOBAL", "STACK_GLOBAL", "INST", "EXT1", "EXT2", "EXT4"])
_CALLS = frozenset(["REDUCE", "OBJ", "INST", "NEWOBJ", "NEWOBJ_EX", "BUILD"])
_QUALIFIED = re.compile(r"[^\W\d][\w.]* [^\W\d][\w.]*")
_PROTOCOL = re.compile(rb"\x80[\x02-\x05](?!\0)")
"""No opcode is zero, but the length before a safetensors header can begin with a pickle's head."""
_OBJECTS = re.compile(rb"'descr': *['\"]\|?O")
_NUMPY = b"\x93NUMPY"
_MAX_TEXT_BYTES = 1 << 20
_HEAD_BYTES = 4096
_MAX_MEMBERS = 100_000
_MAX_MEMORY_BYTES = 64 << 20


def pickle_kind(raw: bytes) -> str | None:
    r"""Return what kind of pickle this is, None if it seems to be none.

    >>> pickle_kind(b"cos\nsystem\n(S'echo'\ntR"), pickle_kind(b"cats\nand dogs\n")
    ('pickle', None)
    """
    if raw.startswith(_NUMPY):
        return "numpy" if _OBJECTS.search(raw[:_HEAD_BYTES]) else None
    if has_pickle_head(raw):
        return "joblib" if b"joblib.numpy_pickle" in raw[:_HEAD_BYTES] else "pickle"
    return "pickle" if len(raw) <= _MAX_TEXT_BYTES and _calls(raw) else None


def has_pickle_head(raw: bytes) -> bool:
    """Tell whether this begins as a pickle of protocol 2 or later does."""
    return _PROTOCOL.match(raw) is not None


def compressed_kind(raw: bytes) -> str | None:
    """Return the kind of a pickle compressed as joblib does, by zlib, gzip, bz2, xz or lzma."""
    head = _decompressed(raw)
    return "joblib" if head and pickle_kind(head) in {"pickle", "joblib"} else None


def archived_kind(raw: bytes, by_name: Callable[[str], str | None]) -> str | None:
    """Return the kind of the first pickle in a zip archive, None for none.

    Args:
        raw: the archive.
        by_name: tells the kind of a member by its name alone.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            listed = archive.infolist()[:_MAX_MEMBERS]
            if any(one.filename.endswith("data.pkl") for one in listed):
                return "torch"
            if any(by_name(one.filename) for one in listed):
                return "pickle"
            return next(filter(None, (_member_kind(archive, one) for one in listed)), None)
    except Exception:  # zipfile and zlib raise many kinds on a hostile archive: nobody can read it
        return None


def _member_kind(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> str | None:
    if member.flag_bits & 1:
        return None  # encrypted
    with archive.open(member) as stream:
        return pickle_kind(stream.read(_HEAD_BYTES))


def _decompressed(raw: bytes) -> bytes:
    """Return the beginning of what a compressed stream holds, nothing if it is none."""
    try:
        if raw[:2] in {b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"}:
            return zlib.decompressobj().decompress(raw, _HEAD_BYTES)
        if raw.startswith(b"\x1f\x8b\x08"):
            return zlib.decompressobj(31).decompress(raw, _HEAD_BYTES)
        if raw.startswith(b"BZh"):
            return bz2.BZ2Decompressor().decompress(raw, _HEAD_BYTES)
        if raw.startswith((b"\xfd7zXZ\0", b"\x5d\0\0")):
            reader = lzma.LZMADecompressor(memlimit=_MAX_MEMORY_BYTES)
            return reader.decompress(raw, _HEAD_BYTES)
    except (zlib.error, OSError, lzma.LZMAError, EOFError):
        pass
    return b""


def _calls(raw: bytes) -> bool:
    """Tell whether a pickle machine would import and call something before it stops or fails."""
    depth, marks, imported = 0, list[int](), False
    try:
        for opcode, argument, _ in pickletools.genops(raw):
            if opcode.name == "MARK":
                marks.append(depth)
                continue
            taken = opcode.stack_before
            marked = pickletools.markobject in taken
            depth = marks.pop() if marked else depth
            depth -= taken.index(pickletools.markobject) if marked else len(taken)
            if depth < 0:
                return False
            depth += len(opcode.stack_after)
            imported = imported or (opcode.name in _IMPORTS and _names(argument))
            if imported and opcode.name in _CALLS:
                return True
    except Exception:  # whatever hostile bytes raise: the machine stops there too
        return False
    return False


def _names(argument: object) -> bool:
    """Tell whether an import names a module and something in it, or finds both on the stack."""
    return not isinstance(argument, str) or _QUALIFIED.fullmatch(argument) is not None
