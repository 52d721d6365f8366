"""`diptych data series` and `diptych data deidentify`, from files to records."""

import json
from pathlib import Path

import pytest
from tests.unit.app.program import PASSPHRASE, Program
from tests.unit.imaging.maker import image, read, written

import diptych
from diptych.app.verbs import run as run_verb
from diptych.app.verbs.data import deidentify as deidentify_verb
from diptych.app.verbs.data import versions as versions_verb
from diptych.app.verbs.data.deidentify import forget_mapping, read_mapping
from diptych.provenance.private.errors import PrivateErased

SECRETS = (b"fernandez", b"rosalinda", b"mrn-774411", b"55555", b"mrn_774411")


@pytest.fixture
def scans(book: Program) -> Program:
    """A workspace with a folder of three instances, named as hospitals name files."""
    folder = book.folder / "scans" / "MRN-774411"
    folder.mkdir(parents=True)
    for number in (1, 2, 3):
        (folder / f"{number}.dcm").write_bytes(written(image(number)))
    return book


def _public(folder: Path) -> bytes:
    """Return everything in the workspace and the output that is not encrypted."""
    places = [folder / ".diptych", folder / "out"]
    files = [one for place in places for one in sorted(place.rglob("*")) if one.is_file()]
    return b"".join(one.read_bytes() for one in files).lower()


def test_a_series_is_cleaned_logged_and_linked_by_commitments_only(scans: Program) -> None:
    made = scans.ok("data", "deidentify", "scans", "--to", "out", "--name", "trial/ct")
    assert (made["files"], made["partial"], made["version"]) == (3, False, 1)
    assert made["actions"]["PatientName Z"] == 3
    series = [one for one in (scans.folder / "out").iterdir()]
    assert len(series) == 1
    assert len(list(series[0].iterdir())) == 3
    public = _public(scans.folder)
    assert [one for one in SECRETS if one in public] == []
    shown = scans.ok("data", "show", "trial/ct")
    assert shown["record"] == made["record"]
    lineage = scans("data", "lineage", "trial/ct").out
    assert "derivedFrom" in lineage
    assert "generated" in lineage
    assert scans("verify", "out").code == 0
    (next(series[0].iterdir())).write_bytes(b"swapped")
    assert scans("verify", "out").code == 1


def test_what_is_refused_is_named_and_the_rest_is_kept(scans: Program) -> None:
    (scans.folder / "scans" / "screen.dcm").write_bytes(
        written(image(4, ImageType=["DERIVED", "SECONDARY", "SCREEN SAVE"]))
    )
    (scans.folder / "scans" / "notes.txt").write_text("no image")
    ran = scans("data", "deidentify", "scans", "--to", "out", "--json")
    made = json.loads(ran.out)
    assert (ran.code, made["files"], made["partial"]) == (1, 3, True)
    reasons = {one["path"]: one["reason"] for one in made["refused"]}
    assert reasons == {"screen.dcm": "burned-in", "notes.txt": "not-dicom"}
    again = scans("data", "deidentify", "scans", "--to", "out2", "--blank", "0,0,6,1", "--json")
    assert json.loads(again.out)["files"] == 4


def test_what_became_what_is_kept_privately_until_it_is_forgotten(scans: Program) -> None:
    made = scans.ok("data", "deidentify", "scans", "--to", "out")
    with scans.patch.context() as patch:
        patch.setenv("DIPTYCH_KEYS__PASSPHRASE", PASSPHRASE)
        book = diptych.open(scans.folder)
        kept = read_mapping(book, made["mapping"])
        assert [one["from"] for one in kept] == [f"MRN-774411/{name}.dcm" for name in (1, 2, 3)]
        assert all((scans.folder / "out" / one["to"]).is_file() for one in kept)
        assert kept[0]["uids"]["1.2.3.4.55555.200"] in kept[0]["to"]
        forget_mapping(book, made["mapping"])
        with pytest.raises(PrivateErased):
            read_mapping(book, made["mapping"])
    assert scans("verify", "out").code == 0


