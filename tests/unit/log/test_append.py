"""Appending and reading back."""

import sqlite3
from pathlib import Path

import pytest
from tests.unit.log.signing import SeededSigner

from diptych.core.database import Connection, connect_sqlite
from diptych.core.files import DiskFull
from diptych.provenance.log import Log
from diptych.provenance.log.errors import (
    BadEntry,
    LeaseLost,
    LogExists,
    LogMissing,
    NoSuchEntry,
    WrongKey,
)
from diptych_verify.merkle import EMPTY_ROOT, leaf_hash, merkle_root
from diptych_verify.note import verify_checkpoint


def entries(count: int, *, tag: str = "entry") -> list[bytes]:
    return [f"{tag} {number}".encode() for number in range(count)]


def test_empty_log_has_a_signed_checkpoint(log: Log, signer: SeededSigner) -> None:
    head = verify_checkpoint(log.checkpoint(), signer.key)
    assert (head.size, head.root) == (0, EMPTY_ROOT)
    assert list(log.entries()) == []


def test_append_returns_indexes_and_signs_the_root(log: Log, signer: SeededSigner) -> None:
    with log.writer() as writer:
        assert writer.append(entries(3)) == range(3)
        assert writer.append([b"one more"]) == range(3, 4)
    head = verify_checkpoint(log.checkpoint(), signer.key)
    everything = [*entries(3), b"one more"]
    assert head.size == log.size == 4
    assert head.root == merkle_root([leaf_hash(entry) for entry in everything])
    assert list(log.entries()) == everything


def test_entries_survive_reopening(path: Path, signer: SeededSigner) -> None:
    batch = entries(700)
    with Log.create(path, signer) as log, log.writer() as writer:
        writer.append(batch)
    with Log.open(path, signer=signer) as log:
        with log.writer() as writer:
            writer.append([b"later"])
        assert list(log.entries(255, 258)) == batch[255:258]
        assert log.entry(700) == b"later"
        assert log.check(full=True).size == 701


@pytest.mark.parametrize("single", [True, False])
def test_any_batching_gives_the_same_root(log: Log, single: bool) -> None:
    batch = entries(520)
    with log.writer() as writer:
        if single:
            for entry in batch:
                writer.append([entry])
        else:
            writer.append(batch[:1])
            writer.append(batch[1:300])
            writer.append(batch[300:])
    assert log.head().root == merkle_root([leaf_hash(entry) for entry in batch])
    assert log.check(full=True).size == 520


def test_older_checkpoints_stay_readable(log: Log, signer: SeededSigner) -> None:
    with log.writer() as writer:
        writer.append(entries(5))
        writer.append(entries(5, tag="more"))
    old = verify_checkpoint(log.checkpoint(5), signer.key)
    assert old.root == log.root(5)
    with pytest.raises(NoSuchEntry):
        log.checkpoint(7)


@pytest.mark.parametrize("bad", [[], [b""], [b"fine", b"x" * 65_536]])
def test_bad_entries_are_refused_and_nothing_is_written(log: Log, bad: list[bytes]) -> None:
    with log.writer() as writer:
        with pytest.raises(BadEntry):
            writer.append(bad)
        writer.append([b"x" * 65_535])
    assert log.size == 1


def test_labels_move_and_are_written_with_the_batch(log: Log) -> None:
    with log.writer() as writer:
        writer.append([b"a", b"b"], labels={"data": 1})
        assert log.label("data") == 1
        writer.append([b"c"], labels={"data": 0, "other": 0})
        with pytest.raises(BadEntry):
            writer.append([b"d"], labels={"data": 1})
    assert log.labels() == {"data": 2, "other": 2}
    assert log.label("unknown") is None
    assert log.size == 3


def test_find_returns_the_first_index(log: Log) -> None:
    with log.writer() as writer:
        writer.append([*entries(600), b"twice", b"twice"])
    assert log.find(leaf_hash(b"twice")) == 600
    assert log.find(leaf_hash(b"entry 511")) == 511
    assert log.find(leaf_hash(b"entry 599")) == 599
    assert log.find(leaf_hash(b"never")) is None
    assert log.find(b"short") is None


