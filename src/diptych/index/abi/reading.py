"""ABIs from files and answers: build artefacts, plain lists, explorers, lines of Solidity."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from diptych.index.abi.event import Event, Input, check_name, make_event
from diptych.index.abi.human import parse_event
from diptych.index.abi.types import MAX_DEPTH, BadAbi, Tuple, parse_type
from diptych_verify.errors import MalformedError
from diptych_verify.json_syntax import check_nesting, shown

MAX_BYTES = 16 << 20
MAX_EVENTS = 2000
_MAX_ITEMS = 20_000
_MAX_LINES_BYTES = 1 << 20
_MAX_NESTING = 900
_MAX_VALUES = 1_000_000
_MAX_COMPONENTS = 1000


@dataclass(frozen=True)
class Abi:
    """The events of a contract.

    Attributes:
        events: in the order of the ABI, none twice.
    """

    events: tuple[Event, ...]

    def named(self, name: str) -> tuple[Event, ...]:
        """Return events of a name or signature; more than one if overloaded."""
        return tuple(one for one in self.events if name in (one.name, one.signature))

    def with_topic(self, topic0: bytes) -> tuple[Event, ...]:
        """Return events of a first topic; more than one if they differ in what is indexed."""
        return tuple(one for one in self.events if not one.anonymous and one.topic0 == topic0)

    def event(self, name: str) -> Event:
        """Return the event of a name or signature.

        Raises:
            BadAbi: there is none, or more than one.
        """
        found = self.named(name)
        if len(found) == 1:
            return found[0]
        if found:
            which = ", ".join(one.declaration for one in found)
            raise BadAbi(f"got event {shown(name)}, which is one of: {which}")
        known = ", ".join(sorted({one.name for one in self.events})) or "none"
        raise BadAbi(f"got event {shown(name)}, expected one of: {known}")


def read_abi(raw: bytes | str | list[Any] | Mapping[str, Any], where: str) -> Abi:
    """Return the events of an ABI.

    Args:
        raw: an artefact of Foundry, Hardhat, Truffle or solc, a list of items or of lines of
            Solidity, or an explorer's answer; parsed or as text.
        where: file or address, for errors.

    Raises:
        BadAbi: it is none of them, or too large.

    >>> read_abi(["event Paid(address indexed who, uint amount)"], "example").events[0].name
    'Paid'
    """
    try:
        return Abi(tuple(dict.fromkeys(_events(_items(raw, 0)))))
    except BadAbi as error:
        raise BadAbi(f"{where}: {error.message}", hint=error.hint) from None


def _items(raw: object, level: int) -> list[Any]:
    """Return the list within whatever it is wrapped in."""
    if level > 6:
        raise BadAbi("got an ABI wrapped too often")
    if isinstance(raw, bytes | str):
        return _items(_parsed(raw), level + 1)
    if isinstance(raw, list):
        if len(raw) > _MAX_ITEMS:
            raise BadAbi(f"got {len(raw)} items, expected at most {_MAX_ITEMS}")
        if len(raw) == 1 and isinstance(raw[0], dict) and "ABI" in raw[0]:
            return _items(raw[0]["ABI"], level + 1)
        return raw
    if isinstance(raw, Mapping):
        return _items(_member(raw), level + 1)
    raise BadAbi(f"got {type(raw).__name__}, expected an ABI")


def _member(raw: Mapping[str, Any]) -> object:
    for name in ("abi", "ABI", "result", "output"):
        if raw.get(name) is not None:
            return raw[name]
    contracts = raw.get("contracts")
    if isinstance(contracts, Mapping):
        return _only_contract(contracts)
    got = ", ".join(shown(name) for name in list(raw)[:8])
    raise BadAbi(f"got members {got}, expected one named abi")


def _only_contract(contracts: Mapping[str, Any]) -> object:
    """Return the one contract of a compiler's output."""
    found = {
        name: one
        for held in contracts.values()
        if isinstance(held, Mapping)
        for name, one in (("", held), *held.items())
        if isinstance(one, Mapping) and one.get("abi")
    }
    if len(found) != 1:
        names = ", ".join(shown(name) for name in list(found)[:20])
        raise BadAbi(f"got {len(found)} contracts ({names}), expected one")
    return next(iter(found.values()))


