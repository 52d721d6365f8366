"""`seal --private`: nothing readable in the workspace, single files disclosed, changes named."""

import base64
import hashlib
import json
from pathlib import Path

import pytest
from tests.unit.app.program import Program

WARD = {"patient-0471.txt": b"diagnosis: secretitis\n" * 40, "sub/codebook.csv": b"471,Jane Roe\n"}


@pytest.fixture
def ward(book: Program) -> Program:
    """A workspace with a privately sealed folder `ward`, its content kept encrypted."""
    for name, content in WARD.items():
        path = book.folder / "ward" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    ran = book("seal", "ward", "--private", "--store")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("sealed ward privately as record 1: ")
    return book


def _traces() -> list[bytes]:
    """Everything that could give a file away: names, contents, digests in any spelling."""
    found: list[bytes] = [b"ward", b"patient-0471", b"codebook", b"secretitis", b"Jane Roe"]
    for content in WARD.values():
        digest = hashlib.sha256(content).digest()
        found += [digest, digest.hex().encode(), base64.b64encode(digest).rstrip(b"=")]
    return found


def test_no_file_of_the_workspace_gives_anything_away(ward: Program) -> None:
    files = [path for path in (ward.folder / ".diptych").rglob("*") if path.is_file()]
    assert any(path.name == "private.sqlite" for path in files)
    for path in files:
        raw = path.read_bytes()
        found = [trace for trace in _traces() if trace in raw or trace in path.name.encode()]
        assert found == [], path


def test_the_record_says_nothing_but_private(ward: Program) -> None:
    shown = ward.ok("log", "1")
    assert (shown["kind"], shown["name"], list(shown["digests"])) == (
        "private",
        "private",
        ["diptychPrivate1"],
    )
    listed = ward("log").out + ward("status").out + json.dumps(shown)
    assert [trace for trace in ("ward", "patient", "codebook") if trace in listed] == []
    assert "only verify looks at private seals and streams: 1 here" in ward("status").err


def test_a_bundle_gives_nothing_away_until_it_discloses(ward: Program) -> None:
    ward.ok("bundle", "ward", "-o", "closed.diptych.json")
    raw = (ward.folder / "closed.diptych.json").read_bytes()
    for record in json.loads(raw)["records"]:
        raw += base64.b64decode(json.loads(record["envelope"])["payload"])
    assert [trace for trace in _traces() if trace in raw] == []

    ward.ok("bundle", "ward", "--disclose", "patient-0471.txt", "-o", "open.diptych.json")
    raw = (ward.folder / "open.diptych.json").read_bytes()
    assert b"patient-0471.txt" in raw
    assert b"codebook" not in raw


def test_what_is_disclosed_can_be_checked_by_a_stranger(ward: Program, tmp_path: Path) -> None:
    ward.ok("bundle", "ward", "--disclose", "patient-0471.txt", "-o", "open.diptych.json")
    ward.ok("export", "policy", "policy.toml")
    words = ("verify", "open.diptych.json", "shown", "--policy", "policy.toml")
    shown = ward.folder / "shown"
    shown.mkdir()
    (shown / "patient-0471.txt").write_bytes(WARD["patient-0471.txt"])
    answers = {a["question"]: a for a in ward.ok(*words)["answers"]}
    assert answers["untampered"]["status"] == "proven"
    assert answers["untampered"]["text"] == "1 disclosed file re-read and unchanged"
    (shown / "patient-0471.txt").write_bytes(b"diagnosis: none\n")
    assert ward.refused(*words, code=1)["code"] == "Verify.DigestMismatch"


@pytest.mark.parametrize("name", ["nosuch", "patient-0471.txt/", "../ward/patient-0471.txt"])
def test_what_was_not_sealed_cannot_be_disclosed(ward: Program, name: str) -> None:
    shown = ward.refused("bundle", "ward", "--disclose", name, code=2)
    assert shown["code"] == "Private.NoSuchField"


def test_nothing_can_be_disclosed_of_a_public_record(ward: Program) -> None:
    ward.ok("seal", "study")
    shown = ward.refused("bundle", "study", "--disclose", "a.csv", code=2)
    assert shown["code"] == "Bundle.NotPrivate"


def test_a_path_sealed_both_ways_discloses_by_its_private_seal(ward: Program) -> None:
    ward.ok("seal", "ward")
    ward.ok("bundle", "ward", "--disclose", "sub/codebook.csv", "-o", "b.diptych.json")
    assert ward.ok("verify", "b.diptych.json")["kind"] == "private"
    assert ward.ok("verify", "ward")["kind"] == "dataset"


def test_verify_re_reads_and_names_what_changed(ward: Program) -> None:
    answers = {a["question"]: a for a in ward.ok("verify", "ward")["answers"]}
    assert answers["untampered"]["text"].startswith("2 private files re-read and unchanged")
    (ward.folder / "ward" / "sub" / "codebook.csv").write_text("472,Jane Roe\n")
    (ward.folder / "ward" / "new").touch()
    details = ward.refused("verify", "ward", code=1)["details"]
    assert (details["changed"], details["added"]) == (["sub/codebook.csv"], ["new"])


def test_sealing_privately_again_supersedes(ward: Program) -> None:
    first = ward.ok("log", "1")["record"]
    ward.ok("seal", "ward", "--private")
    assert ward.ok("log", "ward")["edges"] == [{"rel": "supersedes", "record": first}]
    assert ward.ok("verify", "ward")["index"] == 2


def test_the_private_key_is_needed_and_only_there(ward: Program) -> None:
    ward.ok("seal", "study")
    del ward.environ["DIPTYCH_KEYS__PASSPHRASE"]
    ward.ok("verify", "study")
    assert ward.refused("verify", "ward", code=2)["code"] == "Key.Locked"
    assert ward.refused("bundle", "ward", code=2)["code"] == "Key.Locked"
    ward.ok("bundle", "1")


def test_what_cannot_be_sealed_leaves_no_trace(ward: Program) -> None:
    (ward.folder / "ward" / "link").symlink_to("x")
    assert ward.refused("seal", "ward", "--private", code=1)["code"] == "Manifest.CannotScan"
    assert ward.ok("log")["records"][0]["index"] == 1


def test_a_single_file_and_an_empty_folder(book: Program) -> None:
    (book.folder / "empty").mkdir()
    for path in ("study/a.csv", "empty"):
        book.ok("seal", path, "--private")
        assert {a["question"]: a["status"] for a in book.ok("verify", path)["answers"]}[
            "untampered"
        ] == "proven"
    book.ok("bundle", "study/a.csv", "--disclose", "a.csv", "-o", "one.diptych.json")
    book.ok("verify", "one.diptych.json", "study/a.csv")
