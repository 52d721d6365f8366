"""`data sensors ingest|checkpoint|prove`: signed readings into the store, the log and bundles."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from diptych.app.verbs.anchors import earliest_anchor
from diptych.app.verbs.data.fleets import FLEET_LABEL, load_fleet, open_readings
from diptych.app.verbs.records import find_record, record_at
from diptych.app.verbs.signing import current_signer
from diptych.app.workspace import Workspace
from diptych.core.clock import iso_utc
from diptych.core.database import Connection
from diptych.core.errors import JsonValue
from diptych.data.sensors.fleet import Fleet
from diptych.data.sensors.frame import read_frames
from diptych.data.sensors.interval import (
    Interval,
    close_interval,
    collect_interval,
    is_open,
    open_interval,
    show_reading,
)
from diptych.data.sensors.query import conflicts
from diptych.data.sensors.store import Ingested, ReadingStore
from diptych.provenance.bundle import BundleRequest, build_bundle
from diptych.provenance.log import Log
from diptych.provenance.statement import Draft, Edge, Subject, sign_statements

if TYPE_CHECKING:
    from diptych.data.sensors.mqtt import Broker

READINGS_LABEL = "readings/"
_BATCH = 4096


@dataclass(frozen=True)
class Checkpointed:
    """An interval in the log: its record, root, how many readings, and their times."""

    fleet: str
    record: str
    index: int
    root: str
    count: int
    devices: int
    from_time: str
    to_time: str

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych data sensors checkpoint --json` shows."""
        return {
            "fleet": self.fleet,
            "record": self.record,
            "index": self.index,
            "root": self.root,
            "count": self.count,
            "devices": self.devices,
            "from": self.from_time,
            "to": self.to_time,
        }


class Intake:
    """Takes frames of one fleet in; knows of new, rotated and revoked devices at once.

    Args:
        workspace: where log and store stand.
        store: the opened readings.
        fleet: name of the fleet.
    """

    def __init__(self, workspace: Workspace, store: ReadingStore, fleet: str) -> None:
        self._workspace = workspace
        self._store = store
        self._name = fleet
        self._seen: int | None = None
        self._fleet = Fleet(fleet)
        self.report = Ingested()

    def take(self, frames: Sequence[bytes]) -> Ingested:
        """Check and store frames durably.

        Raises:
            NoSuchRecord: there is no such fleet.
        """
        with self._workspace.read_log() as log:
            newest = log.label(FLEET_LABEL + self._name)
            if newest is None or newest != self._seen:
                self._fleet = load_fleet(self._workspace, log, self._name)
                self._seen = newest
        done = self._store.ingest(frames, self._fleet)
        self.report.add(done)
        return done


def ingest_stream(
    workspace: Workspace, fleet: str, source: BinaryIO, *, workers: int = 1
) -> Ingested:
    """Take in a file of frames; after an interruption, run it again.

    Raises:
        NoSuchRecord: there is no such fleet.
        MalformedError: the file ends within a frame; all frames before are stored.
    """
    with (
        open_readings(workspace, workers=workers) as store,
        workspace.progress("ingest", unit=" frames") as shown,
    ):
        intake = Intake(workspace, store, fleet)
        batch: list[bytes] = []
        try:
            for frame in read_frames(source):
                batch.append(frame)
                if len(batch) == _BATCH:
                    intake.take(batch)
                    shown.advance(len(batch))
                    batch = []
        finally:
            intake.take(batch)
        return intake.report


def ingest_mqtt(
    workspace: Workspace,
    fleet: str,
    broker: "Broker",
    *,
    client_id: str,
    stop: threading.Event,
    workers: int = 1,
) -> Ingested:
    """Take in what a broker has until `stop` is set; acknowledged only when durable.

    Raises:
        NoSuchRecord: there is no such fleet.
        BrokerFault: the broker cannot be reached or refuses.
        MissingExtra: paho-mqtt is not installed.
    """
    from diptych.data.sensors.mqtt import receive

    with (
        open_readings(workspace, workers=workers) as store,
        workspace.progress("ingest", unit=" frames") as shown,
    ):
        intake = Intake(workspace, store, fleet)
        intake.take([])

        def keep(frames: Sequence[bytes]) -> None:
            intake.take(frames)
            shown.advance(len(frames))

        receive(broker, keep, client_id=client_id, stop=stop, batch=_BATCH)
        return intake.report