def _parsed(raw: bytes | str) -> object:
    raw = raw.encode("utf-8", "replace") if isinstance(raw, str) else raw
    if len(raw) > MAX_BYTES:
        raise BadAbi(f"got {len(raw)} bytes, expected at most {MAX_BYTES}")
    raw = raw.removeprefix(b"\xef\xbb\xbf").strip()
    if raw[:1] not in (b"[", b"{", b'"'):
        return _lines(raw)
    try:
        if raw.count(b",") + raw.count(b"[") + raw.count(b"{") > _MAX_VALUES:
            raise BadAbi(f"got more than {_MAX_VALUES} values")
        check_nesting(raw, _MAX_NESTING, _MAX_VALUES)
        return json.loads(raw)
    except (MalformedError, RecursionError):
        raise BadAbi("got JSON nested too deeply or of too many values") from None
    except ValueError as error:
        raise BadAbi(f"got no JSON: {error}") from None


def _lines(raw: bytes) -> list[str]:
    if len(raw) > _MAX_LINES_BYTES:
        raise BadAbi(f"got {len(raw)} bytes of text, expected at most {_MAX_LINES_BYTES}")
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise BadAbi("got neither JSON nor lines of text") from None
    lines = (line.split("//")[0].strip() for line in text.splitlines())
    found = [line for line in lines if line]
    if not found:
        raise BadAbi("got nothing, expected an ABI")
    return found


def _events(items: Iterable[Any]) -> list[Event]:
    found: list[Event] = []
    for place, item in enumerate(items):
        try:
            event = parse_event(item) if isinstance(item, str) else _event(item)
        except BadAbi as error:
            raise BadAbi(f"item {place}: {error.message}", hint=error.hint) from None
        if event is not None:
            found.append(event)
    if len(found) > MAX_EVENTS:
        raise BadAbi(f"got {len(found)} events, expected at most {MAX_EVENTS}")
    return found


def _event(item: object) -> Event | None:
    if not isinstance(item, Mapping):
        raise BadAbi(f"got {type(item).__name__}, expected an object")
    if item.get("type") != "event":
        return None
    inputs = [_input(one, 0) for one in _list(item, "inputs")]
    return make_event(_text(item, "name"), inputs, anonymous=_flag(item, "anonymous"))


def _input(item: object, level: int) -> Input:
    if not isinstance(item, Mapping):
        raise BadAbi(f"got {type(item).__name__} as input, expected an object")
    if level > MAX_DEPTH:
        raise BadAbi(f"got tuples nested deeper than {MAX_DEPTH}")
    components = None
    kind = _text(item, "type")
    if kind.startswith("tuple"):
        members = [_input(one, level + 1) for one in _list(item, "components")]
        if not members:
            raise BadAbi("got a tuple without components")
        components = Tuple(tuple(one.name for one in members), tuple(one.shape for one in members))
    name = _text(item, "name") if item.get("name") else ""
    if name:
        check_name(name)
    return Input(name, parse_type(kind, components), _flag(item, "indexed"))


def _list(item: Mapping[str, Any], name: str) -> list[Any]:
    found = item.get(name, [])
    if not isinstance(found, list) or len(found) > _MAX_COMPONENTS:
        raise BadAbi(
            f"{name}: got {type(found).__name__}, expected a list of {_MAX_COMPONENTS} at most"
        )
    return found


def _text(item: Mapping[str, Any], name: str) -> str:
    found = item.get(name)
    if not isinstance(found, str):
        raise BadAbi(f"{name}: got {type(found).__name__}, expected text")
    return found


def _flag(item: Mapping[str, Any], name: str) -> bool:
    found = item.get(name, False)
    if not isinstance(found, bool):
        raise BadAbi(f"{name}: got {type(found).__name__}, expected true or false")
    return found
