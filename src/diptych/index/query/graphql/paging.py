"""Order and pages of GraphQL lists as SQL. Pure."""

from collections.abc import Mapping
from typing import Any

from diptych.index.manifest.entity import Entity
from diptych.index.query.graphql.filters import BadFilter, Statement
from diptych.index.query.graphql.schema import ID, has_own_id
from diptych.index.store.tables import listed, quoted

_MAX_FIRST = 1_000
_MAX_SKIP = 100_000
_DEFAULT_FIRST = 100


def window(arguments: Mapping[str, Any]) -> tuple[int, int]:
    """Return `first` and `skip`.

    Raises:
        BadFilter: one is negative or too large.
    """
    values = []
    for name, default, most in (("first", _DEFAULT_FIRST, _MAX_FIRST), ("skip", 0, _MAX_SKIP)):
        given = arguments.get(name, default)
        number = default if given is None else int(given)
        if not 0 <= number <= most:
            raise BadFilter(
                f"got {name}: {number}, expected 0 to {most}", hint="page by `after: <last id>`"
            )
        values.append(number)
    return values[0], values[1]


def ordered(
    entity: Entity, arguments: Mapping[str, Any], one: Mapping[str, Entity], made: Statement
) -> str:
    """Return the order, ended by the keys so that pages never overlap; nulls come last."""
    direction = _direction(arguments)
    keys = [f"t.{quoted(key)} {direction}" for key in entity.keys]
    chosen = arguments.get("orderBy")
    if chosen is None or (chosen == ID and not has_own_id(entity)):
        return ", ".join(keys)
    name, _, nested = str(chosen).partition("__")
    if nested and name in one:
        other = one[name]
        column = (
            f"(select o.{quoted(nested)} from {quoted(other.table)} o where"
            f" o.{quoted(other.keys[0])} = t.{quoted(name)} and {made.stands(other, 'o.')})"
        )
    else:
        column = f"t.{quoted(entity.field(str(chosen)).name)}"
    return ", ".join([f"{column} {direction} nulls last", *keys])


def order_column(entity: Entity, arguments: Mapping[str, Any]) -> str | None:
    """Return the column that pages are ordered by, None for the keys alone.

    Raises:
        BadFilter: it is one of another entity, which pages by `after` cannot follow.
    """
    chosen = arguments.get("orderBy")
    if chosen is None or (chosen == ID and not has_own_id(entity)):
        return None
    if "__" in str(chosen):
        raise BadFilter("got `after` with an order by another entity's field")
    return entity.field(str(chosen)).name


def after(
    made: Statement, entity: Entity, arguments: Mapping[str, Any], anchor: Mapping[str, Any]
) -> str:
    """Return the condition that a row comes after another one in the same order.

    Args:
        made: takes the values.
        entity: whose rows are paged.
        arguments: of the list.
        anchor: the other row's keys and column of order.
    """
    compare = "<" if _direction(arguments) == "desc" else ">"
    places = [made.value(anchor[name], entity.field(name)) for name in entity.keys]
    later = f"({listed(entity.keys, 't.')}) {compare} ({', '.join(places)})"
    name = order_column(entity, arguments)
    if name is None:
        return later
    column = f"t.{quoted(name)}"
    if anchor[name] is None:
        return f"({column} is null and {later})"
    value = made.value(anchor[name], entity.field(name))
    beyond = f"{column} {compare} {value} or ({column} = {value} and {later})"
    return f"({beyond} or {column} is null)" if entity.field(name).nullable else f"({beyond})"


def _direction(arguments: Mapping[str, Any]) -> str:
    return "desc" if arguments.get("orderDirection") == "desc" else "asc"