def test_files_of_a_project_stay_linked_and_others_do_not(scans: Program) -> None:
    def series(*words: str) -> str:
        scans.ok("data", "deidentify", "scans", "--to", words[0], *words[1:])
        return next((scans.folder / words[0]).iterdir()).name

    one = series("a", "--project", "p", "--retain", "modified-dates")
    assert series("b", "--project", "p", "--pseudonyms") == one
    assert series("c", "--project", "q") != one
    found = read(next((scans.folder / "b" / one).iterdir()).read_bytes())
    assert found.PatientID.startswith("P-")


def test_a_profile_file_counts_and_a_wrong_one_is_refused(scans: Program) -> None:
    (scans.folder / "profile.json").write_text('{"retain": ["institution"]}')
    scans.ok("data", "deidentify", "scans", "--to", "out", "--profile", "profile.json")
    file = next(one for one in (scans.folder / "out").rglob("*.dcm"))
    assert read(file.read_bytes()).InstitutionName == "St Elsewhere"
    (scans.folder / "profile.json").write_text('{"retain": ["all"]}')
    words = ("data", "deidentify", "scans", "--to", "out3", "--profile", "profile.json")
    assert scans.refused(*words, code=2)["code"] == "Imaging.BadProfile"
    words = ("data", "deidentify", "scans", "--to", "out3", "--profile", "none.json")
    assert scans.refused(*words, code=2)["code"] == "Imaging.NoProfile"


@pytest.mark.parametrize("to", ["scans/clean", "scans", "full", "."])
def test_the_output_never_mixes_with_anything(scans: Program, to: str) -> None:
    (scans.folder / "full").mkdir()
    (scans.folder / "full" / "x").write_text("x")
    error = scans.refused("data", "deidentify", "scans", "--to", to, "--name", "n", code=2)
    assert error["code"] == "Imaging.BadFolder"
    assert scans.refused("data", "deidentify", "none", "--to", "new", code=2)["code"] == (
        "Seal.NoSuchPath"
    )


def test_series_reports_what_is_odd(scans: Program) -> None:
    sound = scans.ok("data", "series", "scans")
    assert sound["sound"] is True
    folder = scans.folder / "scans"
    (folder / "5.dcm").write_bytes(written(image(5)))
    (folder / "again.dcm").write_bytes(written(image(2)))
    (folder / "other.dcm").write_bytes(written(image(6, patient="MRN-9")))
    (folder / "readme.txt").write_text("no image")
    ran = scans("data", "series", "scans", "--json")
    found = json.loads(ran.out)
    assert (ran.code, found["unreadable"]) == (1, ["readme.txt"])
    (one,) = found["series"]
    assert one["findings"] == [
        "2 patients",
        "1 instance UIDs occur more than once",
        "1 instance numbers occur more than once",
        "1 instances missing: 4",
    ]
    assert "MRN" not in ran.out


def test_what_is_interrupted_leaves_nothing_and_can_be_run_again(
    scans: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("data", "deidentify", "scans", "--to", "out", "--name", "trial/ct")
    for module, place in ((deidentify_verb, "clean_file"), (run_verb, "log_run")):
        with monkeypatch.context() as patch:
            patch.setattr(module, place, _interrupt)
            assert scans(*words).code == 130
        assert [one.name for one in scans.folder.iterdir() if "out" in one.name] == []
    assert scans.ok(*words)["files"] == 3


def test_run_and_cleaned_files_enter_the_log_together(
    scans: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("data", "deidentify", "scans", "--to", "out", "--name", "trial/ct")
    with monkeypatch.context() as patch:
        patch.setattr(versions_verb, "newest_version", _interrupt)
        assert scans(*words).code == 130
    kinds = [one["kind"] for one in scans.ok("log")["records"]]
    assert "dataset" not in kinds
    made = scans.ok(*words)
    listed = {one["record"]: one for one in scans.ok("log")["records"]}
    run, cleaned = listed[made["run"]], listed[made["record"]]
    assert cleaned["index"] == run["index"] + 1
    assert [one["rel"] for one in cleaned["edges"]] == ["generated", "derivedFrom"]
    again = scans.ok("data", "deidentify", "scans", "--to", "out2", "--name", "trial/ct")
    assert (again["version"], again["original"]) == (2, made["original"])
    edges = {one["record"]: one for one in scans.ok("log")["records"]}[again["record"]]["edges"]
    assert {"rel": "supersedes", "record": made["record"]} in edges


def _interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt
