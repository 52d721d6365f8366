"""Contracts of a manifest: which addresses emit which events, and factories that make more."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diptych.core.errors import UsageError
from diptych.core.files import naming

if TYPE_CHECKING:
    from diptych.index.abi import Abi, Event

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
_KNOWN = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,40}")
_MAX_ABI_BYTES = 16 << 20
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")


Given = str | bytes | list[Any] | Mapping[str, Any]
"""Name of a known standard, path of a JSON file, or an ABI as it stands or parsed."""


class BadContract(UsageError):
    """A contract of a manifest is declared in a way that nothing can be fetched by."""

    code = "Index.BadContract"


class NoSuchEvent(UsageError):
    """A handler names an event that the contract's ABI does not have, or has twice."""

    code = "Index.NoSuchEvent"


@dataclass(frozen=True)
class Subject:
    """An event of a contract: what handlers are registered for.

    Attributes:
        contract: name of the contract.
        event: the event as its ABI declares it.
    """

    contract: str
    event: "Event"

    def __str__(self) -> str:
        return f"{self.contract}.{self.event.name}"


@dataclass(frozen=True)
class Factory:
    """An event whose argument is the address of a new contract.

    Attributes:
        made_by: event of another contract of the manifest.
        argument: name of the argument of type address.
    """

    made_by: Subject
    argument: str


@dataclass(frozen=True)
class Contract:
    """One or more addresses with one ABI.

    Attributes:
        name: for handlers and messages.
        abi: its events.
        addresses: 20 bytes each; empty: of any address, or of those that `factory` makes.
        start_block: first block to look at.
        factory: how further addresses are found.
    """

    name: str
    abi: "Abi"
    addresses: frozenset[bytes] = frozenset()
    start_block: int = 0
    factory: Factory | None = None

    @property
    def events(self) -> "Events":
        """Its events, as attributes or by name, signature or declaration."""
        return Events(self)


@dataclass(frozen=True)
class Events:
    """Events of a contract: `token.events.Transfer`, or `token.events["Sync(uint112,uint112)"]`."""

    _contract: Contract = field(repr=False)

    def __getattr__(self, name: str) -> Subject:
        if name.startswith("_"):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, name: str) -> Subject:
        """Return one event.

        Raises:
            NoSuchEvent: there is none, or an overloaded one needs its signature or declaration.
        """
        abi = self._contract.abi
        found = [one for one in abi.events if name in {one.name, one.signature, one.declaration}]
        if len(found) != 1:
            known = ", ".join(one.declaration for one in found or abi.events)
            raise NoSuchEvent(
                f"contract {self._contract.name}: got event '{name}', expected one of: {known}"
            )
        return Subject(self._contract.name, found[0])

    def __iter__(self) -> Iterator[Subject]:
        return (Subject(self._contract.name, one) for one in self._contract.abi.events)


def contract(
    name: str,
    *,
    abi: Given,
    address: str | tuple[str, ...] | list[str] = (),
    start_block: int = 0,
    factory: Factory | None = None,
    folder: Path | None = None,
) -> Contract:
    """Declare a contract.

    Args:
        name: letters, digits and _.
        abi: name of a known standard, path of an ABI or artefact, its parsed JSON, or signatures.
        address: one or more; none to take the events of any contract.
        start_block: first block to look at.
        factory: takes the addresses from another contract's event instead.
        folder: where a relative path of `abi` starts from.

    Raises:
        BadContract: name, address or start block is not one.
        BadAbi: the ABI cannot be read.
    """
    given = [address] if isinstance(address, str) else list(address)
    if not _NAME.fullmatch(name):
        raise BadContract(f"got contract name '{name[:80]}', expected letters, digits and _")
    for one in given:
        if not _ADDRESS.fullmatch(one):
            raise BadContract(
                f"contract {name}: got address '{one[:80]}', expected 0x and 40 digits"
            )
    if isinstance(start_block, bool) or not 0 <= start_block < 1 << 31:
        raise BadContract(f"contract {name}: got start block {start_block}, expected 0 or more")
    if factory is not None:
        if given:
            raise BadContract(
                f"contract {name}: got addresses beside a factory, expected one of them"
            )
        _check_factory(name, factory)
    read = _abi(abi, folder, where=f"contract {name}")
    addresses = frozenset(bytes.fromhex(one[2:]) for one in given)
    return Contract(name, read, addresses, start_block, factory)


def _abi(given: Given, folder: Path | None, where: str) -> "Abi":
    from diptych.index.abi import known_abi, read_abi

    if isinstance(given, str) and _KNOWN.fullmatch(given):
        return known_abi(given)
    if isinstance(given, str) and given.endswith(".json"):
        path = (folder or Path()) / given
        with naming(path), path.open("rb") as stream:
            raw = stream.read(_MAX_ABI_BYTES + 1)
        return read_abi(raw, f"{where}: {given}")
    return read_abi(given, where)


def _check_factory(name: str, factory: Factory) -> None:
    types = {one.name: one.type for one in factory.made_by.event.inputs}
    if types.get(factory.argument) != "address":
        known = ", ".join(one for one, type_ in types.items() if type_ == "address") or "none"
        raise BadContract(
            f"contract {name}: got factory argument '{factory.argument}' of {factory.made_by},"
            f" expected one of type address: {known}"
        )
