"""skops files whose bytes depend on the model alone, so that equal trainings have equal digests.

`skops.io.dump` numbers objects by memory address and stamps the time of day; here they are
numbered in order of appearance, and the time is that of the ZIP format's beginning. `skops.io.load`
reads it.
"""

import io
import json
import zipfile
from typing import Any

_BEGINNING = (1980, 1, 1, 0, 0, 0)
_SCHEMA = "schema.json"
_LIBRARIES = ("sklearn.", "scipy.", "numpy.")


def stable_skops(estimator: Any) -> bytes:
    """Return a fitted estimator as a skops file.

    Raises:
        TypeError: skops cannot write a part of it.
    """
    import skops.io

    with zipfile.ZipFile(io.BytesIO(skops.io.dumps(estimator))) as archive:
        schema = json.loads(archive.read(_SCHEMA))
        content = {name: archive.read(name) for name in archive.namelist() if name != _SCHEMA}
    numbers: dict[int, int] = {}
    names: dict[str, str] = {}
    _renumber(schema, numbers, names)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(content, key=lambda each: names.get(each, each)):
            archive.writestr(_member(names.get(name, name)), content[name])
        text = json.dumps(schema, indent=1, sort_keys=True)
        archive.writestr(_member(_SCHEMA), text)
    return packed.getvalue()


def library_types(raw: bytes) -> list[str]:
    """Return the classes in a skops file that skops does not trust, but are its libraries' own.

    For files that were just made of objects in memory: those of a stranger are trusted by hand.
    """
    import skops.io

    return [name for name in skops.io.get_untrusted_types(data=raw) if name.startswith(_LIBRARIES)]


def _renumber(node: Any, numbers: dict[int, int], names: dict[str, str]) -> None:
    """Give every object and every member file its number by order of appearance."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting.extend(reversed(part))
        elif isinstance(part, dict):
            if isinstance(part.get("__id__"), int):
                part["__id__"] = numbers.setdefault(part["__id__"], len(numbers) + 1)
            file = part.get("file")
            if isinstance(file, str):
                suffix = file[file.rfind(".") :] if "." in file else ""
                part["file"] = names.setdefault(file, f"{len(names) + 1:06d}{suffix}")
            waiting.extend(reversed(part.values()))


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _BEGINNING)
    info.external_attr = 0o644 << 16
    return info
