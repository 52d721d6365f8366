"""What row handlers may look up: the rows that stand, with what was yielded before in this step."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from diptych.core.errors import UsageError
from diptych.index.engine.versions import fold_values
from diptych.index.manifest.entity import Entity, entity_of

if TYPE_CHECKING:
    import pyarrow as pa

_REMEMBERED = 50_000
_ABSENT = object()

T = TypeVar("T")
Current = Callable[[Entity, "pa.Table"], "pa.Table"]
Values = tuple[Any, ...]


class _Again(BaseException):
    """An entity is read for the first time after rows of it were yielded unseen in this step.

    No error of a handler, and so nothing that a handler could catch by mistake.
    """


class BadRead(UsageError):
    """A handler looked up what cannot be looked up."""

    code = "Index.BadRead"


@dataclass
class _Seen:
    """Rows of one entity as they stand now, by key."""

    entity: Entity
    cls: type
    rows: "OrderedDict[Values, Any]"


class Standing:
    """Rows that stand, remembered between steps; forgotten when blocks are taken back.

    Args:
        classes: entity classes by name.
        current: looks up open versions in the store.
    """

    def __init__(self, classes: Mapping[str, type], current: Current) -> None:
        self._current = current
        self._seen = {
            name: _Seen(entity_of(cls), cls, OrderedDict()) for name, cls in classes.items()
        }
        self.read_of: set[str] = set()
        self._unseen: set[str] = set()

    def __call__(self, cls: type, /, *key: object) -> Any:
        """Return the row of a key, or None."""
        seen = self._seen.get(entity_of(cls).name)
        if seen is None or seen.cls is not cls:
            raise BadRead(f"entity {cls.__name__} is of another manifest")
        if seen.entity.immutable:
            raise BadRead(
                f"entity {cls.__name__} is immutable and cannot be looked up in a handler",
                hint="keep what is needed later in an entity of its own",
            )
        if len(key) != len(seen.entity.keys):
            expected = ", ".join(seen.entity.keys)
            raise BadRead(f"entity {cls.__name__}: got {len(key)} key values, expected {expected}")
        self.read_of.add(seen.entity.name)
        if seen.entity.name in self._unseen:
            raise _Again
        values = self._row(seen, key)
        if values is None:
            return None
        return cls(**dict(zip((one.name for one in seen.entity.fields), values, strict=True)))

    def yielded(self, name: str, key: Values, values: Values | None) -> None:
        """Take note of a row that a handler yielded; None of one taken away."""
        if name not in self.read_of:
            self._unseen.add(name)
            return
        seen = self._seen[name]
        if values is not None and seen.entity.folds:
            before = self._row(seen, key)
            if before is not None:
                values = tuple(
                    fold_values(field, old, new)
                    for field, old, new in zip(seen.entity.fields, before, values, strict=True)
                )
        seen.rows[key] = values

    def settled(self, run: Callable[[], T]) -> T:
        """Return what a step gives; handlers are pure, so it may be run more than once."""
        for _ in self._seen:
            with suppress(_Again):
                return run()
            self.forget()
        return run()

    def settle(self) -> None:
        """Keep memory bounded; call between steps, when all that was yielded is stored."""
        self._unseen.clear()
        for seen in self._seen.values():
            while len(seen.rows) > _REMEMBERED:
                seen.rows.popitem(last=False)

    def forget(self) -> None:
        """Forget all: blocks were taken back, or a step was not stored."""
        self._unseen.clear()
        for seen in self._seen.values():
            seen.rows.clear()

    def _row(self, seen: _Seen, key: Values) -> Values | None:
        found = seen.rows.get(key, _ABSENT)
        if found is _ABSENT:
            found = self._stored(seen.entity, key)
            seen.rows[key] = found
        return found  # type: ignore[no-any-return]

    def _stored(self, entity: Entity, key: Values) -> Values | None:
        import pyarrow as pa

        columns = {}
        for name, value in zip(entity.keys, key, strict=True):
            kind = entity.field(name).kind
            shown = str(value) if kind.is_amount else value
            columns[name] = pa.array([shown], pa.type_for_alias(kind.arrow))
        rows = self._current(entity, pa.table(columns)).to_pylist()
        if not rows:
            return None
        return tuple(
            int(rows[0][one.name])
            if one.kind.is_amount and rows[0][one.name] is not None
            else rows[0][one.name]
            for one in entity.fields
        )
