"""Calling the handlers of a step: batch handlers with tables, row handlers in chain order."""

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from diptych.core.errors import DiptychError, UsageError
from diptych.index.engine.changes import BadRow, RowBuffer, from_batch
from diptych.index.engine.events import EventTables
from diptych.index.engine.plan import Plan
from diptych.index.engine.reading import Standing
from diptych.index.manifest.entity import BadEntity, Entity, entity_of
from diptych.index.manifest.handlers import Delete, EventRow, Handler

if TYPE_CHECKING:
    import pyarrow as pa

Given = dict[str, list["pa.Table"]]


class HandlerFailed(UsageError):
    """A handler of the manifest raised an error, or gave what no table can hold."""

    code = "Index.HandlerFailed"


class Calls:
    """The handlers of a plan, called for one step.

    Args:
        plan: of the manifest.
        standing: what row handlers may look up.
    """

    def __init__(self, plan: Plan, standing: Standing) -> None:
        self._plan = plan
        self._standing = standing
        self._entities = plan.manifest.entities
        self._classes = plan.manifest.classes
        self._buffers: dict[str, RowBuffer] = {}

    def of(self, tables: EventTables) -> Given:
        """Return what all handlers gave, as changes by entity.

        Raises:
            HandlerFailed: naming handler, event, block and transaction.
        """
        given: Given = defaultdict(list)
        for subject, handlers in self._plan.by_batch.items():
            events = tables.rows(subject)
            for handler in handlers if events is not None and events.num_rows else ():
                self._batch(handler, events, given)
        for handler, event, order in tables.in_chain_order():
            self._row(handler, event, order)
        for name, buffer in self._buffers.items():
            if buffer.rows:
                given[name].append(buffer.table())
        self._check_readable(given)
        return given

    def _batch(self, handler: Handler, events: "pa.Table", given: Given) -> None:
        where = f"handler {handler.name}"
        assert handler.by_batch is not None
        try:
            made = handler.by_batch(events)
            for cls, table in made.items():
                entity = self._entity(cls)
                given[entity.name].append(from_batch(entity, table, events, where))
        except DiptychError:
            raise
        except Exception as error:
            first, last = events.column("_block")[0], events.column("_block")[-1]
            raise HandlerFailed(
                f"{where}: {type(error).__name__}: {error} (blocks {first} to {last})",
                hint="mend the handler; nothing of these blocks was stored",
            ) from error

    def _row(self, handler: Handler, event: EventRow, order: int) -> None:
        assert handler.by_row is not None
        try:
            for made in handler.by_row(event, self._standing) or ():
                self._take(made, event.block, order)
        except DiptychError:
            raise
        except Exception as error:
            raise HandlerFailed(
                f"handler {handler.name}: {type(error).__name__}: {error} (block {event.block},"
                f" transaction {event.transaction}, log {event.log_index})",
                hint="mend the handler; nothing of this step was stored",
            ) from error

    def _take(self, made: object, block: int, order: int) -> None:
        cls = made.entity if isinstance(made, Delete) else type(made)
        entity = self._entity(cls)
        buffer = self._buffers.get(entity.name)
        if buffer is None:
            buffer = self._buffers[entity.name] = RowBuffer(entity)
        if isinstance(made, Delete):
            self._delete(made, buffer, block, order)
            return
        values = tuple(map(made.__dict__.__getitem__, buffer.names))
        buffer.add(values, block, order)
        if not entity.immutable:
            self._standing.yielded(entity.name, self._key(entity, made.__dict__), values)

    def _delete(self, made: Delete, buffer: RowBuffer, block: int, order: int) -> None:
        entity = buffer.entity
        if entity.immutable or entity.folds or len(made.key) != len(entity.keys):
            raise BadRow(
                f"{entity.name}: got delete{made.key!r}, expected"
                f" {len(entity.keys)} key values of an entity that is replaced"
            )
        buffer.take_away(made.key, block, order)
        self._standing.yielded(entity.name, made.key, None)

    def _key(self, entity: Entity, values: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(values[name] for name in entity.keys)

    def _entity(self, cls: object) -> Entity:
        if not isinstance(cls, type):
            raise BadRow(f"got {cls!r:.80}, expected an entity's row or class")
        found = self._classes.get(cls.__name__)
        if found is not cls:
            try:
                name = entity_of(cls).name
            except BadEntity:
                raise BadRow(
                    f"got {cls.__name__}, expected rows of entities",
                    hint="declare it by @entity and give it to the manifest",
                ) from None
            raise BadRow(f"entity {name} is not of this manifest", hint="manifest.keep(...)")
        return self._entities[cls.__name__]

    def _check_readable(self, given: Given) -> None:
        for name in self._standing.read_of:
            by_batch = len(given.get(name, ())) > (1 if name in self._buffers else 0)
            if by_batch:
                raise BadRow(
                    f"entity {name} is looked up by a row handler and written by a batch handler",
                    hint="write it by row handlers only",
                )
