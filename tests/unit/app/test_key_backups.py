"""Keys of private data have backups of their own, and no restore brings erased data back."""

import io
import json
import shutil
import tarfile
from pathlib import Path

import pytest
from tests.unit.app.program import Program
from tests.unit.app.test_private_tables import rows_of, write_table

from diptych.app.verbs.data.key_backups import back_up_keys, read_key_backup
from diptych.app.workspace import Workspace

DAY_S = 86_400
GONE = "STUDY-0003"


@pytest.fixture
def trial(book: Program) -> Program:
    """A workspace with a private table and a private folder."""
    write_table(book.folder / "rs.json", rows_of(6)).rename(book.folder.parent / "rs.json")
    book.ok("data", "add-table", "../rs.json", "--subject", "USUBJID", "--name", "rs")
    book.ok("seal", "study", "--private", "--store")
    return book


@pytest.fixture
def elsewhere(trial: Program, tmp_path: Path) -> Program:
    """An empty folder on "another machine"."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return Program(folder, trial.environ, trial.captured, trial.patch)


def held(program: Program) -> list[str]:
    return [one["subject"] for one in program.ok("data", "subjects", "rs")["subjects"]]


def test_a_backup_holds_no_data_keys_and_the_file_beside_it_holds_little_else(
    trial: Program, elsewhere: Program
) -> None:
    done = trial.ok("backup", str(elsewhere.folder / "b.tar"))
    assert done["keys"]["file"].endswith("b.tar.keys")
    with tarfile.open(elsewhere.folder / "b.tar") as archive:
        names = archive.getnames()
    assert [name for name in names if name.endswith(("private.sqlite", "datakeys.sqlite"))] == []
    assert ".diptych/private/tables.sqlite" in names
    beside = elsewhere.folder / "b.tar.keys"
    assert beside.stat().st_mode & 0o777 == 0o600
    with tarfile.open(beside) as archive:
        assert archive.getnames() == ["header.json", "private.sqlite", "datakeys.sqlite"]
    elsewhere.ok("restore", "b.tar", "--no-newer-log")
    assert len(held(elsewhere)) == 6
    shutil.copytree(trial.folder / "study", elsewhere.folder / "study")
    elsewhere.ok("verify", "study")


def test_without_keys_private_data_stay_closed(trial: Program, elsewhere: Program) -> None:
    trial.ok("backup", str(elsewhere.folder / "b.tar"))
    assert elsewhere.ok("restore", "b.tar", "--without-keys")["keys"] is None
    assert elsewhere.refused("data", "subjects", "rs", code=2)["code"] == "Private.Missing"
    words = ("data", "keys", "restore", "b.tar.keys")
    error = elsewhere.refused(*words, code=2)
    assert error["code"] == "KeyBackup.UnknownErasures"
    assert elsewhere.refused("data", "subjects", "rs", code=2)["code"] == "Private.Missing"
    assert elsewhere.ok(*words, "--no-newer-log")["seals"] == 2
    assert len(held(elsewhere)) == 6
    (elsewhere.folder / ".diptych/private/restored.json").write_text('{"at_s": 1, "size": 3}')
    elsewhere.ok("data", "keys", "backup", "own.keys")
    (elsewhere.folder / ".diptych" / "private" / "datakeys.sqlite").unlink()
    shown = elsewhere.ok("data", "keys", "restore", "own.keys")
    assert shown["subjects"] == 6


def test_keys_of_an_old_backup_do_not_bring_erased_data_back(trial: Program) -> None:
    trial.ok("data", "keys", "backup", "../old.keys")
    trial.ok("data", "disclose", "rs", "--subject", GONE, "-o", "x.diptych.json")
    ran = trial("data", "erase", "rs", "--subject", GONE, "--remove-bundles")
    assert (ran.code, "key backup" in ran.out) == (1, True)
    trial("data", "erase", "rs", "--subject", "STUDY-0004", "--column", "REMARK")
    trial("data", "erase", "study", "--all")
    private = trial.folder / ".diptych" / "private"
    for name in ("datakeys.sqlite", "private.sqlite"):
        (private / name).unlink()
    done = trial.ok("data", "keys", "restore", "../old.keys")
    assert done == {"seals": 1, "subjects": 4, "erased_again": 4, "log_size": 6}
    assert held(trial) == [f"STUDY-000{one}" for one in (0, 1, 2, 5)]
    words = ("data", "disclose", "rs", "--subject", GONE, "-o", "x")
    assert trial.refused(*words, code=1)["code"] == "Private.Erased"
    assert trial.refused("verify", "study", code=2)["code"] == "Private.Missing"
    assert trial.ok("data", "keys", "restore", "../old.keys")["subjects"] == 0


def later_log(trial: Program, elsewhere: Program) -> None:
    """Back up, erase one subject and a folder, and keep copies of the log as it is then."""
    trial.ok("backup", str(elsewhere.folder / "b.tar"))
    trial("data", "erase", "rs", "--subject", GONE)
    trial("data", "erase", "study", "--all")
    trial.ok("export", "tiles", str(elsewhere.folder / "tiles"))
    shutil.copy(trial.folder / ".diptych" / "log.sqlite", elsewhere.folder / "newer.sqlite")


def test_keys_do_not_come_back_while_later_erasures_are_unknown(
    trial: Program, elsewhere: Program
) -> None:
    later_log(trial, elsewhere)
    error = elsewhere.refused("restore", "b.tar", code=2)
    assert error["code"] == "KeyBackup.UnknownErasures"
    assert "does not know what was erased since" in error["message"]
    assert "--newer-log" in error["hint"]
    assert "--no-newer-log" in error["hint"]
    assert not (elsewhere.folder / ".diptych").exists()
    ran = elsewhere("restore", "b.tar", "--no-newer-log")
    assert "erasures after record 2 are not known here" in ran.err
    assert GONE in held(elsewhere)


@pytest.mark.parametrize("newer", ["newer.sqlite", "tiles"])
def test_a_restored_workspace_applies_what_a_newer_log_knows(
    trial: Program, elsewhere: Program, newer: str
) -> None:
    later_log(trial, elsewhere)
    ran = elsewhere("restore", "b.tar", "--newer-log", newer)
    assert "erasures after record 4 are not known here" in ran.err
    assert GONE not in held(elsewhere)
    assert len(held(elsewhere)) == 5
    words = ("data", "disclose", "rs", "--subject", GONE, "-o", "x")
    assert elsewhere.refused(*words, code=1)["code"] == "Private.Erased"
    shutil.copytree(trial.folder / "study", elsewhere.folder / "study")
    assert elsewhere.refused("verify", "study", code=2)["code"] == "Private.Missing"
    again = ("data", "keys", "restore", "b.tar.keys")
    assert elsewhere.refused(*again, code=2)["code"] == "KeyBackup.UnknownErasures"
    assert elsewhere.ok(*again, "--newer-log", newer)["log_size"] == 5
    assert GONE not in held(elsewhere)


def test_a_damaged_note_about_a_restore_counts_as_one(trial: Program, elsewhere: Program) -> None:
    later_log(trial, elsewhere)
    elsewhere.ok("restore", "b.tar", "--newer-log", "tiles")
    (elsewhere.folder / ".diptych" / "private" / "restored.json").write_text("{")
    words = ("data", "keys", "restore", "b.tar.keys")
    assert elsewhere.refused(*words, code=2)["code"] == "KeyBackup.UnknownErasures"


def test_a_log_that_does_not_continue_this_one_says_nothing(
    trial: Program, elsewhere: Program
) -> None:
    trial.ok("export", "tiles", str(elsewhere.folder / "older"))
    trial.ok("seal", "study/a.csv")
    trial.ok("backup", str(elsewhere.folder / "b.tar"))
    other = Program(elsewhere.folder / "other", trial.environ, trial.captured, trial.patch)
    other.folder.mkdir()
    other.ok("init")
    other.ok("export", "tiles", "tiles")
    for newer in ("other/.diptych/log.sqlite", "other/tiles", "older"):
        error = elsewhere.refused("restore", "b.tar", "--newer-log", newer, code=1)
        assert error["code"] == "KeyBackup.Foreign"
        assert not (elsewhere.folder / ".diptych").exists()
    error = other.refused("data", "keys", "restore", "../b.tar.keys", code=1)
    assert error["code"] == "KeyBackup.Foreign"


def test_a_damaged_newer_log_is_refused(trial: Program, elsewhere: Program) -> None:
    later_log(trial, elsewhere)
    (entries,) = [
        one for one in (elsewhere.folder / "tiles/tile/entries").rglob("*") if one.is_file()
    ]
    entries.write_bytes(entries.read_bytes()[:-3])
    for newer in ("tiles", "nosuch"):
        elsewhere.refused(
            "restore", "b.tar", "--newer-log", newer, code=1 if newer == "tiles" else 2
        )
        assert not (elsewhere.folder / ".diptych").exists()


def _workspace(program: Program, monkeypatch: pytest.MonkeyPatch, clock: float) -> Workspace:
    for name, value in program.environ.items():
        monkeypatch.setenv(name, value)
    return Workspace.open(program.folder, clock=lambda: clock)


def test_keys_past_their_retention_are_refused_and_pruned(
    trial: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = _workspace(trial, monkeypatch, 40 * DAY_S)
    back_up_keys(book, Path("../old.keys"), retain_s=30 * DAY_S)
    error = trial.refused("data", "keys", "restore", "../old.keys", code=2)
    assert error["code"] == "KeyBackup.Stale"
    assert trial.ok("data", "keys", "restore", "../old.keys", "--stale")["seals"] == 0
    fresh = trial.ok("data", "keys", "backup", "../fresh.keys", "--retain", "2d")
    shutil.copy(trial.folder.parent / "old.keys", trial.folder.parent / "copy.keys")
    (trial.folder.parent / "notes.txt").write_text("kept")
    done = trial.ok("data", "keys", "prune", "..")
    assert sorted(Path(path).name for path in done["deleted"]) == ["copy.keys", "old.keys"]
    assert [Path(path).name for path in done["left"]] == ["fresh.keys"]
    assert (trial.folder.parent / "notes.txt").read_text() == "kept"
    assert fresh["ends"] > fresh["made"]
    assert trial.ok("data", "keys", "prune", "--retain", "0d")["left"] == []
    assert trial.refused("data", "keys", "prune", "--retain", "soon", code=2)["code"] == (
        "KeyBackup.BadSpan"
    )


def test_nothing_is_overwritten_and_nothing_made_of_nothing(book: Program, trial: Program) -> None:
    trial.ok("data", "keys", "backup", "../k")
    for place in ("../k", ".diptych/k"):
        assert trial.refused("data", "keys", "backup", place, code=2)["code"] == "KeyBackup.Exists"
    other = Program(book.folder.parent / "new", book.environ, book.captured, book.patch)
    other.folder.mkdir()
    other.ok("init")
    assert other.refused("data", "keys", "backup", "k", code=2)["code"] == "KeyBackup.Nothing"
    assert other.ok("backup", "../plain.tar")["keys"] is None


def _tar(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


_HEADER = {"format": "diptych-datakeys/1", "origin": "x", "size": 1, "made_s": 1, "retain_s": 1}
_LONG = tarfile.TarInfo("x")
_LONG.type, _LONG.size = tarfile.GNUTYPE_LONGNAME, 1 << 80
HOSTILE = {
    "empty": b"",
    "a name of 2^80 bytes": _LONG.tobuf(tarfile.GNU_FORMAT),
    "random": bytes(range(256)) * 9,
    "no header": _tar({"private.sqlite": b"x"}),
    "other member": _tar({"header.json": json.dumps(_HEADER).encode(), "../evil": b"x"}),
    "other format": _tar({"header.json": json.dumps({**_HEADER, "format": "y"}).encode()}),
    "endless": _tar({"header.json": json.dumps({**_HEADER, "retain_s": 2**50}).encode()}),
    "more fields": _tar({"header.json": json.dumps({**_HEADER, "more": 1}).encode()}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_key_backups_are_refused(trial: Program, name: str) -> None:
    (trial.folder / "k").write_bytes(HOSTILE[name])
    assert trial.refused("data", "keys", "restore", "k", code=1)["code"] == "KeyBackup.Bad"


def test_a_damaged_store_in_a_key_backup_changes_nothing(trial: Program) -> None:
    trial.ok("data", "keys", "backup", "k")
    header, stores = read_key_backup(trial.folder / "k")
    made = {"header.json": json.dumps(header.header()).encode(), **dict.fromkeys(stores, b"x" * 99)}
    (trial.folder / "bad").write_bytes(_tar(made))
    assert trial.refused("data", "keys", "restore", "bad", code=3)["code"] == "Private.Unusable"
    assert len(held(trial)) == 6
