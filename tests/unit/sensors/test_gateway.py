"""The gateway: durable before anybody is told, in order, and nothing lost when the way is cut."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.unit.sensors.maker import fleet_of, frame

from diptych.data.sensors.errors import StoreCorrupt
from diptych.data.sensors.gateway import Spool
from diptych.data.sensors.store import ReadingStore

FRAMES = [frame(1, [counter]) for counter in range(1, 2501)]


def test_frames_wait_in_order_through_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "spool.sqlite"
    with Spool(path) as spool:
        assert spool.take(FRAMES[:3]) == 3
        assert spool.take([FRAMES[1], b"noise", FRAMES[3]]) == 1
    got: list[bytes] = []

    def deliver(frames: Sequence[bytes]) -> int:
        got.extend(frames)
        return len(frames)

    with Spool(path) as spool:
        assert len(spool) == 4
        assert spool.forward(deliver) == 4
        assert len(spool) == 0
    assert got == FRAMES[:4]


def test_a_cut_way_keeps_what_was_not_acknowledged(tmp_path: Path) -> None:
    with (
        Spool(tmp_path / "spool.sqlite") as spool,
        ReadingStore(tmp_path / "readings.sqlite") as store,
    ):
        spool.take(FRAMES)
        fleet = fleet_of(1)

        def breaks_late(frames: Sequence[bytes]) -> int:
            store.ingest(frames, fleet)
            return 700  # The rest arrived, and its acknowledgement was lost.

        assert spool.forward(breaks_late) == 700
        assert len(spool) == 1800

        def raises(frames: Sequence[bytes]) -> int:
            raise OSError("offline")

        with pytest.raises(OSError, match="offline"):
            spool.forward(raises)
        assert len(spool) == 1800

        def works(frames: Sequence[bytes]) -> int:
            report = store.ingest(frames, fleet)
            assert not report.conflicts
            return len(frames)

        assert spool.forward(works) == 1800
        count = store.connection.execute("SELECT COUNT(*) FROM readings").fetchone()[0]
        assert count == len(FRAMES)


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "spool.sqlite"
    path.write_bytes(b"something else entirely" * 50)
    with pytest.raises(StoreCorrupt):
        Spool(path)
