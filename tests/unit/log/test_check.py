"""The full check names what somebody changed behind the log's back."""

import sqlite3
from pathlib import Path

import pytest
from tests.unit.log.signing import SeededSigner

from diptych.provenance.log import Log
from diptych.provenance.log.errors import Corrupt
from diptych_verify.errors import BadSignature, DiptychError
from diptych_verify.merkle import leaf_hash

SIZE = 700
BATCHES = (1, 1, 298, 300, 50, 50)  # ends at 1, 2, 300, 600, 650, 700


@pytest.fixture
def filled(log: Log) -> Log:
    with log.writer() as writer:
        for batch in BATCHES:
            writer.append([f"entry {writer.size + at}".encode() for at in range(batch)])
    return log


def change(path: Path, sql: str, *values: object) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    assert connection.execute(sql, values).rowcount != 0
    connection.close()


def first_bad_index(log: Log) -> object:
    with pytest.raises(Corrupt) as caught:
        log.check(full=True)
    return caught.value.details["index"]


def test_an_untouched_log_passes(filled: Log) -> None:
    assert filled.check().size == SIZE
    assert filled.check(full=True).size == SIZE


@pytest.mark.parametrize("index", [0, 1, 2, 255, 256, 300, 511])
def test_a_changed_entry_in_a_stored_tile_is_named(filled: Log, index: int) -> None:
    change(filled.path, "UPDATE entries SET envelope=? WHERE idx=?", b"forged", index)
    assert first_bad_index(filled) == index


@pytest.mark.parametrize(("index", "first"), [(601, 600), (650, 650), (699, 650)])
def test_a_changed_entry_in_the_tail_is_named_by_its_batch(
    filled: Log, index: int, first: int
) -> None:
    change(filled.path, "UPDATE entries SET envelope=? WHERE idx=?", b"forged", index)
    assert first_bad_index(filled) == first
    with pytest.raises(Corrupt):
        filled.check()  # the quick check covers the newest entries


def test_an_entry_and_its_tile_changed_together_are_caught_by_the_signed_root(
    filled: Log,
) -> None:
    forged = b"forged"
    body = b"".join(filled.tile(0, 0, 256))
    body = body[: 32 * 7] + leaf_hash(forged) + body[32 * 8 :]
    change(filled.path, "UPDATE entries SET envelope=? WHERE idx=7", forged)
    change(filled.path, "UPDATE tiles SET body=? WHERE id=0", body)
    with pytest.raises(Corrupt):
        filled.check(full=True)


@pytest.mark.parametrize("index", [5, 255, 640])
def test_a_missing_entry_is_named(filled: Log, index: int) -> None:
    change(filled.path, "DELETE FROM entries WHERE idx=?", index)
    assert first_bad_index(filled) == index


def test_swapped_entries_are_named(filled: Log) -> None:
    one, two = filled.entry(100), filled.entry(101)
    change(filled.path, "UPDATE entries SET envelope=? WHERE idx=100", two)
    change(filled.path, "UPDATE entries SET envelope=? WHERE idx=101", one)
    assert first_bad_index(filled) == 100


def test_a_changed_root_is_named(filled: Log) -> None:
    change(filled.path, "UPDATE entries SET root=? WHERE idx=299", bytes(32))
    assert first_bad_index(filled) == 299


@pytest.mark.parametrize(
    ("sql", "values"),
    [
        ("UPDATE tiles SET body=? WHERE id=0", (bytes(256 * 32),)),
        ("UPDATE tiles SET body=? WHERE id=1", (b"short",)),
        ("UPDATE tiles SET body=zeroblob(64) WHERE id=?", (1 << 40,)),
        ("DELETE FROM tiles WHERE id=?", (0,)),
        ("DELETE FROM tiles WHERE id=?", (1 << 40,)),
        ("INSERT INTO tiles VALUES (?, ?)", (9, bytes(256 * 32))),
        ("INSERT INTO entries VALUES (?, x'01', NULL, NULL)", (-1,)),
        ("INSERT INTO labels VALUES ('x', ?)", (SIZE,)),
        ("INSERT INTO cosignatures VALUES (?, 'w', 'l')", (SIZE + 1,)),
    ],
)
def test_changes_beside_the_entries_are_found(filled: Log, sql: str, values: object) -> None:
    change(filled.path, sql, *values)  # type: ignore[misc]
    with pytest.raises(Corrupt):
        filled.check(full=True)


@pytest.mark.parametrize("where", ["newest", "cosigned"])
def test_a_foreign_signature_is_refused(filled: Log, where: str) -> None:
    index = SIZE - 1 if where == "newest" else 0
    if where == "cosigned":
        change(filled.path, "INSERT INTO cosignatures VALUES (1, 'w', 'l')")
    change(filled.path, "UPDATE entries SET signature=? WHERE idx=?", bytes(64), index)
    with pytest.raises(BadSignature):
        filled.check(full=True)


def test_a_log_whose_key_was_exchanged_stops_the_writer(filled: Log, path: Path) -> None:
    forger = SeededSigner(seed=3)
    change(path, "UPDATE log SET key=?", str(forger.key))
    with Log.open(path, signer=forger) as forged, pytest.raises(BadSignature):
        forged.writer()


def test_a_truncated_log_is_caught_by_the_missing_checkpoint(filled: Log) -> None:
    change(filled.path, "DELETE FROM entries WHERE idx>=?", SIZE - 10)
    with pytest.raises(Corrupt):
        filled.check()
    with pytest.raises(Corrupt):
        filled.writer()


@pytest.mark.parametrize("keep", [10, 4_096, 20_000])
def test_a_damaged_file_is_an_error_with_a_code(filled: Log, path: Path, keep: int) -> None:
    filled.close()
    payload = path.read_bytes()
    path.write_bytes(payload[:keep] + bytes(byte ^ 0x5A for byte in payload[keep:]))
    with pytest.raises(DiptychError):
        _use(path)


def _use(path: Path) -> None:
    with Log.open(path, signer=SeededSigner()) as log:
        log.check(full=True)
        log.writer().close()


def test_a_wrong_record_index_is_found(log: Log) -> None:
    with log.writer() as writer:
        writer.append([str(number).encode() for number in range(65_540)])
    assert log.check(full=True).size == 65_540
    change(log.path, "UPDATE finder SET body=x'00' WHERE id=?", 7)
    assert first_bad_index(log) == 0


def test_memory_stays_bounded_while_entries_stream(filled: Log) -> None:
    stream = filled.entries()
    assert next(stream) == b"entry 0"
    with filled.writer() as writer:  # the stream holds no snapshot open
        writer.append([b"meanwhile"])
    assert sum(1 for _ in stream) == SIZE - 1
