"""The block store: what was sealed comes back, damage is named, a full disk loses nothing."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.core.database import Connection, connect_reading, connect_sqlite
from diptych.ledger.devchain.errors import NewerFormat, NotCreated, StoreCorrupt, StoreFailed
from diptych.ledger.devchain.genesis import new_spec
from diptych.ledger.devchain.store import BlockStore, StoredBlock, pack, unpack

SPEC = new_spec(["0x" + "ab" * 20], clock=lambda: 1_700_000_000.0)
HASH = bytes(range(32))


def intent(number: int, *raws: bytes) -> StoredBlock:
    return StoredBlock(number, 1_700_000_000 + number, raws, None)


def sealed(number: int, *raws: bytes) -> StoredBlock:
    return StoredBlock(number, 1_700_000_000 + number, raws, HASH)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "blocks.sqlite"


def fill(path: Path, blocks: int) -> None:
    store = BlockStore.create(path, SPEC)
    for number in range(1, blocks + 1):
        store.intend(intent(number, b"one", b"two"))
        store.seal(sealed(number, b"two"), [b"one"])
    store.close()


def test_sealed_blocks_and_waiting_transactions_come_back(path: Path) -> None:
    fill(path, 3)
    store = BlockStore.open(path)
    assert store.spec == SPEC
    assert list(store.blocks(1, 3)) == [sealed(n, b"two") for n in (1, 2, 3)]
    assert store.waiting() == (b"one",)
    assert store.head_number() == 3
    assert store.hashes(2) == [(1, HASH), (2, HASH)]
    store.close()


def test_an_intent_survives_and_can_be_dropped(path: Path) -> None:
    fill(path, 1)
    store = BlockStore.open(path)
    store.intend(intent(2, b"x"))
    store.close()
    store = BlockStore.open(path)
    assert store.block(2) == intent(2, b"x")
    assert store.drop_intent() is True
    assert store.block(2) is None
    assert store.drop_intent() is False
    assert store.block(1) == sealed(1, b"two")
    store.close()


def test_a_reader_sees_the_blocks_and_cannot_write(path: Path) -> None:
    fill(path, 1)
    store = BlockStore.open(path, connect=connect_reading, writing=False)
    assert store.head_number() == 1
    with pytest.raises(StoreFailed):
        store.intend(intent(2, b"x"))
    store.close()


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_packing_is_reversible(raws: list[bytes]) -> None:
    assert unpack(pack(raws)) == tuple(raws)


@pytest.mark.parametrize("packed", [b"\x00", b"\x00\x00\x00\x05abc", b"\xff\xff\xff\xff"])
def test_cut_transactions_are_refused(packed: bytes) -> None:
    with pytest.raises(StoreCorrupt):
        unpack(packed)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE blocks SET time_s=time_s+1 WHERE number=2",
        "UPDATE blocks SET hash=zeroblob(32) WHERE number=2",
        "UPDATE blocks SET hash=NULL WHERE number=2",
        "UPDATE blocks SET transactions=x'0000000161' WHERE number=2",
        "UPDATE blocks SET transactions=x'00' WHERE number=2",
        "UPDATE blocks SET checksum=zeroblob(32) WHERE number=2",
        "UPDATE blocks SET hash='text' WHERE number=2",
        "DELETE FROM blocks WHERE number=2",
    ],
)
def test_a_damaged_row_is_named(path: Path, damage: str) -> None:
    fill(path, 3)
    _sql(path, damage)
    store = BlockStore.open(path)
    with pytest.raises(StoreCorrupt):
        list(store.blocks(1, 3))
    assert next(store.blocks(1, 1)) == sealed(1, b"two")
    store.close()


def _sql(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_no_store_is_said_to_be_missing(path: Path) -> None:
    with pytest.raises(NotCreated) as caught:
        BlockStore.open(path)
    assert caught.value.hint == "diptych chain up"


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("UPDATE meta SET value='2' WHERE key='format'", NewerFormat),
        ("DELETE FROM meta WHERE key='format'", StoreCorrupt),
        ("UPDATE meta SET value='{}' WHERE key='spec'", StoreCorrupt),
        ("UPDATE meta SET value='[' WHERE key='spec'", StoreCorrupt),
        ("DROP TABLE meta", StoreCorrupt),
    ],
)
def test_foreign_formats_are_refused(path: Path, statement: str, error: type[Exception]) -> None:
    fill(path, 1)
    _sql(path, statement)
    with pytest.raises(error):
        BlockStore.open(path)


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.write_bytes(b"not a database" * 500)
    with pytest.raises(StoreCorrupt):
        BlockStore.open(path)


def test_a_full_disk_refuses_and_keeps_what_was_there(path: Path) -> None:
    fill(path, 2)

    def nearly_full(target: Path) -> Connection:
        connection = connect_sqlite(target)
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}").fetchall()
        return connection

    store = BlockStore.open(path, connect=nearly_full)
    with pytest.raises(StoreFailed, match="disk is full") as caught:
        store.intend(intent(3, bytes(100_000)))
    assert "free disk space" in caught.value.hint
    assert store.head_number() == 2
    store.intend(intent(3, b"small"))
    assert store.block(3) == intent(3, b"small")
    store.close()


def test_commits_are_synchronous(path: Path) -> None:
    fill(path, 1)
    connections: list[Connection] = []

    def spy(target: Path) -> Connection:
        connections.append(connect_sqlite(target))
        return connections[-1]

    store = BlockStore.open(path, connect=spy)
    assert connections[0].execute("PRAGMA synchronous").fetchone()[0] == 2
    assert connections[0].execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    store.close()
