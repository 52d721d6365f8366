"""scikit-learn models saved with skops: read under limits, built only from trusted classes."""

import io
import zipfile
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from diptych.models.errors import BadModelFile, UntrustedTypes
from diptych_verify.jsonio import strict_json

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_UNPACKED_BYTES = 8 << 30
MAX_MEMBERS = 100_000
MAX_RATIO = 100
"""Unpacked to packed bytes of a file above `_SMALL_BYTES`: beyond this it is a bomb, no model."""
_SMALL_BYTES = 64 << 20
_MAX_SCHEMA_BYTES = 256 << 20


def members(raw: bytes, *, where: str) -> dict[str, bytes]:
    """Return the files in a skops archive, unpacked in memory under limits.

    Raises:
        BadModelFile: not a skops archive, too large unpacked, or a name twice.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            listed = archive.infolist()
            total = sum(each.file_size for each in listed)
            most = min(MAX_UNPACKED_BYTES, max(_SMALL_BYTES, MAX_RATIO * len(raw)))
            if len(listed) > MAX_MEMBERS or total > most:
                raise BadModelFile(f"{where}: it unpacks to {len(listed)} files, {total:,} bytes")
            if len({each.filename for each in listed}) != len(listed):
                raise BadModelFile(f"{where}: a file stands in it twice")
            found = {each.filename: archive.read(each) for each in listed}
    except BadModelFile:
        raise
    except Exception as error:  # zipfile and zlib raise many kinds on a hostile archive
        raise BadModelFile(f"{where}: not a skops file: {_shown(error)}") from None
    if "schema.json" not in found:
        raise BadModelFile(f"{where}: not a skops file: it has no schema.json")
    return found


def load_skops(raw: bytes, *, where: str, trusted: Iterable[str] = ()) -> Any:
    """Build the estimator.

    Args:
        raw: the file's bytes.
        where: its name in errors.
        trusted: full class names to accept besides those that skops itself trusts.

    Raises:
        UntrustedTypes: it holds other classes; `details` names them.
        BadModelFile: it cannot be read.
    """
    import skops.io

    accepted = list(trusted)
    members(raw, where=where)
    try:
        unknown = sorted(set(skops.io.get_untrusted_types(data=raw)) - set(accepted))
    except Exception as error:  # a hostile schema can make skops raise anything
        raise BadModelFile(f"{where}: skops cannot read it: {_shown(error)}") from None
    if unknown:
        raise UntrustedTypes(
            f"'{where}' holds {', '.join(map(_shown, unknown[:5]))}, which skops does not trust "
            "by itself",
            hint=f"if you know them: {' '.join(f'--trust {_shown(one)}' for one in unknown[:5])}",
            types=list(unknown),
        )
    try:
        return skops.io.loads(raw, trusted=accepted)
    except Exception as error:  # see above
        raise BadModelFile(f"{where}: skops cannot read it: {_shown(error)}") from None


def read_skops(raw: bytes, *, where: str) -> "dict[str, tuple[str, NDArray[Any]]]":
    """Return dtype name and values of the arrays by their place in the estimator; nothing is run.

    Raises:
        BadModelFile: it cannot be read.
    """
    import numpy as np

    files = members(raw, where=where)
    found: dict[str, tuple[str, NDArray[Any]]] = {}
    try:
        schema = strict_json(files["schema.json"], max_bytes=_MAX_SCHEMA_BYTES, max_depth=256)
        for place, name in _places(schema, ""):
            if name in files and name.endswith(".npy"):
                array = np.lib.format.read_array(io.BytesIO(files[name]), allow_pickle=False)
                if array.dtype.kind in "fiubc":
                    found[_unique(found, place)] = (array.dtype.name, array)
    except Exception as error:  # numpy evaluates the header of an array; see above
        raise BadModelFile(f"{where}: {_shown(error)}") from None
    return found


def _places(node: Any, place: str) -> Iterator[tuple[str, str]]:
    """Yield (dotted place, file name) of every array that the schema refers to."""
    if isinstance(node, list):
        for position, each in enumerate(node):
            yield from _places(each, f"{place}.{position}")
        return
    if not isinstance(node, dict):
        return
    name = node.get("file")
    if isinstance(name, str):
        yield place.strip("."), name
    for key, each in node.items():
        if isinstance(each, dict | list) and not key.startswith("__"):
            step = "" if key in ("content", "attrs") else f".{key}"
            yield from _places(each, place + step)


def _unique(found: dict[str, Any], place: str) -> str:
    name = place or "array"
    number = 1
    while name in found:
        number += 1
        name = f"{place}#{number}"
    return name


def _shown(said: object) -> str:
    """Return what a hostile file made a library say, short and without control characters."""
    return ascii(str(said)[:200])[1:-1]
