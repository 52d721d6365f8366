"""Private seals: nothing plain gets out, files can be verified and disclosed, erasing erases."""

import base64
import hashlib
import os
import sqlite3
from pathlib import Path

import pytest

from diptych.provenance.objects import LocalObjects, ObjectCorrupt, ObjectMissing
from diptych.provenance.private import (
    OpenedFolder,
    PrivateOptions,
    PrivateSeal,
    PrivateStore,
    commit_private_fields,
    erase_private,
    open_fields,
    seal_private,
)
from diptych.provenance.private.errors import (
    BadMasterKey,
    EraseIncomplete,
    NoSuchField,
    PrivateCorrupt,
    PrivateErased,
    PrivateLocked,
    PrivateMissing,
    PrivateUnusable,
)
from diptych_verify.disclosed import verify_disclosed
from diptych_verify.errors import DigestMismatch
from diptych_verify.walk import CannotScan

MASTER = bytes(range(32))
FILES = {
    "patients/meier-anna-19560412.csv": b"diagnosis;C50.9\n" * 77,
    "patients/unique-name-of-somebody.dcm": os.urandom(1_234_567),
    "notes/remark.txt": b"",
    ".diptychignore": b"*.tmp\n",
}


def make(root: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return root


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make(tmp_path / "study", {"left-out.tmp": b"x"})
    return make(tmp_path / "study", FILES)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / ".diptych"


@pytest.fixture
def objects(home: Path) -> LocalObjects:
    return LocalObjects(home / "objects")


@pytest.fixture
def private(home: Path) -> PrivateStore:
    return PrivateStore(home / "private", MASTER)


@pytest.fixture
def seal(folder: Path, objects: LocalObjects, private: PrivateStore) -> PrivateSeal:
    return seal_private(folder, objects, private, options=PrivateOptions(keep_payload=True))


def raw_bytes(home: Path) -> bytes:
    """Everything on disk, file names included."""
    found = b""
    for path in home.rglob("*"):
        found += str(path).encode()
        found += path.read_bytes() if path.is_file() else b""
    return found


def traces() -> dict[str, bytes]:
    """What must never be found outside: paths, contents, sizes and digests in every spelling."""
    found: dict[str, bytes] = {}
    for name, content in FILES.items():
        if not content or name == ".diptychignore":
            continue
        digest = hashlib.sha256(content).digest()
        found[f"path of {name}"] = name.encode()
        found[f"name of {name}"] = Path(name).name.encode()
        found[f"content of {name}"] = content[:48]
        found[f"digest of {name}"] = digest
        found[f"hex digest of {name}"] = digest.hex().encode()
        found[f"b64 digest of {name}"] = base64.b64encode(digest)
        found[f"size of {name}"] = f",{len(content)},".encode()
    return found


def test_nothing_plain_reaches_the_disk(home: Path, seal: PrivateSeal) -> None:
    everything = raw_bytes(home) + str(seal.predicate()).encode() + repr(seal).encode()
    assert len(everything) > 1_234_567
    for what, trace in traces().items():
        assert trace not in everything, what
    sizes = [path.stat().st_size for path in home.rglob("*") if path.is_file()]
    hidden = {
        len(content) + extra for content in FILES.values() if content for extra in (0, 16, 28)
    }
    assert not hidden & set(sizes)
    assert not (home / "journal").exists()


def test_the_statement_gets_only_root_and_object(seal: PrivateSeal) -> None:
    assert seal.subject_digest() == {"diptychPrivate1": seal.root.hex()}
    assert seal.predicate() == {"root": seal.root.hex(), "object": seal.object_name}
    assert (seal.leaves, seal.files) == (4, 4)


@pytest.mark.parametrize(("files", "leaves"), [(0, 1), (1, 1), (3, 4), (5, 8), (9, 16)])
def test_the_number_of_files_is_rounded_up(
    tmp_path: Path, objects: LocalObjects, private: PrivateStore, files: int, leaves: int
) -> None:
    folder = tmp_path / "f"
    folder.mkdir()
    make(folder, {f"{n}": b"%d" % n for n in range(files)})
    sealed = seal_private(folder, objects, private)
    assert sealed.leaves == leaves
    opened = OpenedFolder(sealed.root, objects, private)
    for number in range(files):
        shown = opened.reveal(f"{number}")
        assert shown.leaves == leaves
        verify_disclosed((shown,), sealed.root)


def test_sealing_twice_gives_unlinkable_seals(
    folder: Path, objects: LocalObjects, private: PrivateStore
) -> None:
    first, second = (seal_private(folder, objects, private) for _ in range(2))
    assert first.root != second.root
    assert first.object_name != second.object_name


def test_leaves_stand_in_random_order(
    tmp_path: Path, objects: LocalObjects, private: PrivateStore
) -> None:
    folder = make(tmp_path / "f", {f"{n:02}": b"" for n in range(32)})
    opened = OpenedFolder(seal_private(folder, objects, private).root, objects, private)
    places = [opened.reveal(f"{n:02}").index for n in range(32)]
    assert sorted(places) == list(range(32))
    assert places != sorted(places)


def test_an_untouched_folder_verifies_and_changes_are_named(
    folder: Path, objects: LocalObjects, private: PrivateStore, seal: PrivateSeal
) -> None:
    opened = OpenedFolder(seal.root, objects, private)
    assert opened.verify(folder).files == 4
    (folder / "ignored.tmp").write_bytes(b"")
    assert opened.verify(folder).root == seal.root

    (folder / "notes/remark.txt").write_bytes(b"!")
    (folder / "new").write_bytes(b"")
    with pytest.raises(DigestMismatch) as caught:
        opened.verify(folder)
    assert caught.value.details["changed"] == ["notes/remark.txt"]
    assert caught.value.details["added"] == ["new"]


def test_one_file_can_be_disclosed_without_the_others(
    objects: LocalObjects, private: PrivateStore, seal: PrivateSeal
) -> None:
    name = "patients/meier-anna-19560412.csv"
    shown = OpenedFolder(seal.root, objects, private).reveal(name)
    assert shown.value == [name, len(FILES[name]), hashlib.sha256(FILES[name]).hexdigest()]
    verify_disclosed((shown,), seal.root)
    with pytest.raises(NoSuchField):
        OpenedFolder(seal.root, objects, private).reveal("absent")


def test_kept_contents_can_be_read_back(
    objects: LocalObjects, private: PrivateStore, seal: PrivateSeal
) -> None:
    opened = OpenedFolder(seal.root, objects, private)
    for name, content in FILES.items():
        assert b"".join(opened.read_file(name)) == content
    with pytest.raises(NoSuchField):
        opened.read_file("absent")


def test_contents_are_not_kept_unless_asked_for(
    folder: Path, objects: LocalObjects, private: PrivateStore
) -> None:
    sealed = seal_private(folder, objects, private)
    with pytest.raises(NoSuchField, match="kept no payload"):
        OpenedFolder(sealed.root, objects, private).read_file("notes/remark.txt")


def test_a_single_file_is_sealed_through_its_name(
    tmp_path: Path, objects: LocalObjects, private: PrivateStore
) -> None:
    file = make(tmp_path / "one", {"x.csv": b"1;2"}) / "x.csv"
    options = PrivateOptions(keep_payload=True)
    opened = OpenedFolder(
        seal_private(file, objects, private, options=options).root, objects, private
    )
    assert opened.verify(file).files == 1
    assert b"".join(opened.read_file("x.csv")) == b"1;2"


def test_problems_are_reported_before_anything_is_kept(
    folder: Path, home: Path, objects: LocalObjects, private: PrivateStore
) -> None:
    (folder / "link").symlink_to("x")
    with pytest.raises(CannotScan):
        seal_private(folder, objects, private)
    assert private.roots() == []
    assert not (home / "objects").exists()


def secrets_on_disk(home: Path) -> list[bytes]:
    """The stored ciphertexts of keys, salts and bodies, as they stand in the database."""
    with sqlite3.connect(home / "private/private.sqlite") as database:
        rows = database.execute("SELECT key FROM seals UNION ALL SELECT body FROM seals")
        cells = [cell for (cell,) in rows]
        cells += [cell for (cell,) in database.execute("SELECT body FROM parts")]
    database.close()
    return [cell[at : at + 32] for cell in cells for at in range(0, len(cell) - 32, 32)]


def test_erasing_leaves_nothing_to_open(
    home: Path, objects: LocalObjects, private: PrivateStore, seal: PrivateSeal
) -> None:
    kept = private.load(seal.root)
    before = secrets_on_disk(home)
    assert len(before) > 10
    raw = raw_bytes(home)
    assert all(cell in raw for cell in before), "the test looks for what is really there"

    erase_private(seal.root, objects, private)

    after = raw_bytes(home / "private")
    assert not [cell for cell in before if cell in after]
    assert (home / "private/private.sqlite-wal").stat().st_size == 0
    salts = [kept.slots[at : at + 32] for at in range(0, len(kept.slots), 32)]
    keys = [value.encode() for key, value in kept.body.items() if isinstance(value, str)]
    assert not [trace for trace in salts + keys if trace in raw_bytes(home)]
    assert list((home / "objects").glob("??/*")) == []
    with pytest.raises(PrivateErased):
        OpenedFolder(seal.root, objects, private)
    assert private.roots() == []


def test_salts_and_keys_are_never_on_disk_in_plain(
    home: Path, private: PrivateStore, seal: PrivateSeal
) -> None:
    kept = private.load(seal.root)
    raw = raw_bytes(home)
    salts = [kept.slots[at : at + 32] for at in range(0, len(kept.slots), 32)]
    keys = [bytes.fromhex(str(kept.body[name])) for name in ("manifest_key", "payload_key")]
    for secret in [*salts, *keys, MASTER]:
        assert secret not in raw
        assert secret.hex().encode() not in raw


def test_erasing_one_seal_leaves_the_others(
    folder: Path, objects: LocalObjects, private: PrivateStore, seal: PrivateSeal
) -> None:
    other = seal_private(folder, objects, private)
    erase_private(seal.root, objects, private)
    erase_private(seal.root, objects, private)
    assert OpenedFolder(other.root, objects, private).verify(folder).files == 4


def test_erasing_needs_no_master_key(home: Path, objects: LocalObjects, seal: PrivateSeal) -> None:
    erase_private(seal.root, objects, PrivateStore(home / "private", bytes(32)))
    assert not objects.has(seal.object_name)


def test_erasing_says_so_if_a_reader_keeps_old_pages(
    home: Path, objects: LocalObjects, private: PrivateStore, seal: PrivateSeal
) -> None:
    private._connection.execute("PRAGMA busy_timeout=10")
    reader = sqlite3.connect(home / "private/private.sqlite", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM seals").fetchall()
    with pytest.raises(EraseIncomplete):
        erase_private(seal.root, objects, private)
    reader.close()
    erase_private(seal.root, objects, private)
    assert not objects.has(seal.object_name)


def test_a_wrong_key_and_an_unknown_root_are_told_apart(
    home: Path, objects: LocalObjects, private: PrivateStore, seal: PrivateSeal
) -> None:
    with pytest.raises(PrivateLocked):
        OpenedFolder(seal.root, objects, PrivateStore(home / "private", bytes(32)))
    with pytest.raises(PrivateMissing):
        OpenedFolder(bytes(32), objects, private)
    with pytest.raises(PrivateMissing):
        erase_private(bytes(32), objects, private)


def test_swapped_rows_and_damaged_objects_are_noticed(
    folder: Path, home: Path, objects: LocalObjects, private: PrivateStore, seal: PrivateSeal
) -> None:
    other = seal_private(folder, objects, private)
    path = home / "objects" / seal.object_name[:2] / seal.object_name[2:]
    content = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    with pytest.raises((PrivateCorrupt, ObjectCorrupt)):
        OpenedFolder(seal.root, objects, private)
    path.unlink()
    with pytest.raises(ObjectMissing):
        OpenedFolder(seal.root, objects, private)
    private._connection.execute(
        "UPDATE seals SET body=(SELECT body FROM seals WHERE root=?) WHERE root=?",
        (seal.root, other.root),
    )
    with pytest.raises(PrivateLocked):
        OpenedFolder(other.root, objects, private)


def test_the_store_is_closed_to_others(home: Path, private: PrivateStore) -> None:
    commit_private_fields([("a", 1)], private)
    assert (home / "private").stat().st_mode & 0o777 == 0o700
    for file in (home / "private").iterdir():
        assert file.stat().st_mode & 0o777 == 0o600, file


def test_fields_are_kept_revealed_and_erased(
    home: Path, objects: LocalObjects, private: PrivateStore
) -> None:
    tree = commit_private_fields([("name", "Anna Meier"), ("dose", 12.5), ("name", None)], private)
    assert b"Anna Meier" not in raw_bytes(home)

    again = open_fields(tree.root(), PrivateStore(home / "private", MASTER))
    shown = again.reveal(1)
    assert (shown.name, shown.value) == ("dose", 12.5)
    verify_disclosed((shown,), tree.root())

    erase_private(tree.root(), objects, private)
    with pytest.raises(PrivateErased):
        open_fields(tree.root(), private)


def test_fields_and_folders_are_not_mixed_up(
    objects: LocalObjects, private: PrivateStore, seal: PrivateSeal
) -> None:
    tree = commit_private_fields([("a", 1)], private)
    with pytest.raises(NoSuchField):
        open_fields(seal.root, private)
    with pytest.raises(NoSuchField):
        OpenedFolder(tree.root(), objects, private)


def test_the_master_key_has_32_bytes(home: Path) -> None:
    with pytest.raises(BadMasterKey):
        PrivateStore(home / "private", bytes(16))


def test_a_newer_schema_is_refused(home: Path, private: PrivateStore) -> None:
    private._connection.execute("PRAGMA user_version=99")
    with pytest.raises(PrivateUnusable, match="schema 99"):
        PrivateStore(home / "private", MASTER)


def test_no_page_keeps_a_copy_of_an_erased_key(tmp_path: Path) -> None:
    """Pages that were split and merged keep old cells in their free part: they must go, too."""
    private = PrivateStore(tmp_path / "private", MASTER)
    roots = [
        commit_private_fields([("note", f"{number:05d}" * 40)], private).root()
        for number in range(60)
    ]
    database = tmp_path / "private" / "private.sqlite"
    with sqlite3.connect(database) as reader:
        wrapped = dict(reader.execute("SELECT root, key FROM seals").fetchall())
    reader.close()
    gone = roots[::3]
    for root in gone:
        private.erase(root)
    kept = b"".join(p.read_bytes() for p in (tmp_path / "private").iterdir() if p.is_file())
    assert [root.hex() for root in gone if wrapped[root] in kept] == []
    assert len(private.roots()) == len(roots) - len(gone)
    private.close()
