"""Filters of GraphQL as conditions of SQL; values are parameters, never text. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from diptych.core.errors import UsageError
from diptych.index.manifest.entity import Entity, Field
from diptych.index.query.graphql.schema import COMPARED, ID, TEXTUAL, has_own_id
from diptych.index.store.store import FROM, TO
from diptych.index.store.tables import quoted

_MAX_DEPTH = 8
_MAX_CONDITIONS = 200
_MAX_VALUES = 10_000
_COMPARE = {"": "=", "not": "!=", "gt": ">", "lt": "<", "gte": ">=", "lte": "<="}
_OPERATORS = sorted((*COMPARED, *TEXTUAL), key=len, reverse=True)


class BadFilter(UsageError):
    """A filter or argument of a GraphQL query cannot be used."""

    code = "Index.BadFilter"


@dataclass
class Statement:
    """A SELECT in the making.

    Attributes:
        amount: type of amounts in this database.
        height: block whose state is asked for, None for the newest.
        parameters: `$1`, `$2`, ...
        conditions: how many comparisons there are.
    """

    amount: str
    height: int | None
    parameters: list[object] = field(default_factory=list)
    conditions: int = 0

    def value(self, value: object, of: Field | None = None) -> str:
        """Return the place of a value, cast to the type of a column."""
        if of is not None and of.kind.is_amount:
            value = None if value is None else str(_whole(value, of))
        elif of is not None and of.kind.arrow == "int64" and value is not None:
            value = _whole(value, of)
        elif of is not None and of.kind.graphql == "Bytes" and value is not None:
            value = str(value).lower()
        self.parameters.append(value)
        place = f"${len(self.parameters)}"
        return f"cast({place} as {self.amount})" if of is not None and of.kind.is_amount else place

    def stands(self, entity: Entity, prefix: str = "") -> str:
        """Return the condition that a version of an entity stood at the block."""
        if self.height is None:
            return "true" if entity.immutable else f"{prefix}{TO} is null"
        at = f"{int(self.height)}"
        began = f"{prefix}{FROM} <= {at}"
        ended = f"({prefix}{TO} is null or {prefix}{TO} > {at})"
        return began if entity.immutable else f"{began} and {ended}"

    def spent(self) -> None:
        """Count a comparison.

        Raises:
            BadFilter: there are too many.
        """
        self.conditions += 1
        if self.conditions > _MAX_CONDITIONS:
            raise BadFilter(f"got more than {_MAX_CONDITIONS} comparisons in one query")


def condition(
    made: Statement,
    entity: Entity,
    where: Mapping[str, Any],
    relations: Mapping[str, Mapping[str, Entity]],
    *,
    depth: int = 0,
) -> str:
    """Return a filter as a condition.

    Args:
        made: takes the values.
        entity: whose rows are filtered.
        where: the filter.
        relations: by entity and field the entity that the field refers to.
        depth: how deep this filter stands in others.

    Raises:
        BadFilter: too deep, too many comparisons, or a value of the wrong kind.
    """
    if depth > _MAX_DEPTH:
        raise BadFilter(f"got filters within filters deeper than {_MAX_DEPTH}")
    parts = []
    for name, value in where.items():
        made.spent()
        if name in {"and", "or"}:
            inner = [
                condition(made, entity, one, relations, depth=depth + 1)
                for one in value or ()
                if one
            ]
            if inner:
                parts.append(f"({f' {name} '.join(f'({one})' for one in inner)})")
        elif name.endswith("_") and name[:-1] in relations.get(entity.name, {}):
            other = relations[entity.name][name[:-1]]
            inside = condition(made, other, value or {}, relations, depth=depth + 1)
            parts.append(
                f"{quoted(name[:-1])} in (select {quoted(other.keys[0])} from"
                f" {quoted(other.table)} where {made.stands(other)} and ({inside}))"
            )
        else:
            parts.append(_compared(made, entity, name, value))
    return " and ".join(parts) or "true"


def _compared(made: Statement, entity: Entity, name: str, value: Any) -> str:
    by_id = name == ID or name.startswith(f"{ID}_")
    if by_id and not has_own_id(entity):
        return _by_id(made, entity, name.removeprefix(ID).lstrip("_"), value)
    fields = {one.name: one for one in entity.fields}
    if name in fields:
        return _simple(made, fields[name], "", value)
    for operator in _OPERATORS:
        base = name.removesuffix(f"_{operator}")
        if base != name and base in fields:
            return _simple(made, fields[base], operator, value)
    raise BadFilter(f"{entity.name}: got filter '{name}', expected one of the schema")


def _simple(made: Statement, one: Field, operator: str, value: Any) -> str:
    column = quoted(one.name)
    if operator in {"in", "not_in"}:
        places = ", ".join(made.value(item, one) for item in _bounded(value))
        if not places:
            return "false" if operator == "in" else "true"
        return f"{column} {'not in' if operator == 'not_in' else 'in'} ({places})"
    if operator in TEXTUAL:
        return _like(made, column, operator, value)
    if value is None:
        return f"{column} is {'not ' if operator == 'not' else ''}null"
    return f"{column} {_COMPARE[operator]} {made.value(value, one)}"


def _like(made: Statement, column: str, operator: str, value: Any) -> str:
    text = str(value or "").replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    negated = operator.startswith("not_")
    name = operator.removeprefix("not_")
    like = "ilike" if name.endswith("_nocase") else "like"
    name = name.removesuffix("_nocase")
    patterns = {"contains": f"%{text}%", "starts_with": f"{text}%", "ends_with": f"%{text}"}
    place = made.value(patterns[name])
    return f"{column} {'not ' if negated else ''}{like} {place} escape '\\'"


def _by_id(made: Statement, entity: Entity, operator: str, value: Any) -> str:
    ids = _bounded(value) if operator in {"in", "not_in"} else [value]
    each = []
    for one in ids:
        pairs = zip(entity.keys, key_of(entity, str(one)), strict=True)
        each.append(
            " and ".join(
                f"{quoted(name)} = {made.value(part, entity.field(name))}" for name, part in pairs
            )
        )
    joined = " or ".join(f"({one})" for one in each) or "false"
    return f"not ({joined})" if operator.startswith("not") else f"({joined})"


def key_of(entity: Entity, id_: str) -> Sequence[str]:
    """Return the key values that an `id` names; several are joined by `:`.

    Raises:
        BadFilter: it has another count of parts than the entity has keys.
    """
    if len(entity.keys) == 1:
        return [id_]
    parts = id_.split(":")
    if len(parts) != len(entity.keys):
        expected = ":".join(entity.keys)
        raise BadFilter(f"{entity.name}: got id '{id_[:80]}', expected {expected}")
    return parts


def _bounded(value: Any) -> Sequence[Any]:
    items = list(value or ())
    if len(items) > _MAX_VALUES:
        raise BadFilter(f"got a list of {len(items)} values, expected at most {_MAX_VALUES}")
    return items


def _whole(value: object, of: Field) -> int:
    try:
        if isinstance(value, float | bool):
            raise TypeError
        number = int(str(value))
    except (TypeError, ValueError):
        shown = f"{value!r:.60}"
        raise BadFilter(f"{of.name}: got {shown}, expected a whole number") from None
    limit = 1 << (63 if not of.kind.is_amount else 300)
    if not -limit <= number < limit:
        raise BadFilter(f"{of.name}: got a number that is too large")
    return number
