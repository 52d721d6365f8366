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
    elsewhere.ok("restore", "b.tar")
    assert len(held(elsewhere)) == 6
    shutil.copytree(trial.folder / "study", elsewhere.folder / "study")
    elsewhere.ok("verify", "study")


def test_without_keys_private_data_stay_closed(trial: Program, elsewhere: Program) -> None:
    trial.ok("backup", str(elsewhere.folder / "b.tar"))
    assert elsewhere.ok("restore", "b.tar", "--without-keys")["keys"] is None
    assert elsewhere.refused("data", "subjects", "rs", code=2)["code"] == "Private.Missing"
    assert elsewhere.ok("data", "keys", "restore", "b.tar.keys")["seals"] == 2
    assert len(held(elsewhere)) == 6


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
    assert done == {"seals": 1, "subjects": 4, "erased_again": 4}
    assert held(trial) == [f"STUDY-000{one}" for one in (0, 1, 2, 5)]
    words = ("data", "disclose", "rs", "--subject", GONE, "-o", "x")
    assert trial.refused(*words, code=1)["code"] == "Private.Erased"
    assert trial.refused("verify", "study", code=2)["code"] == "Private.Missing"
    assert trial.ok("data", "keys", "restore", "../old.keys")["subjects"] == 0


def test_a_restored_workspace_applies_what_a_newer_log_knows(
    trial: Program, elsewhere: Program
) -> None:
    trial.ok("backup", str(elsewhere.folder / "b.tar"))
    trial("data", "erase", "rs", "--subject", GONE)
    shutil.copy(trial.folder / ".diptych" / "log.sqlite", elsewhere.folder / "newer.sqlite")
    ran = elsewhere("restore", "b.tar")
    assert "erasures after record 2 are not known here" in ran.err
    assert GONE in held(elsewhere)
    shutil.rmtree(elsewhere.folder / ".diptych")
    elsewhere.ok("restore", "b.tar", "--newer-log", "newer.sqlite")
    assert GONE not in held(elsewhere)
    assert len(held(elsewhere)) == 5


def test_a_log_that_does_not_continue_this_one_says_nothing(
    trial: Program, elsewhere: Program
) -> None:
    trial.ok("backup", str(elsewhere.folder / "b.tar"))
    other = Program(elsewhere.folder / "other", trial.environ, trial.captured, trial.patch)
    other.folder.mkdir()
    other.ok("init")
    words = ("restore", "b.tar", "--newer-log", "other/.diptych/log.sqlite")
    assert elsewhere.refused(*words, code=1)["code"] == "KeyBackup.Foreign"
    assert not (elsewhere.folder / ".diptych").exists()
    error = other.refused("data", "keys", "restore", "../b.tar.keys", code=1)
    assert error["code"] == "KeyBackup.Foreign"


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
