"""One step: fetch a span, decode it, call the handlers, and make versions of what they gave."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from diptych.index.blocks import BlockRef, Chunk, Span, Wanted
from diptych.index.engine.ahead import Ahead
from diptych.index.engine.calling import Calls
from diptych.index.engine.changes import in_order
from diptych.index.engine.events import EventTables
from diptych.index.engine.plan import Children, Plan, children_of
from diptych.index.engine.reading import Standing
from diptych.index.engine.totals import bucketed
from diptych.index.engine.versions import BlockHashes, added_only, folded, replaced
from diptych.index.manifest.entity import Entity
from diptych.index.source.source import Source
from diptych.index.store.store import QueryLimits, Store

if TYPE_CHECKING:
    import pyarrow as pa

_ALL = QueryLimits(rows=10_000_000, timeout_s=60)


@dataclass
class Collected:
    """Everything that one step stores.

    Attributes:
        last: last block of the step.
        links: every block of the step, if they were asked for.
        versions: new versions by entity.
        closed: ends of versions by entity.
        children: contracts that factories made, None if none.
        unread: events that could not be decoded, None if none.
        events: how many events were decoded.
    """

    last: BlockRef
    links: list[BlockRef]
    versions: dict[str, "pa.Table"] = field(default_factory=dict)
    closed: dict[str, "pa.Table"] = field(default_factory=dict)
    children: "pa.Table | None" = None
    unread: "pa.Table | None" = None
    events: int = 0


class Collector:
    """Turns spans into what is to be stored.

    Args:
        plan: of the manifest.
        source: where blocks come from.
        store: rows that stand.
    """

    def __init__(self, plan: Plan, source: Source, store: Store) -> None:
        self._plan = plan
        self._source = source
        self._store = store
        self._children = _stored_children(store)
        self._standing = Standing(plan.manifest.classes, store.current)
        self._ahead = Ahead(source)

    def next_span(self, first: int) -> Span | None:
        """Return the span that is being fetched already, if it begins at `first`."""
        return self._ahead.span(first)

    def collect(
        self, span: Span, *, verified: bool, links: bool, following: Span | None = None
    ) -> Collected:
        """Return what a span changes; nothing is stored.

        Args:
            span: which blocks.
            verified: whether every root is recomputed.
            links: whether every block is wanted, to find forks.
            following: what to fetch while this span is worked on.

        Raises:
            BranchChanged: its blocks were replaced while they were fetched.
            HandlerFailed: a handler raised, or gave what no table can hold.
        """
        tables = EventTables(self._plan)
        made: list[tuple[str, bytes, int]] = []
        chunks: list[Chunk] = []
        for level in self._plan.levels or [[]]:
            wanted = self._plan.wanted(level, self._children, verified=verified, links=links)
            if chunks and not wanted.logs:
                continue
            chunk = self._fetch(span, wanted, following)
            if chunks and chunk.last.hash != chunks[0].last.hash:
                raise tables.changed(chunk.last)
            chunks.append(chunk)
            # A cache without an endpoint may end at another block than asked for.
            span = chunk.span
            tables.add(chunk, level, self._children)
            made += self._made(tables)
        links_found = _links(chunks[0]) if links else []
        collected = Collected(chunks[0].last, links_found, events=tables.events)
        collected.unread = tables.unread()
        collected.children = _children_table(made)
        self._call(tables, collected)
        return collected

    def _fetch(self, span: Span, wanted: Wanted, following: Span | None) -> Chunk:
        # Contracts of factories are known only when the span before was looked at.
        if len(self._plan.levels) > 1 or (
            following is None and self._ahead.span(span.first) is None
        ):
            return self._source.fetch(span, wanted)
        return self._ahead.fetch(span, wanted, following)

    def rest(self) -> None:
        """Fetch nothing more until asked again."""
        self._ahead.forget()

    def settle(self) -> None:
        """What was collected is stored."""
        self._standing.settle()

    def forget(self) -> None:
        """What was collected is not stored."""
        self._ahead.forget()
        self._standing.forget()
        self._children = _stored_children(self._store)

    def back_to(self, block: BlockRef) -> None:
        """Blocks later than this one were taken back."""
        self._ahead.forget()
        self._standing.forget()
        self._children.back_to(block.number)

    def _made(self, tables: EventTables) -> list[tuple[str, bytes, int]]:
        found = []
        for subject, contracts in self._plan.factories.items():
            rows = tables.rows(subject)
            for contract in contracts if rows is not None else ():
                for address, block in children_of(rows, contract):
                    if self._children.add(contract.name, address, block):
                        found.append((contract.name, address, block))
        return found

    def _call(self, tables: EventTables, collected: Collected) -> None:
        entities = self._plan.manifest.entities
        given = self._standing.settled(lambda: Calls(self._plan, self._standing).of(tables))
        changes = {name: in_order(parts) for name, parts in given.items() if parts}
        for one in self._plan.manifest.aggregations:
            if one.of in changes:
                changes[one.entity.name] = bucketed(one, changes[one.of])
        hashes = tables.hashes()
        for name, table in changes.items():
            if table.num_rows:
                self._versions(entities[name], table, hashes, collected)

    def _versions(
        self, entity: Entity, changes: "pa.Table", hashes: BlockHashes, collected: Collected
    ) -> None:
        if entity.immutable:
            collected.versions[entity.name] = added_only(entity, changes, hashes)
            return
        names = list(entity.keys)
        keys = changes.select(names).group_by(names, use_threads=False).aggregate([])
        standing = self._store.current(entity, keys)
        make = folded if entity.folds else replaced
        made = make(entity, changes, standing, hashes)
        collected.versions[entity.name] = made.added
        if made.closed.num_rows:
            collected.closed[entity.name] = made.closed


def _links(chunk: Chunk) -> list[BlockRef]:
    columns = [chunk.blocks.column(name) for name in BlockRef._fields]
    return [BlockRef(*values) for values in zip(*(one.to_pylist() for one in columns), strict=True)]


def _stored_children(store: Store) -> Children:
    known = Children()
    with store.snapshot() as seen:
        rows = seen.query("select contract, address, block_number from _children", limits=_ALL)
    for row in rows.to_pylist():
        known.add(row["contract"], bytes.fromhex(row["address"][2:]), row["block_number"])
    return known


def _children_table(made: Iterable[tuple[str, bytes, int]]) -> "pa.Table | None":
    import pyarrow as pa

    rows: list[Mapping[str, Any]] = [
        {"contract": name, "address": "0x" + address.hex(), "block_number": block}
        for name, address, block in made
    ]
    return pa.Table.from_pylist(rows) if rows else None
