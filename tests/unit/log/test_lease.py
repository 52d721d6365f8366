"""One writer at a time: waiting, taking over, and never appending with an old fence."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.log.signing import SeededSigner

from diptych.provenance.log import LeaseTerms, Log
from diptych.provenance.log.errors import Busy, LeaseLost

IMPATIENT = LeaseTerms(wait_s=0)


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now_s = 1_000_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def terms(clock: Clock, *, lease_s: float = 10.0) -> LeaseTerms:
    return LeaseTerms(lease_s=lease_s, wait_s=0, clock=clock)


def test_a_second_writer_is_told_who_holds_the_log(log: Log, signer: SeededSigner) -> None:
    with (
        Log.open(log.path, signer=signer) as other,
        log.writer(),
        pytest.raises(Busy, match=f"process {os.getpid()}"),
    ):
        other.writer(IMPATIENT)


def test_a_released_lease_is_free_at_once(log: Log, signer: SeededSigner) -> None:
    with Log.open(log.path, signer=signer) as other:
        with log.writer() as writer:
            writer.append([b"one"])
        with other.writer(IMPATIENT) as writer:
            assert writer.append([b"two"]) == range(1, 2)
        with log.writer(IMPATIENT) as writer:
            assert writer.append([b"three"]) == range(2, 3)


def test_the_lease_is_released_when_the_block_fails(log: Log) -> None:
    with pytest.raises(KeyError), log.writer():
        raise KeyError
    log.writer(IMPATIENT).close()


def test_an_expired_lease_is_taken_over_and_the_old_writer_writes_nothing(
    log: Log, signer: SeededSigner, clock: Clock
) -> None:
    with Log.open(log.path, signer=signer) as other:
        slow = log.writer(terms(clock))
        slow.append([b"slow"])
        clock.now_s += 9
        with pytest.raises(Busy):
            other.writer(terms(clock))
        clock.now_s += 2
        with other.writer(terms(clock)) as quick:
            with pytest.raises(LeaseLost):
                slow.append([b"too late"])
            quick.append([b"quick"])
        slow.close()
        assert list(log.entries()) == [b"slow", b"quick"]


def test_an_old_writer_is_refused_even_when_the_new_one_wrote_nothing(
    log: Log, signer: SeededSigner, clock: Clock
) -> None:
    with Log.open(log.path, signer=signer) as other:
        slow = log.writer(terms(clock))
        clock.now_s += 11
        other.writer(terms(clock)).close()
        with pytest.raises(LeaseLost):
            slow.append([b"too late"])
    assert log.size == 0


def test_closing_an_old_writer_leaves_the_new_lease_alone(
    log: Log, signer: SeededSigner, clock: Clock
) -> None:
    with Log.open(log.path, signer=signer) as other, Log.open(log.path, signer=signer) as third:
        slow = log.writer(terms(clock))
        clock.now_s += 11
        with other.writer(terms(clock)):
            slow.close()
            with pytest.raises(Busy):
                third.writer(terms(clock))


def test_a_busy_writer_renews_its_lease(log: Log, signer: SeededSigner, clock: Clock) -> None:
    with Log.open(log.path, signer=signer) as other, log.writer(terms(clock)) as writer:
        for _ in range(5):
            clock.now_s += 6
            writer.append([b"tick"])
            with pytest.raises(Busy):
                other.writer(terms(clock))


def test_a_clock_set_back_does_not_lock_the_log(
    log: Log, signer: SeededSigner, clock: Clock
) -> None:
    with Log.open(log.path, signer=signer) as other:
        log.writer(terms(clock))
        clock.now_s -= 86_400
        other.writer(terms(clock)).close()


def test_a_dead_writer_is_replaced_at_once(log: Log, signer: SeededSigner) -> None:
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from tests.unit.log.signing import SeededSigner\n"
        "from diptych.provenance.log import LeaseTerms, Log\n"
        "log = Log.open(Path(sys.argv[1]), signer=SeededSigner())\n"
        "writer = log.writer(LeaseTerms(lease_s=600))\n"
        "writer.append([b'last words'])\n"
        "os.kill(os.getpid(), 9)\n"
    )
    dead = subprocess.run(
        [sys.executable, "-c", script, str(log.path)],
        cwd=Path(__file__).parents[3],
        check=False,
    )
    assert dead.returncode == -9
    with log.writer(IMPATIENT) as writer:
        assert writer.append([b"next"]) == range(1, 2)


@pytest.mark.parametrize(
    ("process", "free"),
    [
        ("{boot}|{space}|2147483646|1", True),  # no such process
        ("{boot}|{space}|{pid}|1", True),  # the pid was given to a later process
        ("00000000-0000-4000-8000-000000000000|{space}|{pid}|{start}", True),  # restarted
        ("{boot}|{space}|{pid}|{start}", False),
        ("{boot}|1|2147483646|1", False),  # a process of another container
        ("{boot}|{space}|{pid}{pid}{pid}{pid}|1", False),
        ("{boot}|nonsense", False),
    ],
)
def test_who_counts_as_dead(log: Log, process: str, free: bool) -> None:
    with log.writer():
        connection = sqlite3.connect(log.path, isolation_level=None)
        (own,) = connection.execute("SELECT process FROM lease").fetchone()
        names = dict(zip(("boot", "space", "pid", "start"), own.split("|"), strict=True))
        connection.execute("UPDATE lease SET process=?", (process.format(**names),))
        connection.close()
        with Log.open(log.path, signer=SeededSigner()) as other:
            if free:
                other.writer(IMPATIENT).close()
            else:
                with pytest.raises(Busy):
                    other.writer(IMPATIENT)


def test_readers_see_the_last_commit_while_a_writer_is_in_a_transaction(
    log: Log, path: Path
) -> None:
    with log.writer() as writer, Log.open(path) as reader:
        writer.append([b"one"])
        blocker = sqlite3.connect(path, isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        blocker.execute("INSERT INTO entries VALUES (1, x'00', NULL, NULL)")
        assert reader.size == 1
        assert reader.head().size == 1
        blocker.execute("ROLLBACK")
        blocker.close()
        writer.append([b"two"])
        assert reader.size == 2
