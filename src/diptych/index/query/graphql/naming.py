"""Names of fields and types, as The Graph forms them. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

from diptych.index.manifest.entity import Entity, Field


class Derived(NamedTuple):
    """A list of rows that refer to a row.

    Attributes:
        name: of the GraphQL field.
        entity: whose rows refer.
        field: the field that holds the key.
    """

    name: str
    entity: Entity
    field: Field


def singular(entity: Entity) -> str:
    """Return the query of one row.

    >>> singular(Entity("TokenBalance", (), ()))
    'tokenBalance'
    """
    return entity.name[0].lower() + entity.name[1:]


def plural(entity: Entity) -> str:
    """Return the query of many rows.

    >>> plural(Entity("Factory", (), ())), plural(Entity("Swap", (), ()))
    ('factories', 'swaps')
    """
    name = singular(entity)
    if name.endswith("y") and name[-2:-1] not in set("aeiou"):
        return name[:-1] + "ies"
    if name.endswith(("s", "x", "z", "ch", "sh")):
        return name + "es"
    return name + "s"


def refers_to_one(entity: Entity, entities: Iterable[Entity]) -> dict[str, Entity]:
    """Return the fields of an entity that hold the key of another that has one key."""
    by_name = {one.name: one for one in entities}
    found = {}
    for field in entity.fields:
        other = by_name.get(field.refers or "")
        if other is not None and len(other.keys) == 1:
            found[field.name] = other
    return found


def derived(entity: Entity, entities: Iterable[Entity]) -> list[Derived]:
    """Return the lists of rows that refer to an entity's rows."""
    every = list(entities)
    taken = {one.name for one in entity.fields}
    found = []
    for other in every:
        for name, target in refers_to_one(other, every).items():
            if target is entity:
                wanted = plural(other)
                if wanted in taken:
                    wanted += "By" + name[0].upper() + name[1:]
                taken.add(wanted)
                found.append(Derived(wanted, other, other.field(name)))
    return found
