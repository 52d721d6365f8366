"""`seal`: what is sealed, under which name, what is refused, and what a second seal does."""

import contextlib
import json
import os
import socket
from pathlib import Path
from typing import Any

import blake3
import pytest
from tests.unit.app.program import Program

from diptych.provenance.manifest import copy_payload


def _answers(book: Program, *words: str) -> dict[str, str]:
    return {a["question"]: a["status"] for a in book.ok("verify", *words)["answers"]}


def test_a_folder_is_sealed_and_verified(book: Program) -> None:
    ran = book("seal", "study")
    assert ran.code == 0
    assert ran.out.startswith("sealed study (2 files, 8 B) as record 1: ")
    assert _answers(book, "study") == {
        "untampered": "proven",
        "who": "proven",
        "derived_from": "not shown",
        "when": "not shown",
        "use": "not shown",
    }


def test_one_file_carries_its_plain_digest(book: Program) -> None:
    assert book("seal", "study/a.csv").out.startswith("sealed study/a.csv (1 file, 4 B)")
    shown = book.ok("log", "study/a.csv")
    assert set(shown["digests"]) == {"diptychManifest1", "sha256"}


@pytest.mark.parametrize("digest", ["blake3", "sha256+blake3"])
def test_other_digests(book: Program, digest: str) -> None:
    book.environ["DIPTYCH_SEAL__DIGEST"] = digest
    book.ok("seal", "study")
    book.ok("seal", "study/a.csv")
    shown = book.ok("log", "study/a.csv")["digests"]
    assert shown["blake3"] == blake3.blake3(b"1,2\n").hexdigest()
    assert ("sha256" in shown) == ("sha256" in digest)
    del book.environ["DIPTYCH_SEAL__DIGEST"]
    assert _answers(book, "study")["untampered"] == "proven"
    (book.folder / "study" / "a.csv").write_text("1,3\n")
    assert book.refused("verify", "study", code=1)["code"] == "Verify.DigestMismatch"


def test_sealing_again_says_so_and_a_change_supersedes(book: Program) -> None:
    first = book.ok("seal", "study")
    again = book.ok("seal", "study")
    assert (again["new"], again["record"]) == (False, first["record"])
    assert book("seal", "study").out.startswith("unchanged since it was sealed: study (2 files")

    (book.folder / "study" / "c.csv").write_text("5\n")
    assert book.refused("verify", "study", code=1)["details"]["added"] == ["c.csv"]
    changed = book.ok("seal", "study")
    assert (changed["new"], changed["index"]) == (True, 2)
    edges = book.ok("log", "study")["edges"]
    assert edges == [{"rel": "supersedes", "record": first["record"]}]
    assert _answers(book, "study")["untampered"] == "proven"


def test_lineage_by_path_index_and_record_id(book: Program) -> None:
    raw = book.ok("seal", "study/a.csv")
    clean = book.ok("seal", "study/b.csv", "--from", "study/a.csv")
    final = book.ok("seal", "study", "--from", "1", "--from", clean["record"])
    assert book.ok("log", "study")["edges"] == [
        {"rel": "derivedFrom", "record": raw["record"]},
        {"rel": "derivedFrom", "record": clean["record"]},
    ]
    again = book.ok("seal", "study", "--from", "study/a.csv")
    assert (again["new"], again["index"]) == (False, final["index"])
    shown = book.ok("verify", "study", "--lineage")
    assert {n["name"] for n in shown["lineage"]} == {"study", "study/a.csv", "study/b.csv"}


@pytest.mark.parametrize("reference", ["nosuch", "99", "0" * 64, "study/b.csv", "#99"])
def test_a_source_that_nobody_sealed_is_refused_before_reading(
    book: Program, reference: str
) -> None:
    assert book.refused("seal", "study", "--from", reference, code=2)["code"] == "Record.Missing"
    assert not (book.folder / ".diptych" / "objects").exists()


def test_names_inside_outside_and_of_the_project_itself(book: Program, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "f").write_text("x")
    assert book.ok("seal", "../outside")["name"] == str(outside.resolve())
    assert book.ok("seal", str(book.folder / "study"))["name"] == "study"
    assert book.ok("seal", ".")["name"] == "."
    assert book.ok("seal", "study/../study/")["new"] is False
    assert [path["state"] for path in book.ok("status")["paths"]] == ["unchanged"] * 3


def test_a_nested_workspace_is_left_out_and_its_own_work_stays_its_own(book: Program) -> None:
    inner = book.folder / "study" / "inner"
    inner.mkdir()
    book.ok("init", "-C", str(inner))
    (inner / "x").write_text("x")
    assert book.ok("seal", "study")["files"] == 3
    assert book.ok("seal", "-C", str(inner), "x")["index"] == 1
    assert _answers(book, "study")["untampered"] == "proven"


@pytest.mark.parametrize("path", [".diptych", ".diptych/private", ".diptych/log.sqlite"])
def test_the_workspace_itself_is_not_sealed(book: Program, path: str) -> None:
    assert book.refused("seal", path, code=2)["code"] == "Seal.OwnHome"


def test_unicode_names_and_the_empty_folder(book: Program) -> None:
    odd = book.folder / "ünï ✓ データ"
    odd.mkdir()
    (odd / "ö\n\x1b[31m").write_text("x")
    ran = book("seal", odd.name)
    assert ran.out.startswith(f"sealed {odd.name} (1 file, 1 B)")
    assert _answers(book, odd.name)["untampered"] == "proven"
    (odd / "ö\n\x1b[31m").write_text("y")
    told = book("verify", odd.name)
    assert told.code == 1
    assert "\x1b" not in told.err
    assert "\\x1b[31m" in told.err

    empty = book.folder / "empty"
    empty.mkdir()
    assert book("seal", "empty").out.startswith("sealed empty (0 files, 0 B)")
    assert _answers(book, "empty")["untampered"] == "proven"
    (empty / "f").touch()
    assert book.refused("verify", "empty", code=1)["details"]["added"] == ["f"]


def test_the_ignore_file_is_reported_and_holds_for_verify(book: Program) -> None:
    study = book.folder / "study"
    (study / ".diptychignore").write_text("*.tmp\ncache/\n")
    (study / "x.tmp").touch()
    (study / "cache").mkdir()
    (study / "cache" / "y").touch()
    ran = book("seal", "study")
    assert ran.out.startswith("sealed study (3 files")
    assert ran.err == "note: the ignore file left out 2 paths\n"
    (study / "z.tmp").touch()
    assert _answers(book, "study")["untampered"] == "proven"
    (study / "z.csv").touch()
    assert book.refused("verify", "study", code=1)["details"]["added"] == ["z.csv"]


def test_everything_that_cannot_be_sealed_is_named(book: Program) -> None:
    study = book.folder / "study"
    (study / "link").symlink_to("a.csv")
    (study / "loop").symlink_to("loop")
    os.mkfifo(study / "pipe")
    with socket.socket(socket.AF_UNIX) as listening, contextlib.chdir(study):
        listening.bind("sock")  # a socket's path is short
    (study / os.fsdecode(b"bad\xff")).touch()

    shown = book.refused("seal", "study", code=1)
    assert shown["code"] == "Manifest.CannotScan"
    found = {problem["path"]: problem["kind"] for problem in shown["details"]["problems"]}
    assert found == {
        "bad\\xff": "name",
        "link": "link",
        "loop": "link",
        "pipe": "special",
        "sock": "special",
    }
    told = book("seal", "study")
    assert told.code == 1
    for name in found:
        assert name in told.err
    assert told.err.count(" is a symbolic link") == 2
    assert book.ok("log")["records"][0]["index"] == 0


def test_what_is_wrong_with_more_files_than_fit_is_counted(book: Program) -> None:
    for number in range(30):
        (book.folder / "study" / f"l{number}").symlink_to("x")
    told = book("seal", "study")
    assert "l19" in told.err
    assert "and 10 more; --json lists them" in told.err
    assert len(book.refused("seal", "study", code=1)["details"]["problems"]) == 30


def test_content_is_kept_with_store_and_not_without(book: Program) -> None:
    book.ok("seal", "study")
    objects = book.folder / ".diptych" / "objects"
    before = {path.name for path in objects.rglob("*") if path.is_file()}
    book.ok("seal", "study", "--store")
    after = [path for path in objects.rglob("*") if path.is_file() and path.name not in before]
    assert sorted(path.read_bytes() for path in after) == [b"1,2\n", b"3,4\n"]


def test_store_needs_sha256_and_says_so_before_reading(book: Program) -> None:
    book.environ["DIPTYCH_SEAL__DIGEST"] = "blake3"
    shown = book.refused("seal", "study", "--store", code=2)
    assert (shown["code"], shown["hint"]) == (
        "Manifest.NeedsSha256",
        "DIPTYCH_SEAL__DIGEST=sha256+blake3",
    )
    book.environ["DIPTYCH_SEAL__DIGEST"] = shown["hint"].partition("=")[2]
    book.ok("seal", "study", "--store")


def test_a_file_that_changes_between_hashing_and_storing_is_refused(book: Program) -> None:
    def changed(path: Path, *rest: Any, **named: Any) -> int:
        (path / "a.csv").write_text("9,9\n")
        return copy_payload(path, *rest, **named)

    book.patch.setattr("diptych.app.verbs.seal.copy_payload", changed)
    shown = book.refused("seal", "study", "--store", code=1)
    assert shown["code"] == "Manifest.FileChanged"
    assert "a.csv" in shown["message"]
    assert len(book.ok("log")["records"]) == 1


def test_standard_input_is_sealed_under_a_name(book: Program) -> None:
    sealed = book.ok("seal", "-", "--name", "dump.sql", "--store", stdin=b"drop table x;\n")
    assert (sealed["name"], sealed["files"], sealed["bytes"]) == ("dump.sql", 1, 14)
    answers = _answers(book, "dump.sql")
    assert answers["untampered"] == "not shown"
    (book.folder / "dump.sql").write_text("drop table x;\n")
    assert _answers(book, "dump.sql")["untampered"] == "proven"
    (book.folder / "dump.sql").write_text("drop table y;\n")
    assert book.refused("verify", "dump.sql", code=1)["code"] == "Verify.DigestMismatch"
    again = book.ok("seal", "-", "--name", "dump.sql", stdin=b"drop table x;\n")
    assert again["new"] is False
    derived = book.ok("seal", "study", "--from", "dump.sql")
    assert derived["new"] is True


@pytest.mark.parametrize(
    "words",
    [("-",), ("study", "--name", "x"), ("-", "--name", "x", "--private")],
    ids=" ".join,
)
def test_a_stream_has_a_name_and_nothing_else_has(book: Program, words: tuple[str, ...]) -> None:
    assert book.refused("seal", *words, code=2)["code"] == "Seal.BadStream"


@pytest.mark.parametrize("name", ["../x", "a/b", ".", "..", "a\nb/"])
def test_a_stream_takes_plain_names_only(book: Program, name: str) -> None:
    assert book.refused("seal", "-", "--name", name, code=2)["code"] == "Manifest.BadName"


def test_status_names_what_changed_and_what_is_gone(book: Program) -> None:
    assert book("status").out == "no path is sealed yet\n"
    book.ok("seal", "study")
    book.ok("seal", "study/a.csv")
    (book.folder / "private").mkdir()
    (book.folder / "private" / "f").touch()
    book.ok("seal", "private")
    assert book("status").code == 0
    (book.folder / "study" / "b.csv").write_text("changed\n")
    (book.folder / "study" / "a.csv").unlink()
    ran = book("status")
    assert ran.code == 1
    lines = {line.split()[1]: line for line in ran.out.splitlines()}
    assert "changed: changed b.csv, removed a.csv" in lines["study"]
    assert lines["study/a.csv"].endswith("missing")
    assert lines["private"].endswith("unchanged")
    assert "not anchored yet: 4 of 4 records" in ran.err
    states = {p["name"]: p["state"] for p in json.loads(book("status", "--json").out)["paths"]}
    assert states == {"study": "changed", "study/a.csv": "missing", "private": "unchanged"}