def checkpoint_readings(workspace: Workspace, fleet: str) -> Checkpointed:
    """Put the readings since the last checkpoint under one root in the log.

    Raises:
        NoSuchRecord: there is no such fleet.
        NothingNew: nothing came since the last checkpoint.
    """
    with workspace.write_log() as log, open_readings(workspace) as store:
        load_fleet(workspace, log, fleet)
        index = None
        while index is None:
            interval = collect_interval(store.connection, fleet)
            open_interval(store.connection, interval)
            index = _logged(workspace, log, store.connection, interval)
        record = record_at(log, index).record
    return Checkpointed(
        fleet,
        record,
        index,
        interval.root.hex(),
        len(interval.leaves),
        len(interval.devices),
        iso_utc(interval.from_ms / 1000),
        iso_utc(interval.to_ms / 1000),
    )


def prove_reading(workspace: Workspace, fleet: str, device: str, counter: int) -> bytes:
    """Return a bundle that shows one reading: signed by its device, logged, maybe anchored.

    Raises:
        NoSuchReading: it is not stored, or no checkpoint covers it yet.
    """
    with open_readings(workspace) as store:
        record, field = show_reading(store.connection, fleet, device, counter)
    with workspace.read_log() as log:
        found = find_record(workspace, log, record)
        anchor = earliest_anchor(workspace, covering=found.index)
        proof = anchor.proof if anchor else None
        request = BundleRequest(lineage=True, anchor=proof, disclosed=(field,))
        return build_bundle(log, found.index, request)


def list_conflicts(workspace: Workspace, fleet: str) -> list[tuple[str, int]]:
    """Return (device, counter) of readings that came twice with different bytes."""
    with open_readings(workspace) as store:
        return conflicts(store.connection, fleet)


def _logged_before(log: Log, interval: Interval) -> int | None:
    """Return the index of the interval's record if a run before was ended after the append."""
    newest = log.label(READINGS_LABEL + interval.fleet)
    if newest is None:
        return None
    claim = record_at(log, newest).statement.private
    return newest if claim is not None and claim.root == interval.root else None


def _logged(
    workspace: Workspace, log: Log, connection: Connection, interval: Interval
) -> int | None:
    """Log an interval, unless another process did so while it was collected: then None."""
    name = workspace.objects.put([interval.document()])
    workspace.objects.flush()
    with log.writer(workspace.lease_terms()) as writer:
        if not is_open(connection, interval):
            return None
        index = _logged_before(log, interval)
        if index is None:
            draft = _draft(workspace, log, interval, name)
            (envelope,) = sign_statements([draft], current_signer(workspace, log))
            labels = {READINGS_LABEL + interval.fleet: 0}
            (index,) = writer.append([envelope], labels=labels)
        close_interval(connection, interval, record_at(log, index).record)
    return index


def _draft(workspace: Workspace, log: Log, interval: Interval, name: str) -> Draft:
    fleet = log.label(FLEET_LABEL + interval.fleet)
    before = log.label(READINGS_LABEL + interval.fleet)
    edges = [Edge("used", record_at(log, fleet).record)] if fleet is not None else []
    if before is not None:
        edges.append(Edge("supersedes", record_at(log, before).record))
    about: dict[str, JsonValue] = {
        "fleet": interval.fleet,
        "root": interval.root.hex(),
        "object": name,
        "count": len(interval.leaves),
        "from": iso_utc(interval.from_ms / 1000),
        "to": iso_utc(interval.to_ms / 1000),
    }
    subject = Subject(interval.fleet, {"diptychPrivate1": interval.root.hex()})
    return Draft("readings", (subject,), workspace.clock(), tuple(edges), {"readings": about})
