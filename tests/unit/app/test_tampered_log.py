"""A log that was damaged, rewritten or set back: `verify` says so, `seal` does not build on it."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.unit.app.program import Program
from tests.unit.log.signing import SeededWitness

RECORDS = 6
WITNESS = SeededWitness()


@pytest.fixture
def sealed(book: Program) -> Program:
    """A workspace with a log of seven records."""
    for number in range(RECORDS):
        (book.folder / "study" / "a.csv").write_text(f"{number}\n")
        book.ok("seal", "study")
    _settle(book)
    return book


def _log(book: Program) -> Path:
    return book.folder / ".diptych" / "log.sqlite"


def _settle(book: Program) -> None:
    """Bring the write-ahead log into the file, so that the file alone is the log."""
    _sql(book, "PRAGMA wal_checkpoint(TRUNCATE)")


def _sql(book: Program, statement: str) -> None:
    with closing(sqlite3.connect(_log(book), isolation_level=None)) as connection:
        connection.execute(statement).fetchall()


def _witness(book: Program) -> None:
    """Have a witness see the newest checkpoint."""
    note = book.folder / "cosigned"
    note.write_text(WITNESS.cosign(book.ok("checkpoint")["checkpoint"]))
    seen = book.ok("checkpoint", "--cosigned", "cosigned", "--witness", str(WITNESS.key))
    assert seen["witness"] == "witness.example"
    _settle(book)


def _edit(table: str, column: str, where: str) -> str:
    changed = f"substr({column}, 1, 40) || x'00' || substr({column}, 42)"
    return f"UPDATE {table} SET {column} = CAST({changed} AS BLOB) WHERE {where}"


@pytest.mark.parametrize(
    "statement",
    [
        _edit("entries", "envelope", "idx = 0"),
        _edit("entries", "envelope", "idx = 3"),
        _edit("entries", "envelope", f"idx = {RECORDS}"),
        _edit("tiles", "body", "id = (SELECT max(id) FROM tiles)"),
        "UPDATE entries SET root = randomblob(32) WHERE idx = 4",
        f"UPDATE entries SET root = randomblob(32) WHERE idx = {RECORDS}",
        f"UPDATE entries SET signature = randomblob(64) WHERE idx = {RECORDS}",
        "DELETE FROM entries WHERE idx = 3",
        "DELETE FROM entries WHERE idx = 0",
        "UPDATE entries SET idx = idx + 100 WHERE idx = 3",
        "DROP TABLE entries",
        "DELETE FROM log",
        "UPDATE log SET key = 'x+00000000+AAAA'",
    ],
)
def test_an_edited_database_does_not_verify(sealed: Program, statement: str) -> None:
    tiles = sqlite3.connect(_log(sealed))
    with closing(tiles):
        empty = tiles.execute("SELECT count(*) FROM tiles").fetchone() == (0,)
    if "tiles" in statement and empty:
        statement = _edit("entries", "envelope", "idx = 1")  # a short log keeps no tiles
    _sql(sealed, statement)
    ran = sealed("verify")
    assert ran.code in {1, 3}, ran
    assert ran.err.startswith("error [")


@pytest.mark.parametrize("at", [0.05, 0.3, 0.6, 0.95])
def test_flipped_bytes_in_the_file_are_noticed_or_harmless(sealed: Program, at: float) -> None:
    before = sealed.ok("verify")
    raw = bytearray(_log(sealed).read_bytes())
    for place in range(int(len(raw) * at), len(raw), 4096):
        raw[place] ^= 0x40
    _log(sealed).write_bytes(raw)
    ran = sealed("verify", "--json")
    assert ran.code in {0, 1, 3}
    if ran.code == 0:
        assert sealed.ok("verify") == before


@pytest.mark.parametrize("part", [0, 0.3, 0.9])
def test_a_truncated_file_is_refused(sealed: Program, part: float) -> None:
    raw = _log(sealed).read_bytes()
    _log(sealed).write_bytes(raw[: int(len(raw) * part)])
    for words in (("verify",), ("seal", "study"), ("log",)):
        assert sealed(*words).code in {1, 2, 3}


def test_missing_last_records_are_a_rollback_once_a_witness_saw_them(sealed: Program) -> None:
    _witness(sealed)
    _sql(sealed, f"DELETE FROM entries WHERE idx = {RECORDS}")
    shown = sealed.refused("verify", code=1)
    assert shown["code"] in {"Log.Rollback", "Log.Corrupt"}


def test_an_older_copy_is_a_rollback_and_nothing_is_appended(sealed: Program) -> None:
    copy = sealed.folder / "copy.sqlite"
    shutil.copy(_log(sealed), copy)
    sealed.ok("seal", "study/b.csv")
    _witness(sealed)
    shutil.copy(copy, _log(sealed))

    shown = sealed.refused("verify", code=1)
    assert shown["code"] == "Log.Rollback"
    assert (shown["details"]["seen_size"], shown["details"]["local_size"]) == (8, 7)
    (sealed.folder / "study" / "a.csv").write_text("more\n")
    for words in (
        ("seal", "study"),
        ("seal", "study", "--private"),
        ("key", "rotate"),
        ("verify", "study"),
    ):
        assert sealed.refused(*words, code=1)["code"] == "Log.Rollback", words
    assert sealed.ok("log")["records"][0]["index"] == RECORDS


def test_rewritten_history_is_a_split_view(sealed: Program) -> None:
    copy = sealed.folder / "copy.sqlite"
    shutil.copy(_log(sealed), copy)
    sealed.ok("seal", "study/b.csv")
    _witness(sealed)
    shutil.copy(copy, _log(sealed))
    pins = sealed.folder / ".diptych" / "pins.json"
    kept = pins.read_bytes()
    pins.unlink()
    for name in ("x", "y"):
        (sealed.folder / name).write_text(name)
        sealed.ok("seal", name)
    pins.write_bytes(kept)

    shown = sealed.refused("verify", code=1)
    assert shown["code"] == "Log.SplitView"
    assert shown["details"]["seen_root"] != shown["details"]["local_root"]
    assert sealed.refused("seal", "study/a.csv", code=1)["code"] == "Log.SplitView"


def test_a_witness_line_of_another_key_or_log_is_refused(sealed: Program) -> None:
    note = sealed.ok("checkpoint")["checkpoint"]
    path = sealed.folder / "cosigned"
    words = ("checkpoint", "--cosigned", "cosigned", "--witness", str(WITNESS.key))
    path.write_text(SeededWitness(seed=8).cosign(note))
    assert sealed.refused(*words, code=1)["code"] == "Verify.UntrustedKey"
    path.write_text(WITNESS.cosign(note).replace("\n7\n", "\n8\n"))
    assert sealed.refused(*words, code=1)["code"]
    path.write_text("nonsense")
    assert sealed.refused(*words, code=1)["code"] == "Verify.Malformed"
    assert not (sealed.folder / ".diptych" / "pins.json").exists()
    assert sealed.refused(*words[:3], code=2)["code"] == "Checkpoint.NeedsWitnessKey"


Damage = Callable[[Program], None]


def _forget_objects(book: Program) -> None:
    for path in (book.folder / ".diptych" / "objects").rglob("*"):
        if path.is_file():
            path.chmod(0o644)
            path.write_bytes(b"other content")


def _swap_label(book: Program) -> None:
    _sql(book, "UPDATE labels SET idx = 1 WHERE name = 'path/study'")


@pytest.mark.parametrize(
    ("damage", "code"),
    [(_forget_objects, "Object.Corrupt"), (_swap_label, "Verify.DigestMismatch")],
)
def test_what_stands_beside_the_log_cannot_lie(sealed: Program, damage: Damage, code: str) -> None:
    damage(sealed)
    assert sealed.refused("verify", "study", code=1)["code"] == code
