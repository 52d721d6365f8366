"""`data sensors enrol|rotate|revoke|fleet`: which key speaks for which device, as records."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from diptych.app.verbs.records import NoSuchRecord, Record, find_record, record_at
from diptych.app.verbs.signing import current_signer
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue, MalformedError
from diptych.core.files import write_durably
from diptych.data.sensors.errors import BadFleet
from diptych.data.sensors.fleet import (
    Change,
    Fleet,
    change_list,
    parse_change_list,
    require_name,
)
from diptych.data.sensors.query import devices, newest_counter
from diptych.data.sensors.store import ReadingStore
from diptych.provenance.log import LogReader
from diptych.provenance.objects import object_bytes
from diptych.provenance.statement import Draft, Edge, Subject, sign_statements
from diptych_verify.jsonio import ObjectReader

FLEET_LABEL = "fleet/"
KIND = "device"


@dataclass(frozen=True)
class FleetChanged:
    """What changed a fleet: the record, its index, and how many devices it is about."""

    fleet: str
    action: str
    record: str
    index: int
    devices: int
    active: int

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych data sensors enrol --json` shows."""
        return {
            "fleet": self.fleet,
            "action": self.action,
            "record": self.record,
            "index": self.index,
            "devices": self.devices,
            "active": self.active,
        }


@dataclass(frozen=True)
class DeviceState:
    """A device as `fleet` lists it; `readings` and `newest` say what it sent."""

    device: str
    keyid: str
    readings: int
    newest: int

    def to_json(self) -> dict[str, JsonValue]:
        """Return one entry of `diptych data sensors fleet --json`."""
        return {
            "device": self.device,
            "keyid": self.keyid,
            "readings": self.readings,
            "newest_counter": self.newest,
        }


def enrol(workspace: Workspace, fleet: str, keys: Sequence[tuple[str, str]]) -> FleetChanged:
    """Let devices join a fleet; the first ones make it.

    Args:
        workspace: where the log stands.
        fleet: its name.
        keys: (device, key id) pairs, any number in one record.

    Raises:
        BadFleet: a name or key is malformed or taken.
    """
    changes = [Change("enrol", require_name(device), keyid) for device, keyid in keys]
    return _log_changes(workspace, fleet, "enrol", lambda _: changes)


def rotate(
    workspace: Workspace, fleet: str, keys: Sequence[tuple[str, str]], *, until: int | None = None
) -> FleetChanged:
    """Give devices new keys; the keys before still count for readings that are on their way.

    Args:
        workspace: where the log stands.
        fleet: its name.
        keys: (device, new key id) pairs.
        until: last counter that the keys before may sign; by default the newest that has come.

    Raises:
        BadFleet: a device or key is unknown, malformed or taken.
    """

    def changes(state: Fleet) -> list[Change]:
        with open_readings(workspace) as store:
            found = []
            for device, keyid in keys:
                before = _keyid(state, device)
                newest = newest_counter(store.connection, fleet, device)
                last = newest if until is None else until
                found.append(Change("rotate", device, keyid, before, last))
        return found

    return _log_changes(workspace, fleet, "rotate", changes)


def revoke(workspace: Workspace, fleet: str, names: Sequence[str]) -> FleetChanged:
    """End the keys of devices: nothing that comes from them counts from now on.

    Raises:
        BadFleet: a device is unknown.
    """
    return _log_changes(
        workspace,
        fleet,
        "revoke",
        lambda state: [Change("revoke", name, _keyid(state, name)) for name in names],
    )


def list_fleet(workspace: Workspace, fleet: str) -> list[DeviceState]:
    """Return the devices of a fleet that may send now, by name.

    Raises:
        NoSuchRecord: there is no such fleet.
    """
    with workspace.read_log() as log:
        state = load_fleet(workspace, log, fleet)
    with open_readings(workspace) as store:
        sent = {name: (count, newest) for name, count, newest in devices(store.connection, fleet)}
    return [
        DeviceState(key.device, f"ed25519:{key.key.hex()}", *sent.get(key.device, (0, 0)))
        for key in state.active
    ]


def load_fleet(workspace: Workspace, log: LogReader, name: str) -> Fleet:
    """Fold all records of a fleet.

    Raises:
        NoSuchRecord: there is no such fleet.
        MalformedError: a record or its object is not what it should be.
    """
    newest = log.label(FLEET_LABEL + name)
    if newest is None:
        raise NoSuchRecord(
            f"there is no fleet '{name[:100]}'", hint="diptych data sensors enrol FLEET …"
        )
    chain: list[Record] = []
    record: Record | None = record_at(log, newest)
    while record is not None:
        chain.append(record)
        record = _before(workspace, log, record)
    state = Fleet(name)
    for one in reversed(chain):
        state.apply(_changes_of(workspace, one, name))
    return state


def open_readings(workspace: Workspace, *, workers: int = 1) -> ReadingStore:
    """Open the workspace's readings."""
    from diptych.data.sensors.signatures import FrameVerifier

    path = workspace.place.private / "readings.sqlite"
    return ReadingStore(path, clock=workspace.clock, verifier=FrameVerifier(workers))


def new_device_key(path: Path) -> str:
    """Make a device key, write it as PEM that only its owner may read, and return its key id.

    Raises:
        BadFleet: there is a file already.
        CannotWrite: it cannot be written.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if path.exists():
        raise BadFleet(f"there is a file {path.name} already", hint="choose another name")
    key = Ed25519PrivateKey.from_private_bytes(os.urandom(32))
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_durably(path, pem, mode=0o600)
    return f"ed25519:{key.public_key().public_bytes_raw().hex()}"


def _log_changes(
    workspace: Workspace, fleet: str, action: str, make: Callable[[Fleet], Sequence[Change]]
) -> FleetChanged:
    """Append one record of changes, checked against the fleet while the log's lease is held."""
    require_name(fleet)
    with workspace.write_log() as log, log.writer(workspace.lease_terms()) as writer:
        before = log.label(FLEET_LABEL + fleet)
        state = Fleet(fleet) if before is None else load_fleet(workspace, log, fleet)
        changes = make(state)
        state.apply(changes)
        raw, root = change_list(fleet, changes)
        name = workspace.objects.put([raw])
        workspace.objects.flush()
        edges = () if before is None else (Edge("supersedes", record_at(log, before).record),)
        about: dict[str, JsonValue] = {
            "action": action,
            "fleet": fleet,
            "count": len(changes),
            "root": root.hex(),
            "object": name,
        }
        if len(changes) == 1:
            about["keyid"] = changes[0].keyid
        subject = Subject(fleet, {"diptychFleet1": root.hex()})
        draft = Draft(KIND, (subject,), workspace.clock(), edges, {"device": about})
        (envelope,) = sign_statements([draft], current_signer(workspace, log))
        index = writer.append([envelope], labels={FLEET_LABEL + fleet: 0})[0]
        record = record_at(log, index).record
    return FleetChanged(fleet, action, record, index, len(changes), len(state.current))


def _keyid(state: Fleet, device: str) -> str:
    found = state.current.get(device)
    if found is None:
        raise BadFleet(
            f"there is no device '{device[:100]}' in fleet '{state.name}'",
            hint="diptych data sensors fleet",
        )
    return f"ed25519:{found.key.hex()}"


def _before(workspace: Workspace, log: LogReader, record: Record) -> Record | None:
    for edge in record.statement.edges:
        if edge.relation == "supersedes" and edge.record is not None:
            earlier = find_record(workspace, log, edge.record.hex())
            if earlier.index >= record.index:
                raise MalformedError(f"record {record.index} supersedes a later one")
            return earlier
    return None


def _changes_of(workspace: Workspace, record: Record, fleet: str) -> list[Change]:
    if record.statement.kind != KIND:
        raise MalformedError(f"record {record.index}: expected a device record of '{fleet}'")
    reader = ObjectReader(dict(record.statement.predicate), "predicate").object("device")
    root = reader.hex_bytes("root", size=32)
    name = reader.hex_bytes("object", size=32).hex()
    raw = object_bytes(workspace.objects, name)
    return parse_change_list(raw, fleet=fleet, root=root)
