"""Entities and aggregations as manifests in YAML write them."""

import keyword
from collections.abc import Mapping
from typing import Annotated, Any

from diptych.index.manifest.entity import entity
from diptych.index.manifest.kinds import KINDS, Fold, From, Key, Refers, Total
from diptych.index.manifest.kinds import Count as _Count
from diptych.index.manifest.manifest import BadManifest

_HINTS: dict[str, Any] = {one.name: hint for hint, one in KINDS.items()}
_HINTS |= {"total": Total, "count": _Count}
_FOLDS = ("sum", "min", "max", "first", "last")
_FIELD_KEYS = {"type", "fold", "refers", "from", "optional"}


def written_entity(name: str, written: object, where: str, *, more: frozenset[str]) -> type:
    """Return the class of an entity.

    Args:
        name: of the entity.
        written: `fields`, and perhaps `key` and `immutable`.
        where: for messages.
        more: further keys that the caller reads.

    Raises:
        BadManifest: a key is unknown, or a value of another type.
        BadEntity: no table can be made of it.
    """
    known = {"fields", "key", "immutable"} | more
    given = mapping(written, where, known)
    fields = mapping(given.get("fields"), f"{where}.fields", None)
    keys = texts(given.get("key", []), f"{where}.key")
    immutable = given.get("immutable", False)
    if not fields or not isinstance(immutable, bool):
        raise BadManifest(f"{where}: expected fields, and immutable: true or false")
    refused = [one for one in (name, *fields) if not one.isidentifier() or keyword.iskeyword(one)]
    if refused:
        raise BadManifest(f"{where}: got name '{refused[0][:60]}', expected another")
    unknown = [one for one in keys if one not in fields]
    if unknown:
        raise BadManifest(f"{where}.key: got '{unknown[0][:60]}', expected a field")
    hints = {
        one: _hint(value, f"{where}.fields.{one}", is_key=one in keys)
        for one, value in fields.items()
    }
    made = type(name, (), {"__annotations__": hints, "__doc__": f"{name}, as written."})
    declared: type = entity(made, immutable=immutable)
    return declared


def mapping(written: object, where: str, known: "frozenset[str] | set[str] | None") -> Any:
    """Return a mapping with known keys.

    Raises:
        BadManifest: it is none, or has others.
    """
    if not isinstance(written, Mapping):
        raise BadManifest(f"{where}: got {written!r:.60}, expected names with values")
    unknown = [] if known is None else sorted(set(written) - known)
    if unknown and known is not None:
        expected = ", ".join(sorted(known))
        raise BadManifest(f"{where}: got '{unknown[0][:60]}', expected {expected}")
    return written


def texts(written: object, where: str) -> list[str]:
    """Return one text, or a list of them.

    Raises:
        BadManifest: it is neither.
    """
    given = [written] if isinstance(written, str) else written
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise BadManifest(f"{where}: got {written!r:.60}, expected text or a list of it")
    return given


def _hint(written: object, where: str, *, is_key: bool) -> Any:
    given = {"type": written} if isinstance(written, str) else written
    given = mapping(given, where, _FIELD_KEYS)
    hint = _HINTS.get(str(given.get("type")))
    if hint is None:
        raise BadManifest(
            f"{where}: got type '{str(given.get('type'))[:40]}', expected {', '.join(_HINTS)}"
        )
    fold = given.get("fold")
    if fold is not None and fold not in _FOLDS:
        raise BadManifest(f"{where}: got fold '{str(fold)[:40]}', expected {', '.join(_FOLDS)}")
    marks: list[object] = [Key()] if is_key else []
    if fold is not None:
        marks.append(Fold(fold))
    for name, mark in (("refers", Refers), ("from", From)):
        if name in given:
            marks.append(mark(str(given[name])))
    if given.get("optional", False) is True:
        hint = hint | None
    for one in marks:
        hint = Annotated[hint, one]
    return hint
