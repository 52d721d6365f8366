"""Shared by the checks of stores."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from diptych.index.manifest.entity import Entity
from diptych.index.store.store import Store
from diptych.index.store.tables import listed, quoted, versioned


class Opened(Protocol):
    """Opens the store of a name."""

    def __call__(
        self, name: str, entities: Sequence[Entity] | None, /
    ) -> AbstractContextManager[Store]:
        """Return the store, made if it is not there."""
        ...


def require(holds: bool, problem: str) -> None:
    """Check something.

    Raises:
        AssertionError: it does not hold.
    """
    if not holds:
        raise AssertionError(problem)


def table_rows(store: Store, entity: Entity) -> list[dict[str, Any]]:
    """Return all versions of an entity, by key and first block."""
    names = versioned(entity)
    sql = (
        f"select {listed(names)} from {quoted(entity.table)} order by {listed(entity.keys)}, _from"
    )
    with store.snapshot() as seen:
        rows: list[dict[str, Any]] = seen.query(sql).to_pylist()
    return rows
