"""Fleets: which key speaks for which device, as a chain of change lists. Pure.

Each `device` record names one list of changes (an object of text lines under a Merkle root), so
that 10,000 devices join in one record and the membership of each can be proven alone. The lists of
a fleet, in log order, give its state.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from diptych.core.canonical import canonical_json
from diptych.core.errors import JsonValue, MalformedError
from diptych.data.sensors.errors import BadFleet
from diptych_verify.dsse import parse_keyid
from diptych_verify.jsonio import strict_json
from diptych_verify.merkle import leaf_hash, merkle_root

FORMAT: Final = "diptych-fleet/1"
ACTIONS: Final = ("enrol", "rotate", "revoke")
MAX_CHANGES: Final = 1_000_000
MAX_NAME: Final = 128
_MAX_LINE_BYTES: Final = 4096


@dataclass(frozen=True)
class Change:
    """One line of a change list.

    Attributes:
        action: `enrol`, `rotate` or `revoke`.
        device: name in the fleet.
        keyid: the key that joins, or that is revoked; `ed25519:<64 hex>`.
        replaces: of `rotate`, the key before.
        until: of `rotate`, the last counter that the key before may still sign: readings on
            their way are not lost.
    """

    action: str
    device: str
    keyid: str
    replaces: str = ""
    until: int = 0

    def line(self) -> bytes:
        """Return the canonical line, without line break."""
        members: list[JsonValue] = [self.action, self.device, self.keyid]
        if self.action == "rotate":
            members += [self.replaces, self.until]
        return canonical_json(members)


@dataclass
class DeviceKey:
    """A key that speaks, or spoke, for a device.

    Attributes:
        device: name in the fleet.
        key: 32 bytes.
        state: `active`, `replaced` or `revoked`.
        until: of a replaced key, the last counter that it may sign.
    """

    device: str
    key: bytes
    state: str = "active"
    until: int = 0

    def refusal(self, last_counter: int) -> str:
        """Return why readings up to `last_counter` are refused now; empty if they are not."""
        if self.state == "revoked":
            return "the device's key was revoked"
        if self.state == "replaced" and last_counter > self.until:
            return f"the device's key was replaced; it may sign up to counter {self.until}"
        return ""


@dataclass
class Fleet:
    """The state of a fleet after a number of changes."""

    name: str
    keys: dict[bytes, DeviceKey] = field(default_factory=dict)
    current: dict[str, DeviceKey] = field(default_factory=dict)

    def apply(self, changes: Iterable[Change]) -> None:
        """Carry out changes in order.

        Raises:
            BadFleet: a name or key is taken, unknown, or no longer valid.
        """
        for change in changes:
            if change.action == "enrol":
                self._enrol(change)
            elif change.action == "rotate":
                self._rotate(change)
            else:
                self._current(change.device, change.keyid).state = "revoked"
                del self.current[change.device]

    @property
    def active(self) -> list[DeviceKey]:
        """Keys that may sign now, by device name."""
        return [self.current[name] for name in sorted(self.current)]

    def _enrol(self, change: Change) -> None:
        if change.device in self.current:
            raise BadFleet(
                f"device '{change.device}' is in fleet '{self.name}' already",
                hint="diptych data sensors rotate",
            )
        self._add(change)

    def _rotate(self, change: Change) -> None:
        before = self._current(change.device, change.replaces)
        if change.keyid == change.replaces:
            raise BadFleet(f"device '{change.device}': got the key that it has, expected a new one")
        self._add(change)
        before.state, before.until = "replaced", change.until

    def _add(self, change: Change) -> None:
        key = device_key(change.keyid)
        if key in self.keys:
            raise BadFleet(
                f"device '{change.device}': the key {change.keyid} was used by "
                f"'{self.keys[key].device}'; a key joins once",
                hint="make a new key for the device",
            )
        self.keys[key] = self.current[change.device] = DeviceKey(change.device, key)

    def _current(self, device: str, keyid: str) -> DeviceKey:
        found = self.current.get(device)
        if found is None or f"ed25519:{found.key.hex()}" != keyid:
            raise BadFleet(
                f"device '{device}' has no valid key {keyid or '(none)'} in fleet '{self.name}'",
                hint="diptych data sensors fleet",
            )
        return found


def device_key(keyid: str) -> bytes:
    """Return the 32 bytes of a device's key.

    Raises:
        BadFleet: it is no `ed25519:<64 hex>`.
    """
    try:
        scheme, key = parse_keyid(keyid)
    except MalformedError as error:
        raise BadFleet(error.message) from None
    if scheme != "ed25519":
        raise BadFleet(f"got key {keyid}, expected ed25519:<64 hex>")
    return key


def require_name(name: str) -> str:
    """Refuse names that are empty, long or not printable; return the name.

    Raises:
        BadFleet: it is.
    """
    if not 0 < len(name) <= MAX_NAME or not name.isprintable() or name != name.strip():
        raise BadFleet(f"got the name {name[:MAX_NAME]!a}, expected 1 to {MAX_NAME} characters")
    return name


def change_list(fleet: str, changes: Sequence[Change]) -> tuple[bytes, bytes]:
    """Return (object, root) of a change list; the root is over the lines after the first.

    Raises:
        BadFleet: there is no change, or too many.
    """
    if not 0 < len(changes) <= MAX_CHANGES:
        raise BadFleet(f"got {len(changes)} changes, expected 1 to {MAX_CHANGES:,}")
    lines = [change.line() for change in changes]
    head = canonical_json({"fleet": fleet, "format": FORMAT})
    return b"".join(line + b"\n" for line in (head, *lines)), merkle_root(map(leaf_hash, lines))


def parse_change_list(raw: bytes, *, fleet: str, root: bytes) -> list[Change]:
    """Parse the object of a `device` record and check it against the record.

    Raises:
        MalformedError: wrong syntax, fleet or root.
    """
    lines = raw.split(b"\n")
    if lines.pop() or len(lines) < 2 or len(lines) > MAX_CHANGES + 1:
        raise MalformedError("fleet: expected lines that all end with a line break")
    head = _json(lines[0])
    if head != {"fleet": fleet, "format": FORMAT}:
        raise MalformedError(f"fleet: got the first line {lines[0][:80]!r}, expected {FORMAT}")
    if merkle_root(map(leaf_hash, lines[1:])) != root:
        raise MalformedError("fleet: the changes have another root than the record says")
    return list(_changes(lines[1:]))


def _changes(lines: Sequence[bytes]) -> Iterator[Change]:
    for line in lines:
        match _json(line):
            case [("enrol" | "revoke") as action, str(device), str(keyid)]:
                change = Change(action, device, keyid)
            case ["rotate", str(device), str(keyid), str(replaces), int(until)]:
                change = Change("rotate", device, keyid, replaces, until)
            case _:
                raise MalformedError(f"fleet: got the line {line[:80]!r}, expected a change")
        if change.line() != line:
            raise MalformedError(f"fleet: the line {line[:80]!r} is not canonical")
        yield change


def _json(line: bytes) -> JsonValue:
    return strict_json(line, max_bytes=_MAX_LINE_BYTES, max_depth=2, max_values=8)


def read_enrolment(text: str) -> list[tuple[str, str]]:
    """Read `device,keyid` lines, as the maker of the devices delivers them.

    Raises:
        BadFleet: a line has other columns.
    """
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or (number == 1 and line.strip() == "device,keyid"):
            continue
        device, _, keyid = line.rpartition(",")
        if not device:
            raise BadFleet(f"line {number}: got {line[:80]!a}, expected device,keyid")
        device_key(keyid.strip())
        found.append((require_name(device.strip()), keyid.strip()))
    return found
