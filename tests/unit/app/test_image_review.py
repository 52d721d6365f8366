"""Images whose pixels may show text: `data deidentify` holds, `data release` publishes them."""

import json
import stat
from pathlib import Path

import pytest
from tests.unit.app.program import PASSPHRASE, Program
from tests.unit.imaging.maker import image, read, written

import diptych
from diptych.app.verbs import run as run_verb
from diptych.app.verbs.data import deidentify as deidentify_verb
from diptych.app.verbs.data import release as release_verb
from diptych.app.verbs.data.deidentify import read_mapping

CLEAN = ("data", "deidentify", "scans", "--to", "out", "--name", "trial/us")
RELEASE = ("data", "release", "out-review", "--to", "seen", "--reason", "Dr Y looked, 2026-11-23")
SECRETS = (b"fernandez", b"rosalinda", b"mrn-774411", b"55555", b"st elsewhere")


@pytest.fixture
def scans(book: Program) -> Program:
    """A folder of a CT, three ultrasound images, and one that says it shows text."""
    folder = book.folder / "scans"
    folder.mkdir()
    (folder / "MRN-774411.dcm").write_bytes(written(image(1)))
    for number in (2, 3):
        (folder / f"{number}.dcm").write_bytes(written(image(number, Modality="US")))
    cine = image(4, Modality="US", NumberOfFrames=2, PixelData=bytes(range(96)))
    (folder / "4.dcm").write_bytes(written(cine))
    (folder / "5.dcm").write_bytes(written(image(5, BurnedInAnnotation="YES")))
    return book


def _hold(scans: Program, *words: str) -> dict[str, object]:
    ran = scans(*CLEAN, *words, "--json")
    assert ran.code == 1, ran
    made: dict[str, object] = json.loads(ran.out)
    return made


def _files(folder: Path) -> list[Path]:
    return sorted(one for one in folder.rglob("*.dcm"))


def _left(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir() if one.name not in {".diptych", "scans", "study"}]


def test_what_may_show_text_is_cleaned_checked_and_held_back(scans: Program) -> None:
    made = _hold(scans)
    assert (made["files"], made["partial"], made["review"]) == (1, True, "out-review")
    held = made["held"]
    assert isinstance(held, list)
    assert [(one["number"], one["path"]) for one in held] == [
        (1, "2.dcm"),
        (2, "3.dcm"),
        (3, "4.dcm"),
    ]
    assert all("BurnedInAnnotation is absent" in one["reason"] for one in held)
    refused = made["refused"]
    assert isinstance(refused, list)
    assert [(one["path"], one["reason"]) for one in refused] == [("5.dcm", "burned-in")]
    review = scans.folder / "out-review"
    assert len(_files(scans.folder / "out")) == 1
    assert {str(one.relative_to(review)) for one in _files(review)} == {
        one["place"] for one in held
    }
    for path in review.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    assert stat.S_IMODE(review.stat().st_mode) == 0o700
    everything = b"".join(one.read_bytes() for one in review.rglob("*") if one.is_file()).lower()
    assert [one for one in SECRETS if one in everything] == []
    assert all(read(one.read_bytes()).PatientIdentityRemoved == "YES" for one in _files(review))


def test_the_page_shows_each_and_says_what_it_does_not_show(scans: Program) -> None:
    _hold(scans)
    page = (scans.folder / "out-review" / "review.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") == 3
    assert page.count("not shown whole</strong>") == 1
    assert "frame 2 of 2" in page
    assert "<script" not in page
    assert "http://" not in page
    assert "https://" not in page


def test_the_run_notes_how_many_were_held_and_where_each_came_from(scans: Program) -> None:
    made = _hold(scans)
    shown = scans.ok("run", "show", str(made["run"]))["run"]["notes"]
    assert (shown["files"], shown["held"], shown["partial"]) == (1, 3, True)
    with scans.patch.context() as patch:
        patch.setenv("DIPTYCH_KEYS__PASSPHRASE", PASSPHRASE)
        kept = read_mapping(diptych.open(scans.folder), str(made["mapping"]))
    assert [one["from"] for one in kept if one.get("held")] == ["2.dcm", "3.dcm", "4.dcm"]


