"""Changes within containers: a JSON header after its length, members of a zip, protobuf fields."""

import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from random import Random

from tests.property.fuzz.bytewise import bytewise
from tests.property.fuzz.documents import edited_bytes, json_wise
from tests.property.fuzz.elements import LIES

_HEADER_BYTES = 8
_MAX_DEPTH = 8
_VARINTS = (0, 1, 127, 128, 2**31 - 1, 2**31, 2**32, 2**63 - 1, 2**63, 2**64 - 1)
Field = tuple[int, int, bytes | list["Field"]]
"""Number, wire type, content; a message within a message is a list."""


def header_wise(random: Random, raw: bytes, seeds: Sequence[bytes]) -> bytes:
    """Change the JSON after an eight-byte length, as safetensors has it; mostly the length fits."""
    size = int.from_bytes(raw[:_HEADER_BYTES], "little")
    if size > len(raw) - _HEADER_BYTES:
        return bytewise(random, raw, seeds)
    header, rest = raw[_HEADER_BYTES : _HEADER_BYTES + size], raw[_HEADER_BYTES + size :]
    header = json_wise(random, header, [header])
    lie = random.choice(LIES) if random.random() < 0.1 else 0
    return ((len(header) + lie) % 2**64).to_bytes(_HEADER_BYTES, "little") + header + rest


def zip_wise(random: Random, raw: bytes, seeds: Sequence[bytes]) -> bytes:
    """Change one member of a zip archive and pack it again, so that its checksum is right."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = [(one.filename, archive.read(one)) for one in archive.infolist()]
    except (zipfile.BadZipFile, ValueError, EOFError, OSError, RuntimeError, zlib.error):
        return bytewise(random, raw, seeds)
    if not members:
        return bytewise(random, raw, seeds)
    at = random.randrange(len(members))
    name, content = members[at]
    kind = random.randrange(8)
    if kind == 0:
        del members[at]
    elif kind == 1:
        members.append((random.choice((name, "../x", "data.pkl", "", "x" * 70_000)), content))
    elif kind == 2:
        members[at] = (name, bytes(random.choice((1 << 16, 32 << 20))))
    else:
        members[at] = (name, _edited(random, content))
    return _packed(members)


def _edited(random: Random, content: bytes) -> bytes:
    if content[:6] == b"\x93NUMPY" and random.random() < 0.8:
        end = 10 + int.from_bytes(content[8:10], "little")
        head = bytewise(random, content[10:end], [content[10:end]])[:60_000]
        return content[:8] + struct.pack("<H", len(head)) + head + content[end:]
    return edited_bytes(random, content or b"\x00")


def _packed(members: list[tuple[str, bytes]]) -> bytes:
    target = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # a name twice is what we want
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name[:60_000]), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def protobuf_wise(random: Random, raw: bytes, seeds: Sequence[bytes]) -> bytes:
    """Change one protobuf field; lengths around it are written anew, so that the rest stands."""
    tree = _tree(raw, 0)
    if not tree:
        return bytewise(random, raw, seeds)
    holder = tree
    while True:
        at = random.randrange(len(holder))
        content = holder[at][2]
        if not isinstance(content, list) or not content or random.random() < 0.2:
            break
        holder = content
    _change_field(random, holder, at)
    return _bytes(tree)


def _change_field(random: Random, holder: list[Field], at: int) -> None:
    number, wire, content = holder[at]
    kind = random.randrange(7)
    if kind == 0:
        del holder[at]
    elif kind == 1:
        holder[at:at] = [holder[at]] * random.choice((1, 2, 300))
    elif kind == 2:
        holder[at] = (random.choice((1, 3, 5, 20, 25, 2**29 - 1)), wire, content)
    elif kind == 3 and wire == 2:
        for _ in range(random.choice((1, 3, 40))):
            holder[at] = (number, 2, [holder[at]])
    elif wire == 0:
        holder[at] = (number, 0, _varint(random.choice(_VARINTS)))
    elif isinstance(content, bytes):
        holder[at] = (number, wire, bytewise(random, content, [content or b"\x00"]))


def _tree(raw: bytes, depth: int) -> list[Field] | None:
    found: list[Field] = []
    at = 0
    while at < len(raw):
        try:
            key, at = _read(raw, at)
            wire = key & 7
            if wire == 0:
                start = at
                _, at = _read(raw, at)
                found.append((key >> 3, wire, raw[start:at]))
                continue
            size, at = (8 if wire == 1 else 4, at) if wire in (1, 5) else _read(raw, at)
        except IndexError:
            return None
        if wire not in (1, 2, 5) or at + size > len(raw) or not key >> 3:
            return None
        content = raw[at : at + size]
        inner = _tree(content, depth + 1) if wire == 2 and depth < _MAX_DEPTH else None
        found.append((key >> 3, wire, inner or content))
        at += size
    return found


def _read(raw: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (raw[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if raw[at - 1] < 0x80:
            return value, at


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def _bytes(tree: list[Field]) -> bytes:
    parts = []
    for number, wire, content in tree:
        inner = content if isinstance(content, bytes) else _bytes(content)
        parts.append(_varint(number << 3 | wire))
        parts.append((_varint(len(inner)) if wire == 2 else b"") + inner)
    return b"".join(parts)
