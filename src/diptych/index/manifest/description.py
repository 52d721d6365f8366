"""Entities as text, so that a store knows its tables without the manifest that made them."""

import json
from collections.abc import Iterable
from typing import Any

from diptych.core.errors import ConfigError
from diptych.index.manifest.entity import Entity, Field
from diptych.index.manifest.kinds import KINDS, Fold

_KINDS = {one.name: one for one in KINDS.values()}
_MAX_CHARACTERS = 4 << 20


class BadDescription(ConfigError):
    """What a store says of its tables cannot be read."""

    code = "Index.BadDescription"


def described(entities: Iterable[Entity]) -> str:
    """Return entities as text; `read_described` reads it again."""
    return json.dumps([_shown(one) for one in entities], separators=(",", ":"))


def read_described(text: str) -> list[Entity]:
    """Return the entities of a text.

    Raises:
        BadDescription: it is none of `described`.
    """
    if len(text) > _MAX_CHARACTERS:
        raise BadDescription(f"got {len(text)} characters, expected at most {_MAX_CHARACTERS}")
    try:
        return [_entity(one) for one in json.loads(text)]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadDescription(
            f"the tables are not described as expected: {error}",
            hint="make the index anew from the cache: diptych index replay",
        ) from error


def _shown(one: Entity) -> dict[str, Any]:
    fields = [
        [
            field.name,
            field.kind.name,
            field.nullable,
            field.fold.name if field.fold else None,
            field.refers,
            field.source,
        ]
        for field in one.fields
    ]
    return {
        "name": one.name,
        "fields": fields,
        "keys": list(one.keys),
        "immutable": one.immutable,
        "bucket": one.bucket,
    }


def _entity(raw: dict[str, Any]) -> Entity:
    fields = [
        Field(name, _KINDS[kind], bool(nullable), Fold(fold) if fold else None, refers, source)
        for name, kind, nullable, fold, refers, source in raw["fields"]
    ]
    return Entity(raw["name"], tuple(fields), tuple(raw["keys"]), raw["immutable"], raw["bucket"])