def test_released_images_are_the_bytes_that_were_held(scans: Program) -> None:
    made = _hold(scans)
    done = scans.ok(*RELEASE, "--except", "2")
    assert (done["files"], done["held"], done["held_by"]) == (1, 2, made["run"])
    review, seen = scans.folder / "out-review", scans.folder / "seen"
    (file,) = _files(seen)
    assert file.read_bytes() == (review / file.relative_to(seen)).read_bytes()
    assert scans("verify", "seen").code == 0
    lineage = scans("data", "lineage", "seen").out
    assert "derivedFrom" in lineage
    assert "release-images" in lineage
    run = scans.ok("run", "show", str(done["run"]))["run"]
    assert run["params"]["reason"] == "Dr Y looked, 2026-11-23"
    assert run["params"]["held_by"] == made["run"]


def test_what_the_page_does_not_show_whole_is_released_by_number_only(scans: Program) -> None:
    _hold(scans)
    assert scans.ok(*RELEASE, "--all")["files"] == 2
    words = (*RELEASE[:4], "cine", *RELEASE[5:], "--only")
    assert scans.ok(*words, "3")["files"] == 1
    assert scans.refused(*RELEASE[:4], "no", *words[5:], "4", code=2)["code"] == "Imaging.BadReview"
    left = (*RELEASE[:4], "no", *RELEASE[5:], "--except", "1-2")
    assert scans.refused(*left, code=2)["code"] == "Imaging.BadReview"


def test_one_version_can_hold_the_cleaned_and_the_released(scans: Program) -> None:
    made = _hold(scans)
    words = (*RELEASE, "--all", "--with", "out", "--name", "trial/us")
    done = scans.ok(*words)
    assert (done["version"], done["files"], done["taken"], done["held"]) == (2, 2, 1, 1)
    places = {one.relative_to(scans.folder / "seen") for one in _files(scans.folder / "seen")}
    assert len(places) == 3
    assert {one.relative_to(scans.folder / "out") for one in _files(scans.folder / "out")} < places
    edges = {one["record"]: one for one in scans.ok("log")["records"]}[done["record"]]["edges"]
    assert {"rel": "supersedes", "record": made["record"]} in edges
    assert {"rel": "derivedFrom", "record": made["original"]} in edges


@pytest.mark.parametrize("what", ["changed", "more", "another"])
def test_only_the_folder_of_the_same_run_is_taken_along(scans: Program, what: str) -> None:
    _hold(scans)
    if what == "changed":
        _files(scans.folder / "out")[0].write_bytes(b"other")
    elif what == "more":
        (scans.folder / "out" / "more").mkdir()
        (scans.folder / "out" / "more" / "x.dcm").write_bytes(b"other")
    rest = "scans" if what == "another" else "out"
    assert (
        scans.refused(*RELEASE, "--all", "--with", rest, code=1)["code"] == "Imaging.ReviewChanged"
    )
    assert not (scans.folder / "seen").exists()
    assert scans.refused(*RELEASE, "--all", "--with", "no", code=2)["code"] == "Imaging.BadFolder"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), "Imaging.BadReview"),
        (("--all", "--only", "1"), "Imaging.BadReview"),
        (("--all", "--except", "1"), "Imaging.BadNumbers"),
        (("--only", "2-1"), "Imaging.BadNumbers"),
        (("--only", "one"), "Imaging.BadNumbers"),
        (("--all", "--reason", "ok"), "Imaging.BadProfile"),
        (("--all", "--to", "out-review/in"), "Imaging.BadFolder"),
        (("--all", "--to", "out"), "Imaging.BadFolder"),
    ],
)
def test_a_release_without_a_clear_choice_is_refused(
    scans: Program, words: tuple[str, ...], code: str
) -> None:
    _hold(scans)
    assert scans.refused(*RELEASE, *words, code=2)["code"] == code
    assert not (scans.folder / "seen").exists()


