"""`bundle`, `export policy`, `verify`: what a stranger gets, and what they are told."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.unit.app.program import Program


def _answers(shown: dict[str, Any]) -> dict[str, str]:
    return {answer["question"]: answer["status"] for answer in shown["answers"]}


@pytest.fixture
def stranger(book: Program, tmp_path: Path) -> Program:
    """Somebody elsewhere, with the bundle, the files and the policy, without a workspace."""
    book.ok("seal", "study")
    book.ok("bundle", "study", "--manifest")
    book.ok("export", "policy", "policy.toml")
    away = tmp_path / "away"
    away.mkdir()
    shutil.copytree(book.folder / "study", away / "study")
    for name in ("study.diptych.json", "policy.toml"):
        shutil.copy(book.folder / name, away)
    return Program(away, {}, book.captured, book.patch)


BUNDLE = "study.diptych.json"


def test_the_stranger_believes_what_the_policy_covers(stranger: Program) -> None:
    shown = _answers(stranger.ok("verify", BUNDLE, "study", "--policy", "policy.toml"))
    assert (shown["untampered"], shown["who"], shown["when"]) == ("proven", "proven", "not shown")
    bare = _answers(stranger.ok("verify", BUNDLE, "study"))
    assert (bare["untampered"], bare["who"]) == ("self-asserted", "self-asserted")
    assert _answers(stranger.ok("verify", BUNDLE))["untampered"] == "not shown"


def test_the_small_verifier_says_the_same(stranger: Program) -> None:
    ours = stranger.ok("verify", BUNDLE, "study", "--policy", "policy.toml")
    words = [sys.executable, "-m", "diptych_verify", BUNDLE, "study", "--policy", "policy.toml"]
    done = subprocess.run(
        [*words, "--json"], cwd=stranger.folder, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == ours


def test_a_bundle_by_any_other_name(stranger: Program) -> None:
    (stranger.folder / BUNDLE).rename(stranger.folder / "proof.json")
    assert _answers(stranger.ok("verify", "proof.json", "study"))["untampered"] == "self-asserted"
    (stranger.folder / "other.json").write_text('{"format": "something"}')
    assert stranger.refused("verify", "other.json", code=2)["code"] == "Workspace.Missing"


def test_one_changed_byte_is_named(stranger: Program) -> None:
    path = stranger.folder / "study" / "b.csv"
    path.write_text("3,5\n")
    shown = stranger.refused("verify", BUNDLE, "study", code=1)
    assert shown["code"] == "Verify.DigestMismatch"
    assert shown["details"]["changed"] == ["b.csv"]
    told = stranger("verify", BUNDLE, "study")
    assert told.code == 1
    assert "1 file differs from the seal: changed 'b.csv'" in told.err
    path.unlink()
    assert stranger.refused("verify", BUNDLE, "study", code=1)["details"]["removed"] == ["b.csv"]


def test_a_policy_of_somebody_else_is_refused(
    stranger: Program, book: Program, tmp_path: Path
) -> None:
    other = Program(tmp_path / "other", book.environ, book.captured, book.patch)
    other.folder.mkdir()
    other.ok("init")
    other.ok("export", "policy", "policy.toml")
    policy = str(other.folder / "policy.toml")
    shown = stranger.refused("verify", BUNDLE, "study", "--policy", policy, code=1)
    assert shown["code"] == "Verify.UntrustedKey"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "Verify.BadPolicy"),
        ("not = [toml", "Verify.BadPolicy"),
        ('format = "diptych-policy/9"', "Verify.BadPolicy"),
        ('format = "diptych-policy/1"\ncolour = 1', "Verify.BadPolicy"),
        ('{"format": "diptych-policy/1", "format": "diptych-policy/1"}', "Verify.BadPolicy"),
    ],
)
def test_a_wrong_policy_is_a_usage_error(stranger: Program, text: str, code: str) -> None:
    (stranger.folder / "policy.toml").write_text(text)
    shown = stranger.refused("verify", BUNDLE, "--policy", "policy.toml", code=2)
    assert shown["code"] == code


def test_missing_files_are_usage_errors(stranger: Program) -> None:
    for words in ((BUNDLE, "nosuch"), ("no.diptych.json",), (BUNDLE, "--policy", "nosuch")):
        assert stranger.refused("verify", *words, code=2)["code"] == "Verify.NoSuchFile"


def test_options_that_would_be_ignored_are_refused(book: Program) -> None:
    book.ok("seal", "study")
    book.ok("bundle", "study")
    for words in ((BUNDLE, "--online"), ("--lineage",)):
        assert book.refused("verify", *words, code=2)["code"] == "Verify.OptionUnused"


def test_a_required_answer_that_is_not_proven_fails(stranger: Program) -> None:
    path = stranger.folder / "policy.toml"
    path.write_text(path.read_text().replace("logs =", 'require = ["when"]\nlogs =', 1))
    shown = stranger.refused("verify", BUNDLE, "study", "--policy", "policy.toml", code=1)
    assert shown["code"] == "Verify.RequirementUnmet"


def test_records_are_named_by_path_index_and_id(book: Program) -> None:
    sealed = book.ok("seal", "study")
    for what in ("study", "./study/", "1", "#1", sealed["record"]):
        assert book.ok("verify", what)["record"] == sealed["record"]
        assert book.ok("log", what)["record"] == sealed["record"]
    assert _answers(book.ok("verify", "1"))["untampered"] == "proven"
    assert _answers(book.ok("verify", "0"))["untampered"] == "proven"


def test_a_record_is_compared_with_another_place(book: Program, tmp_path: Path) -> None:
    book.ok("seal", "study")
    copy = tmp_path / "copy"
    shutil.copytree(book.folder / "study", copy)
    assert _answers(book.ok("verify", "1", str(copy)))["untampered"] == "proven"
    (copy / "a.csv").write_text("changed\n")
    assert book.refused("verify", "1", str(copy), code=1)["details"]["changed"] == ["a.csv"]
    assert book.refused("verify", "study", str(copy), code=1)["code"] == "Verify.DigestMismatch"
    assert _answers(book.ok("verify", "1"))["untampered"] == "proven"
    assert book.refused("verify", "1", "nosuch", code=2)["code"] == "Verify.NoSuchFile"


def test_a_folder_that_is_gone_is_not_shown(book: Program) -> None:
    book.ok("seal", "study")
    shutil.rmtree(book.folder / "study")
    assert _answers(book.ok("verify", "1"))["untampered"] == "not shown"


def test_a_lost_manifest_is_told_and_sealing_again_brings_it_back(book: Program) -> None:
    book.ok("seal", "study")
    shutil.rmtree(book.folder / ".diptych" / "objects")
    assert book.refused("verify", "study", code=1)["code"] == "Object.Missing"
    assert book.ok("seal", "study")["new"] is False
    assert _answers(book.ok("verify", "study"))["untampered"] == "proven"


def test_the_whole_log_is_recomputed(book: Program) -> None:
    ran = book("verify")
    assert ran.code == 0
    assert ": 1 record recomputed, root " in ran.out
    book.ok("seal", "study")
    assert book.ok("verify")["size"] == 2


def test_bundles_with_lineage_and_history(book: Program) -> None:
    book.ok("seal", "study/a.csv")
    book.ok("seal", "study/b.csv", "--from", "study/a.csv")
    book.ok("seal", "study", "--from", "study/b.csv")
    path = book.folder / BUNDLE
    book.ok("bundle", "study")
    assert book.refused("verify", BUNDLE, "--lineage", code=1)["code"] == "Verify.RequirementUnmet"
    book.ok("bundle", "study", "--lineage", "--since", "1", "--since", "2")
    shown = book.ok("verify", BUNDLE, "study", "--lineage")
    assert {node["name"] for node in shown["lineage"]} >= {"study/a.csv", "study/b.csv"}
    assert [one["size"] for one in json.loads(path.read_bytes())["consistency"]] == [1, 2]
    before = path.read_bytes()
    assert book.refused("bundle", "study", "--since", "99", code=2)["code"] == "Bundle.BadRequest"
    assert path.read_bytes() == before


def test_where_a_bundle_is_written(book: Program) -> None:
    book.ok("seal", "study")
    book.ok("seal", ".")
    assert book.ok("bundle", "study/")["file"] == "study.diptych.json"
    assert book.ok("bundle", ".")["file"] == "record.diptych.json"
    assert book.ok("bundle", "#1")["file"] == "1.diptych.json"
    ran = book("bundle", "1", "-o", "sub.json")
    assert ran.out == f"wrote sub.json ({(book.folder / 'sub.json').stat().st_size:,} B)\n"


def test_a_pinned_policy_notices_an_older_bundle(book: Program) -> None:
    book.ok("seal", "study")
    book.ok("bundle", "study", "-o", "old.diptych.json")
    book.ok("seal", "study/a.csv")
    assert book.ok("export", "policy", "pinned.toml", "--pin")["pinned"] is True
    words = ("verify", "old.diptych.json", "study", "--policy", "pinned.toml")
    assert book.refused(*words, code=1)["code"] == "Log.Rollback"
    book.ok("bundle", "study", "-o", "new.diptych.json")
    book.ok("verify", "new.diptych.json", "study", "--policy", "pinned.toml")


def test_tiles_are_exported_and_continued(book: Program) -> None:
    book.ok("seal", "study")
    first = book.ok("export", "tiles", "public")
    book.ok("seal", "study/a.csv")
    second = book("export", "tiles", "public")
    assert (first["size"], second.out) == (2, "exported 3 records to public\n")
    checkpoint = (book.folder / "public" / "checkpoint").read_text()
    assert checkpoint == book.ok("checkpoint")["checkpoint"]
