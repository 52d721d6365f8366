"""How a place becomes a store: entry points of the group `diptych.stores`, chosen by URL."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, Self, runtime_checkable

from diptych.core.plugins import BrokenPlugin, load_plugin
from diptych.index.manifest.entity import Entity
from diptych.index.store.errors import StoreFailed
from diptych.index.store.store import Store

_SCHEMES: Mapping[str, str] = {"": "duckdb", "postgres": "postgres", "postgresql": "postgres"}


@runtime_checkable
class OpenedStore(Store, Protocol):
    """A store in use; a context manager that gives it back."""

    @property
    def entities(self) -> list[Entity]:
        """Its tables."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class StoreProvider(Protocol):
    """Opens stores of one kind; they must pass `diptych.index.store.checks.check_store`."""

    def __call__(self, place: str, name: str, entities: Sequence[Entity] | None) -> OpenedStore:
        """Return the store of a name at a place.

        Args:
            place: folder or URL.
            name: of the rows; a file or schema of its own.
            entities: tables to have, to write, made if they are not there; None to read those
                that are there.
        """
        ...


def open_store(place: str | Path, name: str, entities: Sequence[Entity] | None) -> OpenedStore:
    """Open a store by the plugin that its URL names; a path is a folder of DuckDB files.

    Raises:
        UnknownPlugin: there is no plugin for this kind of URL.
        StoreBusy: another process owns it.
        StoreFailed: it cannot be opened.
        StoreFormat: it holds something else.
    """
    scheme, mark, _ = str(place).partition("://")
    kind = _SCHEMES.get(scheme, scheme) if mark else _SCHEMES[""]
    provider = load_plugin("diptych.stores", kind)
    if not callable(provider):
        raise BrokenPlugin(f"the store plugin '{kind}' cannot be called")
    store = provider(str(place), name, entities)
    if not isinstance(store, OpenedStore):
        raise BrokenPlugin(f"the store plugin '{kind}' returned no store")
    return store


def open_duckdb(place: str, name: str, entities: Sequence[Entity] | None) -> OpenedStore:
    """Open a DuckDB file in a folder."""
    from diptych.core.files import make_folder
    from diptych.index.store.duck import DuckStore

    path = Path(place) / f"{name}.duckdb"
    if entities is not None:
        make_folder(path.parent)
    elif not path.is_file():
        raise StoreFailed(
            f"there are no rows at {path}", hint="diptych index run makes them; see index.store"
        )
    return DuckStore(path, entities)


def open_postgres(place: str, name: str, entities: Sequence[Entity] | None) -> OpenedStore:
    """Open a schema of a PostgreSQL database."""
    from diptych.index.store.postgres import PostgresStore

    return PostgresStore(place, entities, schema=name)
