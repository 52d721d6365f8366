"""The Protocol of stores; a store must pass `diptych.index.store.checks.check_store`.

A row of an entity is a version: it holds from block `_from` on, until before block `_to` (null for
the newest). What a chain said at block N are the rows with `_from <= N and (_to is null or
_to > N)`. A reorganisation back to block B deletes the rows with `_from > B` and opens those with
`_to > B` again.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from diptych.index.blocks import BlockRef
from diptych.index.manifest.entity import Entity

if TYPE_CHECKING:
    import pyarrow as pa

FROM, TO, BLOCK_HASH = "_from", "_to", "_block_hash"
"""Columns of each version: first block, first block no more, hash of the first block as 0x text."""


class Cursor(NamedTuple):
    """How far a store is.

    Attributes:
        block: the newest block whose rows stand in it.
        manifest: digest of the manifest that made them.
        genesis_hash: of the chain, 32 bytes.
    """

    block: BlockRef
    manifest: str
    genesis_hash: bytes


@dataclass(frozen=True)
class Commit:
    """One step forward, stored in one transaction.

    Attributes:
        cursor: where the store stands afterwards.
        links: blocks to remember for finding forks, oldest first.
        keep_links: how many of the newest links stay.
        versions: new versions by entity name: the entity's columns, `_from`, `_to`, `_block_hash`.
        closed: by entity name the key columns and `_to` of open versions that end.
        children: contracts that factories made: columns `contract`, `address`, `block_number`.
        unread: events that could not be decoded: the raw log's columns and `reason`.
    """

    cursor: Cursor
    links: Sequence[BlockRef] = ()
    keep_links: int = 256
    versions: Mapping[str, "pa.Table"] = field(default_factory=dict)
    closed: Mapping[str, "pa.Table"] = field(default_factory=dict)
    children: "pa.Table | None" = None
    unread: "pa.Table | None" = None


class QueryLimits(NamedTuple):
    """What a query may cost."""

    rows: int = 100_000
    timeout_s: float = 10.0
    bytes: int = 64 << 20


class Snapshot(Protocol):
    """A store as it was at one commit, whatever is committed meanwhile."""

    def cursor(self) -> Cursor | None:
        """Return how far it was."""
        ...

    def query(
        self, sql: str, parameters: Sequence[object] = (), *, limits: QueryLimits | None = None
    ) -> "pa.Table":
        """Answer one SELECT; parameters are `$1`, `$2`, ...; amounts come as decimal text.

        Raises:
            QueryRefused: it writes, reads files, is no single SELECT, or costs more than `limits`.
        """
        ...

    def rows(
        self, sql: str, parameters: Sequence[object] = (), *, limits: QueryLimits | None = None
    ) -> list[tuple[Any, ...]]:
        """Answer a SELECT that the program made itself, quickly: unchecked, amounts as they are.

        Raises:
            QueryRefused: it costs more than `limits`.
        """
        ...


class Store(Protocol):
    """Versions of entities on a disk. One writer at a time; readers see whole commits only."""

    def cursor(self) -> tuple[Cursor | None, list[BlockRef]]:
        """Return how far the store is, and the remembered links, oldest first."""
        ...

    def commit(self, step: Commit) -> None:
        """Store a step, durably and whole or not at all."""
        ...

    def rollback(self, to: BlockRef) -> None:
        """Take back everything later than a block; it is the cursor's block afterwards."""
        ...

    def current(self, entity: Entity, keys: "pa.Table") -> "pa.Table":
        """Return the open versions with one of these keys, in any order."""
        ...

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Return the store as it is now, for queries that must agree with each other."""
        ...
