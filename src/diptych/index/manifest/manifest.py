"""A manifest: contracts, entities and handlers under one name, and the digest of all of it."""

import hashlib
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from diptych.core.canonical import canonical_json
from diptych.core.errors import JsonValue, UsageError
from diptych.index.manifest.aggregation import Aggregation, Every, aggregated
from diptych.index.manifest.code import code_digest
from diptych.index.manifest.contract import Contract, Factory, Given, Subject, contract
from diptych.index.manifest.entity import Entity, entity_of
from diptych.index.manifest.handlers import BatchHandler, Handler, RowHandler

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_Rows = TypeVar("_Rows", bound=RowHandler)
_Tables = TypeVar("_Tables", bound=BatchHandler)


class BadManifest(UsageError):
    """A manifest contradicts itself."""

    code = "Index.BadManifest"


class Manifest:
    """What to index.

    Args:
        name: lower case letters, digits, - and _; names the index in the workspace.
        entities: classes declared by `@entity`.
        folder: where relative paths of ABI files start from.

    Raises:
        BadManifest: the name cannot be used, or two entities make one table.
    """

    def __init__(
        self, name: str, *, entities: Iterable[type] = (), folder: Path | None = None
    ) -> None:
        if not _NAME.fullmatch(name):
            raise BadManifest(f"got manifest name '{name[:80]}', expected lower case and digits")
        self.name = name
        self.folder = folder
        self.contracts: dict[str, Contract] = {}
        self.entities: dict[str, Entity] = {}
        self.classes: dict[str, type] = {}
        self.handlers: list[Handler] = []
        self.aggregations: list[Aggregation] = []
        for one in entities:
            self.keep(one)

    def keep(self, cls: type) -> type:
        """Add an entity; usable as a decorator above `@entity`.

        Raises:
            BadManifest: another entity has this table.
        """
        made = entity_of(cls)
        if self.classes.get(made.name) is cls:
            return cls
        if any(made.table == one.table for one in self.entities.values()):
            raise BadManifest(f"manifest {self.name}: two entities make table '{made.table}'")
        self.entities[made.name] = made
        self.classes[made.name] = cls
        return cls

    def contract(
        self,
        name: str,
        *,
        abi: Given,
        address: str | tuple[str, ...] | list[str] = (),
        start_block: int = 0,
        factory: Factory | None = None,
    ) -> Contract:
        """Add a contract; errors are those of `diptych.index.manifest.contract.contract`."""
        if name in self.contracts:
            raise BadManifest(f"manifest {self.name}: two contracts are named '{name}'")
        made = contract(
            name,
            abi=abi,
            address=address,
            start_block=start_block,
            factory=factory,
            folder=self.folder,
        )
        self.contracts[name] = made
        return made

    def on(self, *subjects: Subject) -> Callable[[_Rows], _Rows]:
        """Call a function with each of these events; it yields rows."""

        def register(function: _Rows) -> _Rows:
            self.register(Handler(function.__name__, subjects, by_row=function))
            return function

        return register

    def on_batch(self, *subjects: Subject) -> Callable[[_Tables], _Tables]:
        """Call a function with tables of these events; it returns tables by entity."""

        def register(function: _Tables) -> _Tables:
            self.register(Handler(function.__name__, subjects, by_batch=function))
            return function

        return register

    def aggregate(self, cls: type, *, of: type, every: Iterable[Every] = ("hour", "day")) -> type:
        """Fold each row of an immutable entity into buckets of time.

        Args:
            cls: accumulator whose first key is `bucket: int`, seconds since the epoch; its other
                fields have the names of fields of `of`, or are counts.
            of: immutable entity with a field `timestamp`.
            every: lengths of buckets; one table for each.

        Raises:
            BadManifest: the two entities do not fit.
        """
        for one in aggregated(entity_of(cls), entity_of(of), tuple(every)):
            if one.entity.name in self.entities:
                raise BadManifest(f"manifest {self.name}: two entities are '{one.entity.name}'")
            self.entities[one.entity.name] = one.entity
            self.aggregations.append(one)
        return cls

    def register(self, handler: Handler) -> None:
        """Add a handler; `on` and `on_batch` do it for functions.

        Raises:
            BadManifest: it has no event, or one of another manifest's contracts.
        """
        if not handler.subjects:
            raise BadManifest(f"handler {handler.name}: got no event, expected at least one")
        for subject in handler.subjects:
            if subject.contract not in self.contracts:
                raise BadManifest(
                    f"handler {handler.name}: contract '{subject.contract}' is of another manifest"
                )
        self.handlers.append(handler)

    @property
    def start_block(self) -> int:
        """First block that any contract is looked at in."""
        return min((one.start_block for one in self.contracts.values()), default=0)

    def digest(self) -> str:
        """Return a digest that changes with anything that changes rows, code included."""
        parts: dict[str, JsonValue] = {
            "contracts": {name: _shown(one) for name, one in sorted(self.contracts.items())},
            "entities": {name: repr(one) for name, one in sorted(self.entities.items())},
            "aggregations": [repr(one) for one in self.aggregations],
            "handlers": [_code(one) for one in self.handlers],
        }
        return hashlib.sha256(canonical_json(parts)).hexdigest()


def _shown(one: Contract) -> JsonValue:
    factory = [str(one.factory.made_by), one.factory.argument] if one.factory else []
    return {
        "addresses": [*sorted(address.hex() for address in one.addresses)],
        "start_block": one.start_block,
        "factory": list(factory),
        "events": [*sorted(repr(event) for event in one.abi.events)],
    }


def _code(handler: Handler) -> JsonValue:
    function = handler.by_row or handler.by_batch
    assert function is not None
    shown: list[JsonValue] = [
        [str(one) for one in handler.subjects],
        handler.by_row is None,
        code_digest(function),
    ]
    return [*shown, handler.text] if handler.text else shown
