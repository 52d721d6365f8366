"""Entities: typed dataclasses whose rows the index keeps.

An entity with folds (`Total`, `Annotated[int, GREATEST]`, ...) is an accumulator: what handlers
yield is folded into the row that stands. Any other entity is replaced as a whole, or, with
`immutable=True`, only ever added.
"""

import dataclasses
import re
import typing
from dataclasses import dataclass
from typing import Any, dataclass_transform, get_args, get_origin, get_type_hints

from diptych.core.errors import UsageError
from diptych.index.manifest.kinds import KINDS, Fold, From, Key, Kind, Refers

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
_ATTRIBUTE = "__diptych_entity__"
_MAX_FIELDS = 200
_SCALARS = {"BigInt", "Boolean", "Bytes", "Float", "ID", "Int", "Int8", "String"}
_RESERVED = _SCALARS | {"Block_height", "OrderDirection", "Query", "Subscription"}
"""Types of the GraphQL schema that no entity can be named as."""


class BadEntity(UsageError):
    """An entity is declared in a way that no table can be made of."""

    code = "Index.BadEntity"


@dataclass(frozen=True)
class Field:
    """One column.

    Attributes:
        name: column name.
        kind: type.
        nullable: whether it may be None.
        fold: how yielded values change it, None to replace it.
        refers: name of the entity whose key it holds, or None.
        source: in an aggregation the field that is folded, None for the one of the same name.
    """

    name: str
    kind: Kind
    nullable: bool = False
    fold: Fold | None = None
    refers: str | None = None
    source: str | None = None


@dataclass(frozen=True)
class Entity:
    """One table.

    Attributes:
        name: of the dataclass, and of its table in snake case.
        fields: columns, keys included, in order.
        keys: names of the key columns.
        immutable: whether rows are only ever added.
        bucket: for aggregations the name of the key that is a point in time, else None.
    """

    name: str
    fields: tuple[Field, ...]
    keys: tuple[str, ...]
    immutable: bool = False
    bucket: str | None = None

    @property
    def table(self) -> str:
        """Name of the table.

        >>> Entity("TokenBalance", (), ()).table
        'token_balance'
        """
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", self.name).lower()

    @property
    def folds(self) -> bool:
        """Whether it is an accumulator."""
        return any(one.fold is not None for one in self.fields)

    def field(self, name: str) -> Field:
        """Return one column.

        Raises:
            KeyError: it has none of that name.
        """
        for one in self.fields:
            if one.name == name:
                return one
        raise KeyError(name)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def entity(cls: type | None = None, /, *, immutable: bool = False) -> Any:
    """Declare an entity: a frozen dataclass with keyword arguments.

    The key is every field annotated with `Key()`, else the first field.

    Args:
        cls: class with annotated fields.
        immutable: rows are only ever added, as events are; faster.

    Raises:
        BadEntity: a name or type that no column can have.
    """

    def declare(one: type) -> type:
        frozen: type = dataclasses.dataclass(frozen=True, kw_only=True)(one)
        setattr(frozen, _ATTRIBUTE, _described(frozen, immutable))
        return frozen

    return declare if cls is None else declare(cls)


def entity_of(cls: type) -> Entity:
    """Return what `@entity` found out about a class.

    Raises:
        BadEntity: it is not declared by `@entity`.
    """
    found = cls.__dict__.get(_ATTRIBUTE)
    if not isinstance(found, Entity):
        raise BadEntity(f"got class {cls.__name__}, expected one declared by @entity")
    return found


def _described(cls: type, immutable: bool) -> Entity:
    hints = get_type_hints(cls, include_extras=True)
    declared = dataclasses.fields(cls)
    if not _NAME.fullmatch(cls.__name__) or not 0 < len(declared) <= _MAX_FIELDS:
        raise BadEntity(
            f"entity {cls.__name__}: expected a plain name and 1 to {_MAX_FIELDS} fields"
        )
    if cls.__name__ in _RESERVED:
        raise BadEntity(f"entity {cls.__name__}: GraphQL has a type of this name")
    columns: list[Field] = []
    keys: list[str] = []
    for one in declared:
        column, is_key = _column(cls.__name__, one.name, hints[one.name])
        columns.append(column)
        if is_key:
            keys.append(one.name)
    made = Entity(cls.__name__, tuple(columns), tuple(keys or [declared[0].name]), immutable)
    _check(made)
    return made


def _column(owner: str, name: str, hint: object) -> tuple[Field, bool]:
    if not _NAME.fullmatch(name):
        raise BadEntity(f"entity {owner}: got field '{name}', expected letters, digits and _")
    marks: list[object] = []
    nullable = False
    while True:
        if get_origin(hint) is typing.Annotated:
            hint, *more = get_args(hint)
            marks += more
        elif type(None) in get_args(hint):
            others = [one for one in get_args(hint) if one is not type(None)]
            hint, nullable = others[0] if len(others) == 1 else hint, True
            if len(others) != 1:
                break
        else:
            break
    kind = KINDS.get(hint)
    if kind is None:
        known = ", ".join(one.name for one in KINDS.values())
        raise BadEntity(f"entity {owner}.{name}: got type {hint}, expected one of {known}")
    fold = next((one for one in marks if isinstance(one, Fold)), None)
    refers = next((one.entity for one in marks if isinstance(one, Refers)), None)
    source = next((one.field for one in marks if isinstance(one, From)), None)
    is_key = any(isinstance(one, Key) for one in marks)
    return Field(name, kind, nullable, fold, refers, source), is_key


def _check(made: Entity) -> None:
    if len({one.name.lower() for one in made.fields}) < len(made.fields):
        raise BadEntity(f"entity {made.name}: two fields differ in upper and lower case only")
    for one in made.fields:
        if one.name in made.keys and (one.nullable or one.fold):
            raise BadEntity(f"entity {made.name}.{one.name}: a key can neither be None nor fold")
        if made.folds and one.name not in made.keys and one.fold is None:
            raise BadEntity(
                f"entity {made.name}.{one.name}: got a plain field beside folds",
                hint="annotate it with LAST or FIRST",
            )
    if made.folds and made.immutable:
        raise BadEntity(f"entity {made.name}: an accumulator cannot be immutable")
