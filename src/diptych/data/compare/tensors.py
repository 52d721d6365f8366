"""Compare two files of tensors, safetensors or npz: by name, type, shape and digest of the values.

npz (numpy.lib.format, a zip of npy): only plain numeric arrays are read, never pickled objects.
"""

import hashlib
import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from diptych.core.errors import JsonValue
from diptych.data.compare.errors import CannotCompare

MAX_TENSORS = 1_000_000
MAX_BYTES = 8 << 30


@dataclass(frozen=True)
class TensorDigest:
    """One tensor: type, shape and SHA-256 of its values."""

    dtype: str
    shape: tuple[int, ...]
    sha256: bytes


@dataclass(frozen=True)
class TensorChanges:
    """What changed from one set of tensors to another, by name.

    Attributes:
        added: names.
        removed: names.
        changed: names of tensors of the same type and shape with other values.
        reshaped: names of tensors of another type or shape.
        renamed: (old name, new name) of the same values under another name.
        unchanged: number of tensors.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    reshaped: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    unchanged: int

    def text(self) -> str:
        """Return the counts as one phrase."""
        counts = {
            "added": self.added,
            "removed": self.removed,
            "changed": self.changed,
            "of another type or shape": self.reshaped,
            "renamed": self.renamed,
        }
        shown = [f"{len(names)} {word}" for word, names in counts.items() if names]
        return f"tensors: {', '.join([*shown, f'{self.unchanged} unchanged'])}"

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `--json` shows."""
        return {
            "added": list(self.added),
            "removed": list(self.removed),
            "changed": list(self.changed),
            "reshaped": list(self.reshaped),
            "renamed": [list(pair) for pair in self.renamed],
            "unchanged": self.unchanged,
        }


def compare_tensors(
    old: Mapping[str, TensorDigest], new: Mapping[str, TensorDigest]
) -> TensorChanges:
    """Compare two sets of tensors."""
    both = sorted(old.keys() & new.keys())
    gone, fresh = sorted(old.keys() - new.keys()), sorted(new.keys() - old.keys())
    waiting: dict[TensorDigest, list[str]] = {}
    for name in reversed(gone):
        waiting.setdefault(old[name], []).append(name)
    renamed = []
    for name in fresh:
        names = waiting.get(new[name])
        if names:
            renamed.append((names.pop(), name))
    moved = {name for pair in renamed for name in pair}
    same = [name for name in both if old[name] == new[name]]
    other = [name for name in both if old[name] != new[name]]
    alike = {
        name
        for name in other
        if (old[name].dtype, old[name].shape) == (new[name].dtype, new[name].shape)
    }
    return TensorChanges(
        added=tuple(name for name in fresh if name not in moved),
        removed=tuple(name for name in gone if name not in moved),
        changed=tuple(name for name in other if name in alike),
        reshaped=tuple(name for name in other if name not in alike),
        renamed=tuple(renamed),
        unchanged=len(same),
    )


def read_tensors(raw: bytes, *, where: str) -> dict[str, TensorDigest]:
    """Return the tensors of a safetensors or npz file by name.

    Raises:
        CannotCompare: it is neither, is damaged or holds pickled objects.
        BadModelFile: a damaged safetensors file.
    """
    if raw.startswith(b"PK\x03\x04"):
        return _read_npz(raw, where)
    from diptych.models.formats.safetensors_file import read_safetensors

    return {
        name: TensorDigest(dtype, tuple(values.shape), hashlib.sha256(values.tobytes()).digest())
        for name, (dtype, values) in read_safetensors(raw, where=where).items()
    }


def _read_npz(raw: bytes, where: str) -> dict[str, TensorDigest]:
    found: dict[str, TensorDigest] = {}
    left = MAX_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = archive.infolist()
            if len(members) > MAX_TENSORS:
                raise CannotCompare(f"{where}: more than {MAX_TENSORS:,} tensors")
            for member in members:
                left -= member.file_size
                if left < 0:
                    raise CannotCompare(f"{where}: more than {MAX_BYTES:,} bytes of tensors")
                with archive.open(member) as stream:
                    content = stream.read(member.file_size)
                found[member.filename.removesuffix(".npy")] = _read_npy(content, where)
    except (zipfile.BadZipFile, zlib.error, ValueError, RuntimeError, EOFError, OSError) as error:
        raise CannotCompare(f"{where}: not an npz file of plain arrays: {error}") from None
    return found


def _read_npy(content: bytes, where: str) -> TensorDigest:
    from numpy.lib import format as npy

    stream = io.BytesIO(content)
    version = npy.read_magic(stream)
    reader = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(version)
    if reader is None:
        raise CannotCompare(f"{where}: npy version {version} is not known")
    shape, fortran, dtype = reader(stream)
    if dtype.hasobject:
        raise CannotCompare(
            f"{where}: holds pickled objects, which are never read",
            hint="save plain numeric arrays",
        )
    digest = hashlib.sha256(content[stream.tell() :]).digest()
    return TensorDigest(f"{dtype.str}{' F' if fortran else ''}", tuple(shape), digest)
