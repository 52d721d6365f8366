"""Every leaf of a JSON document, and copies of the document with one leaf changed."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

from diptych.core.canonical import canonical_json
from diptych_verify.errors import VerificationError

Path = tuple[str | int, ...]


def leaves(document: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield (path, value) of every string, number, boolean and null."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield from leaves(value, (*path, key))
    elif isinstance(document, list):
        for position, value in enumerate(document):
            yield from leaves(value, (*path, position))
    else:
        yield path, document


def replaced(document: Any, path: Path, value: Any) -> Any:
    """Return a copy with the value at `path` replaced."""
    changed = copy.deepcopy(document)
    holder = changed
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return changed


def mutated(value: Any) -> Any:
    """Return a value of the same type that differs; text changes in its middle."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return value + 0.5
    if value is None:
        return "null"
    middle = len(value) // 2
    while middle and not value[middle].isalnum():
        middle -= 1
    other = "A" if value[middle : middle + 1] != "A" else "B"
    if value[middle : middle + 1].isdigit():
        other = "1" if value[middle] != "1" else "2"
    return value[:middle] + other + value[middle + 1 :]


def accepted_changes(bundle: bytes, verify: Callable[[bytes], object]) -> list[Path]:
    """Change each leaf of a bundle in turn; return those whose change `verify` lets through."""
    document, accepted = json.loads(bundle), []
    for path, value in leaves(document):
        try:
            verify(canonical_json(replaced(document, path, mutated(value))))
        except VerificationError:
            continue
        accepted.append(path)
    return accepted
