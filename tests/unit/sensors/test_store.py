"""The store: every reading once, durable, in any order; what contradicts is kept as evidence."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.sensors.maker import fleet_of, frame, keyid

from diptych.core.clock import fixed_clock
from diptych.data.sensors.errors import NoSuchReading, NothingNew, StoreCorrupt
from diptych.data.sensors.fleet import Change
from diptych.data.sensors.interval import (
    close_interval,
    collect_interval,
    open_interval,
    show_reading,
)
from diptych.data.sensors.query import conflicts, devices, newest_counter, readings
from diptych.data.sensors.series import series_of
from diptych.data.sensors.store import ReadingStore
from diptych_verify.disclosed import verify_disclosed
from diptych_verify.readings import parse_reading, parse_shown, verify_shown


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ReadingStore]:
    with ReadingStore(tmp_path / "readings.sqlite", clock=fixed_clock(1.0)) as opened:
        yield opened


def counters(store: ReadingStore, device: str = "tag-1") -> list[int]:
    found = readings(store.connection, "cold", device)
    return [parse_reading(raw).counter for raw in found]


def test_late_and_out_of_order_readings_stand_in_order(store: ReadingStore) -> None:
    fleet = fleet_of(1, 2)
    report = store.ingest([frame(1, [5, 6]), frame(2, [1]), frame(1, [1, 3]), frame(1, [2])], fleet)
    assert (report.accepted, report.duplicates, report.refused) == (6, 0, [])
    assert counters(store) == [1, 2, 3, 5, 6]
    assert devices(store.connection, "cold") == [("tag-1", 5, 6), ("tag-2", 1, 1)]
    assert newest_counter(store.connection, "cold", "tag-1") == 6
    assert newest_counter(store.connection, "cold", "tag-3") == 0


def test_sending_again_changes_nothing(store: ReadingStore) -> None:
    fleet = fleet_of(1)
    frames = [frame(1, [1]), frame(1, [2, 3])]
    store.ingest(frames, fleet)
    again = store.ingest([*frames, frames[0]], fleet)
    assert (again.accepted, again.duplicates, again.conflicts) == (0, 4, 0)
    assert counters(store) == [1, 2, 3]


def test_a_frame_that_overlaps_brings_what_is_new(store: ReadingStore) -> None:
    fleet = fleet_of(1)
    store.ingest([frame(1, [2])], fleet)
    report = store.ingest([frame(1, [1, 2, 3])], fleet)
    assert (report.accepted, report.duplicates) == (2, 1)
    assert counters(store) == [1, 2, 3]
    assert len(collect_interval(store.connection, "cold").leaves) == 3


def test_one_counter_with_two_readings_is_a_conflict(store: ReadingStore) -> None:
    fleet = fleet_of(1)
    store.ingest([frame(1, [1], 312)], fleet)
    report = store.ingest([frame(1, [1], 313)], fleet)
    assert (report.accepted, report.conflicts) == (0, 1)
    assert conflicts(store.connection, "cold") == [("tag-1", 1)]
    found = readings(store.connection, "cold", "tag-1")
    assert [parse_reading(raw).mantissa for raw in found] == [312]


def test_strangers_forgers_and_noise_are_refused(store: ReadingStore) -> None:
    fleet = fleet_of(1, 2)
    fleet.apply([Change("revoke", "tag-2", keyid(2))])
    good = frame(1, [1])
    forged = good[:-1] + bytes([good[-1] ^ 1])
    report = store.ingest([b"", b"noise", forged, frame(7, [1]), frame(2, [1]), good], fleet)
    assert report.accepted == 1
    reasons = dict(report.refused)
    assert reasons[2] == "the signature does not verify"
    assert reasons[3] == "unknown device key"
    assert reasons[4] == "the device's key was revoked"
    assert reasons[0].startswith("malformed")
    assert report.to_json()["refused"] == 5


def test_what_a_replaced_key_signed_may_come_late(store: ReadingStore) -> None:
    fleet = fleet_of(1)
    fleet.apply([Change("rotate", "tag-1", keyid(3), keyid(1), 10)])
    report = store.ingest([frame(1, [10]), frame(1, [11]), frame(3, [12])], fleet)
    assert (report.accepted, len(report.refused)) == (2, 1)
    assert counters(store) == [10, 12]


def test_what_was_reported_is_there_after_opening_again(tmp_path: Path) -> None:
    path = tmp_path / "readings.sqlite"
    with ReadingStore(path) as store:
        store.ingest([frame(1, [1, 2])], fleet_of(1))
    assert path.stat().st_mode & 0o777 == 0o600
    with ReadingStore(path) as store:
        assert counters(store) == [1, 2]


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "readings.sqlite"
    path.write_bytes(b"something else entirely" * 50)
    with pytest.raises(StoreCorrupt):
        ReadingStore(path)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.lists(st.integers(1, 30), min_size=1, max_size=6, unique=True).map(sorted),
        min_size=1,
        max_size=12,
    )
)
def test_any_mixture_of_bursts_leaves_each_counter_once(bursts: list[list[int]]) -> None:
    with ReadingStore(Path(":memory:"), connect=_memory) as store:
        report = store.ingest([frame(1, burst) for burst in bursts], fleet_of(1))
        wanted = {counter for burst in bursts for counter in burst}
        assert counters(store) == sorted(wanted)
        assert report.accepted == len(wanted)
        assert report.accepted + report.duplicates == sum(map(len, bursts))
        assert len(collect_interval(store.connection, "cold").leaves) == len(wanted)


class TestIntervals:
    def test_each_reading_is_covered_once_and_can_be_shown(self, store: ReadingStore) -> None:
        store.ingest([frame(1, [1, 2, 3]), frame(2, [1])], fleet_of(1, 2))
        first = collect_interval(store.connection, "cold")
        open_interval(store.connection, first)
        store.ingest([frame(1, [4])], fleet_of(1, 2))
        assert collect_interval(store.connection, "cold").root == first.root
        close_interval(store.connection, first, "aa" * 32)
        assert first.devices == {"tag-1": (3, 1, 3), "tag-2": (1, 1, 1)}
        record, field = show_reading(store.connection, "cold", "tag-1", 2)
        assert record == "aa" * 32
        verify_disclosed((field,), first.root)
        assert verify_shown(parse_shown(field.value)).counter == 2
        second = collect_interval(store.connection, "cold")
        assert (len(second.leaves), second.devices) == (1, {"tag-1": (1, 4, 4)})

    def test_nothing_new_and_nothing_known(self, store: ReadingStore) -> None:
        with pytest.raises(NothingNew):
            collect_interval(store.connection, "cold")
        store.ingest([frame(1, [1])], fleet_of(1))
        for counter in (1, 2):  # not covered yet; never sent
            with pytest.raises(NoSuchReading):
                show_reading(store.connection, "cold", "tag-1", counter)

    def test_a_series_is_what_was_signed(self, store: ReadingStore) -> None:
        store.ingest([frame(1, [1, 2], 312), frame(1, [3], -5)], fleet_of(1))
        series = series_of("tag-1", readings(store.connection, "cold", "tag-1"))
        assert series.values.tolist() == pytest.approx([3.12, 3.12, -0.05])
        assert series.counters is not None
        assert series.counters.tolist() == [1, 2, 3]
        assert series.unit == "degC"


def _memory(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(":memory:", isolation_level=None)