@pytest.mark.parametrize("what", ["swapped", "missing", "renumbered", "moved"])
def test_only_what_was_cleaned_and_checked_is_released(scans: Program, what: str) -> None:
    _hold(scans)
    review = scans.folder / "out-review"
    listed = review / "review.json"
    said = json.loads(listed.read_text())
    first = review / said["images"][0]["place"]
    if what == "swapped":
        first.write_bytes((scans.folder / "scans" / "2.dcm").read_bytes())
    elif what == "missing":
        first.unlink()
    elif what == "renumbered":
        said["images"][2]["whole"] = True
    else:
        said["images"][0]["place"] = "../scans/2.dcm"
    listed.write_text(json.dumps(said))
    assert scans.refused(*RELEASE, "--all", code=1)["code"] == "Imaging.ReviewChanged"
    assert not (scans.folder / "seen").exists()


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"format": "diptych-review/2"}', None])
def test_another_folder_is_no_review(scans: Program, text: str | None) -> None:
    _hold(scans)
    listed = scans.folder / "out-review" / "review.json"
    if text is None:
        said = json.loads(listed.read_text())
        text = json.dumps({**said, "run": "0" * 32})  # of another workspace
    listed.write_text(text)
    assert scans.refused(*RELEASE, "--all", code=2)["code"] == "Imaging.BadReview"
    listed.unlink()
    assert scans.refused(*RELEASE, "--all", code=2)["code"] == "Imaging.BadReview"


def test_what_is_interrupted_leaves_neither_folder(
    scans: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, place in (
        (deidentify_verb, "clean_file"),
        (deidentify_verb, "commit_private_fields"),
        (run_verb, "log_run"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(module, place, _interrupt)
            assert scans(*CLEAN).code == 130
        assert _left(scans.folder) == []
    _hold(scans)
    for module, place in ((release_verb, "_copy"), (run_verb, "log_run")):
        with monkeypatch.context() as patch:
            patch.setattr(module, place, _interrupt)
            assert scans(*RELEASE, "--all").code == 130
        assert sorted(_left(scans.folder)) == ["out", "out-review"]
    assert scans.ok(*RELEASE, "--all")["files"] == 2


def test_a_run_that_holds_all_back_publishes_nothing(scans: Program) -> None:
    (scans.folder / "scans" / "MRN-774411.dcm").unlink()
    made = _hold(scans, "--review", "kept/back")
    assert (made["files"], made["version"], made["record"]) == (0, 0, "")
    assert not (scans.folder / "out").exists()
    assert len(_files(scans.folder / "kept" / "back")) == 3
    words = ("data", "release", "kept/back", *RELEASE[3:])
    assert scans.ok(*words, "--all")["version"] == 1


def test_nothing_is_held_back_where_it_is_refused_or_somebody_looked(scans: Program) -> None:
    refused = _hold(scans, "--refuse-pixels")
    assert (refused["held"], refused["review"]) == ([], "")
    assert len(refused["refused"]) == 4  # type: ignore[arg-type]
    assert not (scans.folder / "out-review").exists()
    looked = ("data", "deidentify", "scans", "--to", "all", "--accept-pixels", "Dr Y looked")
    assert scans.ok(*looked)["files"] == 5


@pytest.mark.parametrize("review", ["out", "out/in", "scans/in", "full"])
def test_the_review_folder_never_mixes_with_anything(scans: Program, review: str) -> None:
    (scans.folder / "full").mkdir()
    (scans.folder / "full" / "x").write_text("x")
    error = scans.refused(*CLEAN, "--review", review, code=2)
    assert error["code"] == "Imaging.BadFolder"


def _interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt
