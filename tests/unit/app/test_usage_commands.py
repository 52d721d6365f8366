"""The usage log as people use it: add, log, total, check."""

import sqlite3

import numpy as np
import pytest
from tests.model_attacks.files import folder_model
from tests.unit.app.program import Program

import diptych
from diptych.models.usage import UsageRecord
from diptych.models.usage.writer import WriterTerms


@pytest.fixture
def used(book: Program) -> Program:
    """A sealed study that was used three times, logged under one root."""
    book.ok("seal", "study")
    for who, units in (("Anna", 3), ("Bert", 1), ("Anna", 4)):
        book.ok("model", "usage", "add", "study", who, "--units", str(units))
    assert book.ok("model", "usage", "log")["new"] is True
    return book


def test_totals_are_proven_and_checked_offline(used: Program) -> None:
    total = used.ok("model", "usage", "total", "Anna", "-o", "anna.json")
    assert (total["count"], total["units"]) == (2, 7)
    assert total["licensee"].startswith("hmac:")
    used.ok("bundle", str(total["index"]), "-o", "usage.diptych.json")
    checked = used.ok("model", "usage", "check", "anna.json", "usage.diptych.json")
    assert (checked["count"], checked["units"], checked["record"]) == (2, 7, total["record"])
    assert used.ok("model", "usage", "total", "Nobody")["count"] == 0


@pytest.mark.parametrize(("before", "after"), [('"units":7', '"units":6'), ("hmac:", "hmac:a")])
def test_a_changed_proof_is_refused(used: Program, before: str, after: str) -> None:
    total = used.ok("model", "usage", "total", "Anna", "-o", "anna.json")
    used.ok("bundle", str(total["index"]), "-o", "usage.diptych.json")
    path = used.folder / "anna.json"
    path.write_text(path.read_text().replace(before, after))
    used.refused("model", "usage", "check", "anna.json", "usage.diptych.json", code=1)


def test_logging_again_changes_nothing_and_a_new_root_supersedes(used: Program) -> None:
    first = used.ok("model", "usage", "log")
    assert first["new"] is False
    used.ok("model", "usage", "add", "study", "Bert")
    second = used.ok("model", "usage", "log")
    assert (second["new"], second["count"]) == (True, 4)
    edges = used.ok("log")["records"][0]["edges"]
    assert {"rel": "supersedes", "record": first["record"]} in edges
    assert used.ok("model", "usage", "total", "Bert")["count"] == 2


def test_uses_that_no_root_covers_are_named(used: Program) -> None:
    assert used.ok("model", "usage", "total", "Bert")["waiting"] == 0
    used.ok("model", "usage", "add", "study", "Bert")
    total = used.ok("model", "usage", "total", "Bert")
    assert (total["count"], total["waiting"]) == (1, 1)
    assert "left out: 1 use since" in used("model", "usage", "total", "Bert").err


def test_nothing_used_is_said(book: Program) -> None:
    for words in (("log",), ("total", "Anna")):
        assert book.refused("model", "usage", *words, code=1)["code"] == "Usage.None"


def test_no_name_reaches_the_store_or_the_log(used: Program) -> None:
    home = used.folder / ".diptych"
    for path in home.iterdir():
        assert path.is_dir() or b"Anna" not in path.read_bytes(), path
    assert (home / "usage.sqlite").stat().st_mode & 0o077 == 0


def test_an_edited_store_does_not_continue_the_log(used: Program) -> None:
    with sqlite3.connect(used.folder / ".diptych" / "usage.sqlite") as connection:
        for table in ("use", "total", "node", "root"):
            connection.execute(f"DELETE FROM {table}")
    connection.close()
    assert used.refused("model", "usage", "total", "Anna", code=1)["code"] == "Usage.None"
    used.ok("model", "usage", "add", "study", "Anna")
    assert used.refused("model", "usage", "log", code=1)["code"] == "Usage.Edited"
    assert used.refused("model", "usage", "total", "Anna", code=1)["code"] == "Usage.Edited"


def test_a_stop_between_store_and_log_is_mended(used: Program) -> None:
    with sqlite3.connect(used.folder / ".diptych" / "usage.sqlite") as connection:
        connection.execute("UPDATE root SET record=''")
    connection.close()
    size = used.ok("verify")["size"]
    assert used.ok("model", "usage", "log")["new"] is False
    assert used.ok("verify")["size"] == size


def test_a_program_that_serves_logs_roots_by_itself(
    used: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in used.environ.items():
        monkeypatch.setenv(name, value)
    with diptych.open(used.folder) as book:
        asset = book.verify("study").record_id.hex()
        with book.models.usage() as log:
            for number in range(25):
                log.add(UsageRecord("hmac:" + "1" * 40, asset, "execute", 1_800_000_000 + number))
        from diptych.app.verbs.model.usage import open_usage, usage_total

        assert usage_total(book, "hmac:" + "1" * 40).count == 25
        terms = WriterTerms(commit_records=2, root_records=4)
        size = book.read_log().size
        with open_usage(book, terms) as log:
            for _ in range(9):
                log.add(UsageRecord("hmac:" + "2" * 40, asset, "download", 1_800_000_100))
            assert book.read_log().size == size + 2
        assert book.read_log().size == size + 3


def test_calls_and_downloads_are_recorded_by_themselves(book: Program) -> None:
    folder_model(book.folder / "model", seed=1)
    book.ok("model", "publish", "model", "m", "--licence", "MIT")
    np.save(book.folder / "rows.npy", np.ones((3, 4), dtype=np.float32))
    book.ok("model", "use", "m", "rows.npy", "--as", "Anna")
    book.ok("model", "use", "m", "rows.npy")
    book.ok("model", "verify", "m")
    book.ok("model", "export", "m", "-o", "m.zip", "--licensee", "Anna")
    book.environ["DIPTYCH_USAGE__RECORD"] = "off"
    book.ok("model", "use", "m", "rows.npy", "--as", "Anna")
    logged = book.ok("model", "usage", "log")
    assert (logged["count"], logged["licensees"], logged["units"]) == (3, 2, 7)
    total = book.ok("model", "usage", "total", "Anna")
    assert (total["count"], total["units"], total["waiting"]) == (2, 4, 0)


def test_a_workspace_that_cannot_be_written_answers_all_the_same(book: Program) -> None:
    folder_model(book.folder / "model", seed=1)
    book.ok("model", "publish", "model", "m")
    np.save(book.folder / "rows.npy", np.ones((3, 4), dtype=np.float32))
    (book.folder / ".diptych" / "uses").write_text("in the way")
    ran = book("model", "use", "m", "rows.npy")
    assert ran.code == 0
    assert "3 rows" in ran.out


def test_a_bundle_of_something_else_proves_no_total(used: Program) -> None:
    used.ok("model", "usage", "total", "Anna", "-o", "anna.json")
    used.ok("bundle", "study", "-o", "study.diptych.json")
    refused = used.refused("model", "usage", "check", "anna.json", "study.diptych.json", code=1)
    assert refused["code"] == "Verify.Malformed"
