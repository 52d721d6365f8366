"""What a manifest asks for: which logs to fetch in which order, and whom to call. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from diptych.core.errors import UsageError
from diptych.index.blocks import LogSelector, Wanted
from diptych.index.manifest.contract import Contract, Subject
from diptych.index.manifest.handlers import Handler
from diptych.index.manifest.manifest import Manifest

if TYPE_CHECKING:
    import pyarrow as pa

_MAX_ADDRESSES = 1_000
"""Beyond so many children a factory's events are asked of any address and sorted out here."""


class FactoryLoop(UsageError):
    """Factories of a manifest make each other."""

    code = "Index.FactoryLoop"


@dataclass
class Children:
    """Contracts that factories made, by name of the manifest's contract."""

    found: dict[str, dict[bytes, int]] = field(default_factory=dict)

    def of(self, contract: Contract) -> frozenset[bytes]:
        """Return all addresses of a contract."""
        return contract.addresses | frozenset(self.found.get(contract.name, ()))

    def since(self, contract: Contract) -> int:
        """Return the first block whose logs of a contract count."""
        made = self.found.get(contract.name)
        if contract.factory is None or contract.addresses or not made:
            return contract.start_block
        return max(contract.start_block, min(made.values()))

    def add(self, name: str, address: bytes, block: int) -> bool:
        """Add one; whether it is new."""
        known = self.found.setdefault(name, {})
        if address in known:
            return False
        known[address] = block
        return True

    def back_to(self, block: int) -> None:
        """Forget those made later."""
        for name, known in self.found.items():
            self.found[name] = {one: made for one, made in known.items() if made <= block}


class Plan:
    """A manifest, ready to run.

    Raises:
        FactoryLoop: its factories make each other.
    """

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.levels = _levels(manifest.contracts)
        self.by_row: dict[Subject, list[Handler]] = {}
        self.by_batch: dict[Subject, list[Handler]] = {}
        for handler in manifest.handlers:
            for subject in handler.subjects:
                chosen = self.by_batch if handler.by_row is None else self.by_row
                chosen.setdefault(subject, []).append(handler)
        self.factories: dict[Subject, list[Contract]] = {}
        for one in manifest.contracts.values():
            if one.factory is not None:
                self.factories.setdefault(one.factory.made_by, []).append(one)

    @property
    def subjects(self) -> list[Subject]:
        """Every event that somebody is called with."""
        return list({**self.by_row, **self.by_batch})

    def wanted(
        self, level: Iterable[Contract], children: Children, *, verified: bool, links: bool
    ) -> Wanted:
        """Return what to fetch for some contracts."""
        selectors = [one for contract in level if (one := self._selector(contract, children))]
        return Wanted(tuple(selectors), verified=verified, links=links)

    def _selector(self, contract: Contract, children: Children) -> LogSelector | None:
        """Return which logs a contract needs: all events, so that any can be replayed."""
        addresses = children.of(contract)
        topics = frozenset(one.topic0 for one in contract.abi.events if not one.anonymous)
        if contract.factory is not None and not addresses:
            return None
        stream, since = self.stream(contract), children.since(contract)
        if not addresses or len(addresses) > _MAX_ADDRESSES:
            return LogSelector(frozenset(), topics, stream, since)
        return LogSelector(addresses, frozenset(), stream, since)

    def stream(self, contract: Contract) -> str:
        """Return what a contract's logs are cached under: the same for any handlers.

        It says all that decides which logs are fetched. Of many children the events of the ABI are
        asked of any address, so the ABI is part of it, and so is what decides on the children.
        """
        addresses = ",".join(sorted("0x" + one.hex() for one in contract.addresses))
        events = ",".join(sorted(one.signature for one in contract.abi.events))
        if contract.factory is None:
            return addresses or events
        made_by = contract.factory.made_by
        parent = self.stream(self.manifest.contracts[made_by.contract])
        names = (parent, made_by.event.declaration, contract.factory.argument, addresses, events)
        return "/".join(names)


def _levels(contracts: Mapping[str, Contract]) -> list[list[Contract]]:
    depth: dict[str, int] = {}

    def depth_of(one: Contract, above: tuple[str, ...]) -> int:
        if one.name in above:
            raise FactoryLoop(f"factories make each other: {' -> '.join((*above, one.name))}")
        if one.factory is None:
            return 0
        parent = contracts.get(one.factory.made_by.contract)
        if parent is None:
            raise FactoryLoop(
                f"contract {one.name}: its factory '{one.factory.made_by.contract}' is not declared"
            )
        return 1 + depth_of(parent, (*above, one.name))

    for one in contracts.values():
        depth[one.name] = depth_of(one, ())
    levels: list[list[Contract]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for one in contracts.values():
        levels[depth[one.name]].append(one)
    return levels


def children_of(rows: "pa.Table", contract: Contract) -> list[tuple[bytes, int]]:
    """Return the contracts that a factory's decoded events name, with the block of each."""
    if contract.factory is None:
        return []
    addresses = rows.column(contract.factory.argument).to_pylist()
    blocks = rows.column("_block").to_pylist()
    return [(bytes.fromhex(one[2:]), block) for one, block in zip(addresses, blocks, strict=True)]