@pytest.mark.parametrize("index", [-1, 3, 2**70])
def test_indexes_outside_the_log_are_refused(log: Log, index: int) -> None:
    with log.writer() as writer:
        writer.append(entries(3))
    with pytest.raises(NoSuchEntry):
        log.entry(index)
    with pytest.raises(NoSuchEntry):
        log.inclusion_proof(index)
    with pytest.raises(NoSuchEntry):
        log.root(index + 1 if index > 0 else index)
    with pytest.raises(NoSuchEntry):
        log.consistency_proof(index + 1 if index > 0 else index)


def test_a_log_is_never_created_over_another(log: Log, signer: SeededSigner) -> None:
    with log.writer() as writer:
        writer.append([b"kept"])
    with pytest.raises(LogExists):
        Log.create(log.path, signer)
    assert log.entry(0) == b"kept"


def test_creation_cut_short_is_repeated(path: Path, signer: SeededSigner) -> None:
    path.touch()
    with pytest.raises(LogMissing):
        Log.open(path)
    with Log.create(path, signer) as log:
        assert log.size == 0


def test_missing_log_is_named(path: Path) -> None:
    with pytest.raises(LogMissing, match="there is no log"):
        Log.open(path)


def test_only_the_log_key_may_append(path: Path, signer: SeededSigner) -> None:
    Log.create(path, signer).close()
    with pytest.raises(WrongKey):
        Log.open(path, signer=SeededSigner(seed=2))
    with Log.open(path) as reader, pytest.raises(WrongKey):
        reader.writer()


def test_a_closed_writer_refuses(log: Log) -> None:
    with log.writer() as writer:
        pass
    with pytest.raises(LeaseLost):
        writer.append([b"late"])
    assert log.size == 0


class _FullDisk:
    """A connection whose next commit fails as on a full disk."""

    def __init__(self, path: Path) -> None:
        self._connection = connect_sqlite(path)
        self.full = False
        self.fails_at = "COMMIT"
        self.create_function = self._connection.create_function
        self.executemany = self._connection.executemany
        self.close = self._connection.close

    def execute(self, sql: str, parameters: object = (), /) -> object:
        if self.full and sql.startswith(self.fails_at):
            raise sqlite3.OperationalError("database or disk is full")
        return self._connection.execute(sql, parameters)  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [1, 2, 300])
def test_a_full_disk_loses_nothing_and_writing_goes_on(
    path: Path, signer: SeededSigner, count: int
) -> None:
    opened: list[_FullDisk] = []

    def connect(where: Path) -> Connection:
        opened.append(_FullDisk(where))
        return opened[-1]  # type: ignore[return-value]

    with Log.create(path, signer, connect=connect) as log:
        with log.writer() as writer:
            writer.append([b"kept"])
            opened[-1].full = True
            opened[-1].fails_at = "INSERT INTO entries SELECT" if count == 1 else "COMMIT"
            with pytest.raises(DiskFull):
                writer.append([b"lost"] * count)
            with pytest.raises(LeaseLost):
                writer.append([b"refused, since the writer's tree is ahead of the file"])
            opened[-1].full = False
        with log.writer() as writer:
            assert writer.append([b"next"]) == range(1, 2)
        assert list(log.entries()) == [b"kept", b"next"]
        log.check(full=True)


@pytest.mark.parametrize("count", [1, 2])
def test_a_signer_that_fails_leaves_the_log_as_it_was(path: Path, count: int) -> None:
    class Moody(SeededSigner):
        def sign(self, body: bytes) -> bytes:
            if f"\n{1 + count}\n".encode() in body:
                raise PermissionError("locked")
            return super().sign(body)

    with Log.create(path, Moody()) as log:
        with log.writer() as writer:
            writer.append([b"one"])
            with pytest.raises(PermissionError):
                writer.append([b"two"] * count)
        assert log.check(full=True).size == 1
