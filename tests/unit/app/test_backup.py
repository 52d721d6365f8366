"""`backup` and `restore`: one file that brings everything back, and hostile files that do not."""

import io
import shutil
import tarfile
from pathlib import Path

import pytest
from tests.unit.app.program import Program


@pytest.fixture
def elsewhere(book: Program, tmp_path: Path) -> Program:
    """An empty folder on "another machine"."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return Program(folder, book.environ, book.captured, book.patch)


def test_a_backup_brings_everything_back(book: Program, elsewhere: Program) -> None:
    book.ok("seal", "study", "--store")
    book.ok("seal", "study/a.csv", "--private", "--store")
    book.ok("key", "rotate")
    (book.folder / ".diptych" / "diptych.toml").write_text("[seal]\nworkers = 3\n")
    file = elsewhere.folder / "monday.tar"
    ran = book("backup", str(file))
    assert ran.code == 0
    assert ran.out.endswith(", 4 records\n")
    assert file.stat().st_mode & 0o777 == 0o600

    ran = elsewhere("restore", "monday.tar", "--no-newer-log")
    assert (ran.code, ran.out.endswith(" with 4 records\n")) == (0, True)
    assert "verify --online" in ran.err
    assert elsewhere.ok("verify") == book.ok("verify")
    assert elsewhere.ok("config")["seal.workers"]["value"] == "3"
    shutil.copytree(book.folder / "study", elsewhere.folder / "study")
    for what in ("study", "study/a.csv", "3"):
        assert elsewhere.ok("verify", what)["record"] == book.ok("verify", what)["record"]
    elsewhere.ok("seal", "study/b.csv")
    private = elsewhere.folder / ".diptych" / "private"
    assert [p for p in private.rglob("*") if p.stat().st_mode & 0o077] == []


def test_nothing_is_overwritten(book: Program, elsewhere: Program) -> None:
    file = elsewhere.folder / "b.tar"
    book.ok("backup", str(file))
    before = file.read_bytes()
    assert book.refused("backup", str(file), code=2)["code"] == "Backup.Exists"
    assert file.read_bytes() == before
    assert book.refused("restore", str(file), code=2)["code"] == "Workspace.Exists"
    (elsewhere.folder / ".diptych").symlink_to("nowhere")
    assert elsewhere.refused("restore", "b.tar", code=2)["code"] == "Workspace.Exists"


def test_a_backup_does_not_go_into_what_it_copies(book: Program) -> None:
    assert book.refused("backup", ".diptych/b.tar", code=2)["code"] == "Backup.Inside"


def test_a_damaged_workspace_is_not_backed_up_silently(book: Program) -> None:
    (book.folder / ".diptych" / "log.sqlite").write_bytes(b"garbage" * 1000)
    assert book.refused("backup", "b.tar", code=1)["code"] == "Log.Corrupt"
    (book.folder / ".diptych" / "log.sqlite").unlink()
    assert book.refused("backup", "b.tar", code=2)["code"] == "Log.Missing"
    assert not (book.folder / "b.tar").exists()


def test_a_damaged_database_beside_the_log_is_named(book: Program) -> None:
    path = book.folder / ".diptych" / "outbox.sqlite"
    path.write_bytes(b"garbage" * 1000)
    assert str(path) in book.refused("backup", "b.tar", code=1)["message"]
    assert sorted(p.name for p in book.folder.iterdir()) == [".diptych", "study"]


def test_one_changed_byte_of_the_log_in_a_backup_is_noticed(
    book: Program, elsewhere: Program
) -> None:
    book.ok("seal", "study")
    book.ok("backup", str(elsewhere.folder / "b.tar"))
    raw = (elsewhere.folder / "b.tar").read_bytes()
    place = raw.index(b"in-toto") + 3
    (elsewhere.folder / "b.tar").write_bytes(raw[:place] + b"X" + raw[place + 1 :])
    elsewhere.refused("restore", "b.tar", code=1)
    assert [path.name for path in elsewhere.folder.iterdir()] == ["b.tar"]


Member = tuple[tarfile.TarInfo, bytes]


def _member(name: str, content: bytes = b"", **fields: object) -> Member:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, content


_FOLDER = _member(".diptych", type=tarfile.DIRTYPE, mode=0o755)
HOSTILE: dict[str, list[Member]] = {
    "traversal": [_member(".diptych/../../evil", b"x")],
    "traversal below": [_FOLDER, _member(".diptych/a/../../../evil", b"x")],
    "absolute": [_member("/tmp/evil-diptych", b"x")],
    "elsewhere": [_member("evil", b"x")],
    "link out": [
        _FOLDER,
        _member(".diptych/l", type=tarfile.SYMTYPE, linkname=".."),
        _member(".diptych/l/evil", b"x"),
    ],
    "hard link": [_FOLDER, _member(".diptych/l", type=tarfile.LNKTYPE, linkname="/etc/passwd")],
    "device": [_FOLDER, _member(".diptych/d", type=tarfile.CHRTYPE)],
    "pipe": [_FOLDER, _member(".diptych/d", type=tarfile.FIFOTYPE)],
    "no log": [_FOLDER, _member(".diptych/x", b"x")],
    "home is a file": [_member(".diptych", b"x")],
    "file and folder": [_member(".diptych/a", b"x"), _member(".diptych/a/b", b"x")],
    "long name": [_member(".diptych/" + "a" * 5_000, b"x")],
    "deep": [_member(".diptych/" + "a/" * 3_000 + "x", b"x")],
    "sparse": [_FOLDER, _member(".diptych/x", type=tarfile.GNUTYPE_SPARSE)],
    "no such time": [_FOLDER, _member(".diptych/x", b"x", mtime=2**62)],
    "log is rubbish": [_FOLDER, _member(".diptych/log.sqlite", b"rubbish" * 99)],
    "log is empty": [_FOLDER, _member(".diptych/log.sqlite")],
    "log is a folder": [_FOLDER, _member(".diptych/log.sqlite", type=tarfile.DIRTYPE)],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_archives_are_refused_and_leave_nothing(program: Program, name: str) -> None:
    file = program.folder / "b.tar"
    with tarfile.open(file, "w", format=tarfile.GNU_FORMAT) as archive:
        for info, content in HOSTILE[name]:
            archive.addfile(info, io.BytesIO(content))
    ran = program("restore", "b.tar")
    assert ran.code in {1, 2}
    assert ran.err.startswith("error [")
    assert [path.name for path in program.folder.iterdir()] == ["b.tar"]
    assert [p.name for p in program.folder.parent.iterdir() if "evil" in p.name] == []
    assert not Path("/tmp/evil-diptych").exists()


def _huge(size: int) -> bytes:
    info = tarfile.TarInfo(".diptych/huge")
    info.size = size
    return info.tobuf(tarfile.PAX_FORMAT) + bytes(1024)


RAW = {
    "empty": b"",
    "random": bytes(range(256)) * 40,
    "text": b"not an archive\n",
    "compressed": b"\x1f\x8b\x08\x00" + bytes(64),
    "claims a petabyte": _huge(1 << 50),
    "claims 8 GiB": _huge(1 << 33),
    "zeros": bytes(10_240),
}


@pytest.mark.parametrize("name", RAW)
def test_what_is_no_archive_is_refused(program: Program, name: str) -> None:
    (program.folder / "b.tar").write_bytes(RAW[name])
    assert program.refused("restore", "b.tar", code=1)["code"] == "Backup.Bad"
    assert [path.name for path in program.folder.iterdir()] == ["b.tar"]


@pytest.mark.parametrize("inside", [0, 100])
def test_a_backup_without_its_last_members_is_refused(
    book: Program, elsewhere: Program, inside: int
) -> None:
    """Whether the cut lies between two members or in the header of one."""
    file = elsewhere.folder / "b.tar"
    book.ok("backup", str(file))
    with tarfile.open(file) as archive:
        last = list(archive)[-1]
    file.write_bytes(file.read_bytes()[: last.offset + inside])
    assert elsewhere.refused("restore", "b.tar", code=1)["code"] == "Backup.Bad"
    assert [path.name for path in elsewhere.folder.iterdir()] == ["b.tar"]


@pytest.mark.parametrize("part", [0.01, 0.5, 0.98])
def test_a_truncated_backup_is_refused(book: Program, elsewhere: Program, part: float) -> None:
    book.ok("seal", "study", "--store")
    file = elsewhere.folder / "b.tar"
    book.ok("backup", str(file))
    with tarfile.open(file) as archive:
        end = max(member.offset_data + member.size for member in archive)
    file.write_bytes(file.read_bytes()[: int(end * part)])
    assert elsewhere.refused("restore", "b.tar", code=1)["code"].partition(".")[0] in {
        "Backup",
        "Log",
    }
    assert [path.name for path in elsewhere.folder.iterdir()] == ["b.tar"]


def test_a_missing_backup_names_how_to_make_one(program: Program) -> None:
    shown = program.refused("restore", "nosuch", code=1)
    assert (shown["code"], shown["hint"]) == ("Backup.Bad", "diptych backup FILE makes one")


def test_what_a_killed_backup_left_behind_is_not_backed_up(book: Program) -> None:
    left = book.folder / ".diptych" / "backup-left"
    left.mkdir()
    (left / "copy").write_bytes(b"of a database")
    book.ok("backup", "../monday.tar")
    with tarfile.open(book.folder.parent / "monday.tar") as archive:
        names = archive.getnames()
    assert ".diptych/log.sqlite" in names
    assert [one for one in names if "backup-" in one] == []
