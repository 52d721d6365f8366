"""Fetching what a GraphQL query selects: one statement for each level, whatever its width."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from diptych.index.manifest.entity import Entity, Field
from diptych.index.query.graphql.budget import Budget
from diptych.index.query.graphql.filters import BadFilter, Statement, condition, key_of
from diptych.index.query.graphql.naming import Derived, derived, refers_to_one
from diptych.index.query.graphql.paging import after, order_column, ordered, window
from diptych.index.query.graphql.schema import ID
from diptych.index.query.graphql.selection import Selected
from diptych.index.store.store import Snapshot
from diptych.index.store.tables import listed, quoted

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
        budget: what the request may cost.
    """

    def __init__(self, tables: Tables, snapshot: Snapshot, amount: str, budget: Budget) -> None:
        self._tables = tables
        self._snapshot = snapshot
        self._amount = amount
        self._budget = budget

    def single(self, entity: Entity, chosen: Selected, height: int | None) -> Row | None:
        """Return one row by its id, None if there is none at that height."""
        found = self._by_key(entity, str(chosen.arguments[ID]), chosen.below, height)
        shown = self._shown(entity, found, chosen.below, height)
        return shown[0] if shown else None

    def many(self, entity: Entity, chosen: Selected, height: int | None) -> list[Row]:
        """Return the rows of a query."""
        made = Statement(self._amount, height)
        first, skip = window(chosen.arguments)
        if not first:
            return []
        anchor = self._anchor(entity, chosen.arguments, height)
        if anchor is not None and not anchor:
            return []
        parts = [made.stands(entity, "t."), self._where(made, entity, chosen.arguments)]
        if anchor:
            parts.append(after(made, entity, chosen.arguments, anchor[0]))
        order = ordered(entity, chosen.arguments, self._tables.one[entity.name], made)
        columns = self._columns(entity, chosen.below)
        sql = (
            f"select {listed(one.name for one in columns)} from {quoted(entity.table)} t"
            f" where {' and '.join(one for one in parts if one != 'true') or 'true'}"
            f" order by {order} limit {first} offset {skip}"
        )
        return self._shown(entity, self._ask(sql, made, columns), chosen.below, height)

    def _by_key(
        self, entity: Entity, id_: str, below: Mapping[str, Selected], height: int | None
    ) -> list[Row]:
        made = Statement(self._amount, height)
        pairs = zip(entity.keys, key_of(entity, id_), strict=True)
        same = " and ".join(
            f"{quoted(name)} = {made.value(part, entity.field(name))}" for name, part in pairs
        )
        columns = self._columns(entity, below)
        sql = (
            f"select {listed(one.name for one in columns)} from {quoted(entity.table)}"
            f" where {same} and {made.stands(entity)}"
        )
        return self._ask(sql, made, columns)

    def _anchor(
        self, entity: Entity, arguments: Mapping[str, Any], height: int | None
    ) -> list[Row] | None:
        """Return the row that a page follows, empty if it is not there, None if none is asked."""
        given = arguments.get("after")
        if given is None:
            return None
        name = order_column(entity, arguments)
        below = {} if name is None else {name: Selected(name)}
        return self._by_key(entity, str(given), below, height)

    def _shown(
        self, entity: Entity, rows: list[Row], below: Mapping[str, Selected], height: int | None
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
        self, entity: Entity, rows: list[Row], chosen: Selected, height: int | None
    ) -> Sequence[Any] | None:
        if chosen.name in self._tables.one[entity.name] and chosen.below:
            return self._ones(entity, rows, chosen, height)
        if chosen.name in self._tables.many[entity.name]:
            return self._lists(entity, rows, chosen, height)
        return None

    def _ones(
        self, entity: Entity, rows: list[Row], chosen: Selected, height: int | None
    ) -> list[Row | None]:
        other = self._tables.one[entity.name][chosen.name]
        key = other.keys[0]
        wanted = {row[chosen.name] for row in rows if row[chosen.name] is not None}
        if not wanted:
            return [None] * len(rows)
        made = Statement(self._amount, height)
        places = ", ".join(made.value(one, other.field(key)) for one in sorted(wanted, key=str))
        columns = self._columns(other, chosen.below)
        sql = (
            f"select {listed(one.name for one in columns)} from {quoted(other.table)}"
            f" where {quoted(key)} in ({places}) and {made.stands(other)}"
        )
        found = self._ask(sql, made, columns)
        shown = self._shown(other, found, chosen.below, height)
        by_key = {row[key]: one for row, one in zip(found, shown, strict=True)}
        return [by_key.get(row[chosen.name]) for row in rows]

    def _lists(
        self, entity: Entity, rows: list[Row], chosen: Selected, height: int | None
    ) -> list[list[Row]]:
        many = self._tables.many[entity.name][chosen.name]
        key, other = entity.keys[0], many.entity
        first, skip = window(chosen.arguments)
        if not first or not rows:
            return [[] for _ in rows]
        made = Statement(self._amount, height)
        wanted = sorted({row[key] for row in rows}, key=str)
        # A list of values is joined, which scans faster than a comparison with each of them.
        places = ", ".join(f"({made.value(one, many.field)})" for one in wanted)
        where = self._where(made, other, chosen.arguments)
        order = ordered(other, chosen.arguments, self._tables.one[other.name], made)
        column = quoted(many.field.name)
        columns = self._columns(other, chosen.below, many.field.name)
        sql = (
            f"select {listed(one.name for one in columns)} from (select *, row_number() over"
            f" (partition by {column} order by {order}) as {_RANK} from {quoted(other.table)} t"
            f" where {column} in (values {places}) and {made.stands(other, 't.')} and {where}) r"
            f" where {_RANK} > {skip} and {_RANK} <= {skip + first} order by {column}, {_RANK}"
        )
        found = self._ask(sql, made, columns)
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

    def _columns(self, entity: Entity, below: Mapping[str, Selected], *more: str) -> list[Field]:
        names = {one.name for one in below.values()} | {*entity.keys, *more}
        return [one for one in entity.fields if one.name in names]

    def _ask(self, sql: str, made: Statement, columns: Sequence[Field]) -> list[Row]:
        found = self._snapshot.rows(sql, made.parameters, limits=self._budget.statement())
        self._budget.took(len(found))
        names = [one.name for one in columns]
        rows = [dict(zip(names, one, strict=True)) for one in found]
        # Casting in SQL would be done for every row that is scanned, not for those of the page.
        for name in (one.name for one in columns if one.kind.is_amount):
            for row in rows:
                row[name] = None if row[name] is None else str(row[name])
        return rows


def _id_of(entity: Entity, row: Mapping[str, Any]) -> str:
    if ID in row:
        return str(row[ID])
    return ":".join(str(row[name]) for name in entity.keys)
