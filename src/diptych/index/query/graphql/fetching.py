"""Fetching what a GraphQL query selects: one statement for each level, whatever its width."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from diptych.index.manifest.entity import Entity
from diptych.index.query.graphql.filters import BadFilter, Statement, condition, key_of
from diptych.index.query.graphql.naming import Derived, derived, refers_to_one
from diptych.index.query.graphql.schema import ID, has_own_id
from diptych.index.query.graphql.selection import QueryTooLarge, Selected
from diptych.index.store.store import QueryLimits, Snapshot
from diptych.index.store.tables import listed, quoted

_MAX_FIRST = 1_000
_MAX_SKIP = 100_000
_MAX_ROWS = 100_000
_DEFAULT_FIRST = 100
_RANK = "_rank"
Row = dict[str, Any]


@dataclass(frozen=True)
class Tables:
    """The entities of an index and how they refer to each other."""

    entities: Mapping[str, Entity]
    one: Mapping[str, Mapping[str, Entity]]
    many: Mapping[str, Mapping[str, Derived]]


def tables_of(entities: Sequence[Entity]) -> Tables:
    """Return what a schema needs to know of its entities."""
    return Tables(
        {one.name: one for one in entities},
        {one.name: refers_to_one(one, entities) for one in entities},
        {one.name: {many.name: many for many in derived(one, entities)} for one in entities},
    )


class Fetching:
    """Answers the data fields of one operation.

    Args:
        tables: what there is.
        snapshot: where it is read.
        amount: type of amounts in this database.
        limits: of each statement.
    """

    def __init__(
        self, tables: Tables, snapshot: Snapshot, amount: str, limits: QueryLimits
    ) -> None:
        self._tables = tables
        self._snapshot = snapshot
        self._amount = amount
        self._limits = limits
        self._rows = 0

    def single(self, entity: Entity, chosen: Selected, height: int) -> Row | None:
        """Return one row by its id, None if there is none at that height."""
        made = Statement(self._amount, height)
        pairs = zip(entity.keys, key_of(entity, str(chosen.arguments[ID])), strict=True)
        same = " and ".join(
            f"{quoted(name)} = {made.value(part, entity.field(name))}" for name, part in pairs
        )
        columns = self._columns(entity, chosen.below)
        sql = f"select {columns} from {quoted(entity.table)} where {same} and {made.stands()}"
        rows = self._shown(entity, self._ask(sql, made), chosen.below, height)
        return rows[0] if rows else None

    def many(self, entity: Entity, chosen: Selected, height: int) -> list[Row]:
        """Return the rows of a query."""
        made = Statement(self._amount, height)
        first, skip = _window(chosen.arguments)
        if not first:
            return []
        where = self._where(made, entity, chosen.arguments)
        order = _order(entity, chosen.arguments, self._tables.one[entity.name], made)
        after = _after(made, entity, chosen.arguments)
        sql = (
            f"select {self._columns(entity, chosen.below)} from {quoted(entity.table)} t"
            f" where {made.stands('t.')} and {where} and {after}"
            f" order by {order} limit {first} offset {skip}"
        )
        return self._shown(entity, self._ask(sql, made), chosen.below, height)

    def _shown(
        self, entity: Entity, rows: list[Row], below: Mapping[str, Selected], height: int
    ) -> list[Row]:
        """Return rows as the query names and nests them."""
        nested = {
            alias: values
            for alias, one in below.items()
            if (values := self._nested(entity, rows, one, height)) is not None
        }
        counts = {one.name for one in entity.fields if one.kind.name == "int"}
        plain = [
            (alias, one.name, one.name in counts)
            for alias, one in below.items()
            if alias not in nested
        ]
        shown = []
        for at, row in enumerate(rows):
            made: Row = {}
            for alias, name, as_text in plain:
                value = _id_of(entity, row) if name == ID else row.get(name, entity.name)
                made[alias] = str(value) if as_text and value is not None else value
            for alias, values in nested.items():
                made[alias] = values[at]
            shown.append({alias: made[alias] for alias in below} if nested else made)
        return shown

    def _nested(
        self, entity: Entity, rows: list[Row], chosen: Selected, height: int
    ) -> Sequence[Any] | None:
        if chosen.name in self._tables.one[entity.name] and chosen.below:
            return self._ones(entity, rows, chosen, height)
        if chosen.name in self._tables.many[entity.name]:
            return self._lists(entity, rows, chosen, height)
        return None

    def _ones(
        self, entity: Entity, rows: list[Row], chosen: Selected, height: int
    ) -> list[Row | None]:
        other = self._tables.one[entity.name][chosen.name]
        key = other.keys[0]
        wanted = {row[chosen.name] for row in rows if row[chosen.name] is not None}
        if not wanted:
            return [None] * len(rows)
        made = Statement(self._amount, height)
        places = ", ".join(made.value(one, other.field(key)) for one in sorted(wanted, key=str))
        sql = (
            f"select {self._columns(other, chosen.below)} from {quoted(other.table)}"
            f" where {quoted(key)} in ({places}) and {made.stands()}"
        )
        found = self._ask(sql, made)
        shown = self._shown(other, found, chosen.below, height)
        by_key = {row[key]: one for row, one in zip(found, shown, strict=True)}
        return [by_key.get(row[chosen.name]) for row in rows]

    def _lists(
        self, entity: Entity, rows: list[Row], chosen: Selected, height: int
    ) -> list[list[Row]]:
        many = self._tables.many[entity.name][chosen.name]
        key, other = entity.keys[0], many.entity
        first, skip = _window(chosen.arguments)
        if not first or not rows:
            return [[] for _ in rows]
        made = Statement(self._amount, height)
        wanted = sorted({row[key] for row in rows}, key=str)
        places = ", ".join(made.value(one, many.field) for one in wanted)
        where = self._where(made, other, chosen.arguments)
        order = _order(other, chosen.arguments, self._tables.one[other.name], made)
        column = quoted(many.field.name)
        names = self._columns(other, chosen.below, many.field.name)
        sql = (
            f"select {names} from (select *, row_number() over (partition by {column}"
            f" order by {order}) as {_RANK} from {quoted(other.table)} t where {column} in"
            f" ({places}) and {made.stands('t.')} and {where}) r"
            f" where {_RANK} > {skip} and {_RANK} <= {skip + first} order by {column}, {_RANK}"
        )
        found = self._ask(sql, made)
        shown = self._shown(other, found, chosen.below, height)
        grouped: dict[Any, list[Row]] = {}
        for row, one in zip(found, shown, strict=True):
            grouped.setdefault(row[many.field.name], []).append(one)
        return [grouped.get(row[key], []) for row in rows]

    def _where(self, made: Statement, entity: Entity, arguments: Mapping[str, Any]) -> str:
        where = arguments.get("where") or {}
        if not isinstance(where, Mapping):
            raise BadFilter(f"got where {type(where).__name__}, expected an object")
        return condition(made, entity, where, self._tables.one)

    def _columns(self, entity: Entity, below: Mapping[str, Selected], *more: str) -> str:
        names = {one.name for one in below.values()} | {*entity.keys, *more}
        return listed(one.name for one in entity.fields if one.name in names)

    def _ask(self, sql: str, made: Statement) -> list[Row]:
        table = self._snapshot.query(sql, made.parameters, limits=self._limits)
        self._rows += table.num_rows
        if self._rows > _MAX_ROWS:
            raise QueryTooLarge(
                f"got a query of more than {_MAX_ROWS:,} rows", hint="ask for fewer by `first`"
            )
        rows: list[Row] = table.to_pylist()
        return rows


def _window(arguments: Mapping[str, Any]) -> tuple[int, int]:
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


def _order(
    entity: Entity, arguments: Mapping[str, Any], one: Mapping[str, Entity], made: Statement
) -> str:
    """Return the order, ended by the keys so that pages never overlap."""
    direction = "desc" if arguments.get("orderDirection") == "desc" else "asc"
    keys = [f"t.{quoted(key)} {direction}" for key in entity.keys]
    chosen = arguments.get("orderBy")
    if chosen in {None, *([] if has_own_id(entity) else [ID])}:
        return ", ".join(keys)
    name, _, nested = str(chosen).partition("__")
    if nested and name in one:
        other = one[name]
        column = (
            f"(select o.{quoted(nested)} from {quoted(other.table)} o where"
            f" o.{quoted(other.keys[0])} = t.{quoted(name)} and {made.stands('o.')})"
        )
    else:
        column = f"t.{quoted(entity.field(str(chosen)).name)}"
    return ", ".join([f"{column} {direction} nulls last", *keys])


def _after(made: Statement, entity: Entity, arguments: Mapping[str, Any]) -> str:
    """Return the condition that a row comes after the one with an id, in the same order."""
    given = arguments.get("after")
    if given is None:
        return "true"
    chosen = arguments.get("orderBy")
    if chosen is not None and "__" in str(chosen):
        raise BadFilter("got `after` with an order by another entity's field")
    names = list(entity.keys)
    if chosen is not None and chosen not in {ID, *entity.keys}:
        names = [entity.field(str(chosen)).name, *names]
    compare = "<" if arguments.get("orderDirection") == "desc" else ">"
    parts = key_of(entity, str(given))
    if names == list(entity.keys):
        places = [
            made.value(part, entity.field(name)) for name, part in zip(names, parts, strict=True)
        ]
        return f"({listed(names, 't.')}) {compare} ({', '.join(places)})"
    same = " and ".join(
        f"a.{quoted(name)} = {made.value(part, entity.field(name))}"
        for name, part in zip(entity.keys, parts, strict=True)
    )
    return (
        f"({listed(names, 't.')}) {compare} (select ({listed(names, 'a.')}) from"
        f" {quoted(entity.table)} a where {same} and {made.stands('a.')})"
    )


def _id_of(entity: Entity, row: Mapping[str, Any]) -> str:
    if ID in row:
        return str(row[ID])
    return ":".join(str(row[name]) for name in entity.keys)
