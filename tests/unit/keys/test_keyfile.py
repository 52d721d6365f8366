"""Key files open with the right passphrase only, and never when others could have touched them."""

import json
import os
import stat
from pathlib import Path

import pytest

from diptych.core.secret import Secret
from diptych.provenance.keys.errors import (
    BadKeyFile,
    BadSeed,
    ExposedKeyFile,
    KeyExists,
    KeyNotFound,
    WrongPassphrase,
    WrongPurpose,
)
from diptych.provenance.keys.key import Purpose, UnlockedKey, new_key
from diptych.provenance.keys.keyfile import (
    EmptyPassphrase,
    change_passphrase,
    list_key_files,
    read_key_file,
    write_key_file,
)

PASS = Secret("correct horse battery staple")
ORIGIN = "diptych.log/" + "0" * 32
LABELS = [
    (Purpose.STATEMENT, ""),
    (Purpose.STATEMENT, "secp256k1"),
    (Purpose.LOG, ORIGIN),
    (Purpose.WITNESS, "witness.example"),
    (Purpose.PRIVATE, ""),
]


def stored(folder: Path, purpose: Purpose = Purpose.STATEMENT, label: str = "") -> Path:
    key = new_key(purpose, label=label, seed=b"\x07" * 32)
    return write_key_file(folder, key, PASS, log2_n=14)


@pytest.mark.parametrize(("purpose", "label"), LABELS)
def test_round_trip_keeps_the_key(tmp_path: Path, purpose: Purpose, label: str) -> None:
    key = new_key(purpose, label=label)
    path = write_key_file(tmp_path / "keys", key, PASS, log2_n=14)
    assert path.name.startswith(f"{purpose}-")
    assert read_key_file(path).keyid == key.keyid
    assert read_key_file(path).unlock(PASS) == key
    assert key.seed.hex() not in path.read_text()


def test_default_cost_is_2_to_the_17(tmp_path: Path) -> None:
    path = write_key_file(tmp_path / "keys", new_key(Purpose.PRIVATE), PASS)
    assert read_key_file(path).log2_n == 17


def test_wrong_passphrase_has_its_own_error(tmp_path: Path) -> None:
    with pytest.raises(WrongPassphrase) as caught:
        read_key_file(stored(tmp_path / "keys")).unlock(Secret("wrong"))
    assert "wrong" not in caught.value.to_json()["details"].__str__()
    assert caught.value.code == "Key.WrongPassphrase"


def test_equal_passphrases_in_other_unicode_forms_unlock(tmp_path: Path) -> None:
    key = new_key(Purpose.PRIVATE)
    path = write_key_file(tmp_path / "keys", key, Secret("cafe\u0301 noir"), log2_n=14)
    assert read_key_file(path).unlock(Secret("caf\u00e9 noir")) == key


def test_files_and_folder_are_private_under_any_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        path = stored(tmp_path / "keys")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602])
def test_files_open_to_others_are_refused(tmp_path: Path, mode: int) -> None:
    path = stored(tmp_path / "keys")
    path.chmod(mode)
    with pytest.raises(ExposedKeyFile) as caught:
        read_key_file(path)
    assert caught.value.hint == f"chmod 600 {path}"
    path.chmod(0o600)
    assert read_key_file(path).unlock(PASS).seed == b"\x07" * 32


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o770])
def test_folders_open_to_others_are_refused(tmp_path: Path, mode: int) -> None:
    path = stored(tmp_path / "keys")
    path.parent.chmod(mode)
    for attempt in (lambda: read_key_file(path), lambda: stored(path.parent, Purpose.PRIVATE)):
        with pytest.raises(ExposedKeyFile, match="open to other users"):
            attempt()


def test_symbolic_links_are_refused(tmp_path: Path) -> None:
    path = stored(tmp_path / "keys")
    link = path.with_name("link.key.json")
    link.symlink_to(path)
    with pytest.raises(ExposedKeyFile):
        read_key_file(link)


def test_missing_file_and_double_store(tmp_path: Path) -> None:
    stored(tmp_path / "keys")
    with pytest.raises(KeyExists):
        stored(tmp_path / "keys")
    with pytest.raises(KeyNotFound):
        read_key_file(tmp_path / "keys" / "none.key.json")


def test_empty_passphrase_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmptyPassphrase):
        write_key_file(tmp_path / "keys", new_key(Purpose.PRIVATE), Secret(""))
    assert not (tmp_path / "keys").exists()


def test_passphrase_can_be_changed(tmp_path: Path) -> None:
    path = stored(tmp_path / "keys")
    change_passphrase(path, PASS, Secret("another one"))
    assert read_key_file(path).unlock(Secret("another one")).seed == b"\x07" * 32
    with pytest.raises(WrongPassphrase):
        read_key_file(path).unlock(PASS)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(WrongPassphrase):
        change_passphrase(path, PASS, Secret("third"))


@pytest.mark.parametrize("field", ["purpose", "keyid", "nonce", "ciphertext", "salt", "log2_n"])
def test_no_header_field_can_be_changed(tmp_path: Path, field: str) -> None:
    path = stored(tmp_path / "keys")
    document = json.loads(path.read_text())
    other = json.loads(stored(tmp_path / "other", Purpose.PRIVATE).read_text())
    other["kdf"]["log2_n"] = 15
    part = document if field in document else document["kdf"]
    part[field] = (other if field in other else other["kdf"])[field]
    path.write_text(json.dumps(document))
    with pytest.raises(WrongPassphrase):
        read_key_file(path).unlock(PASS)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[:-20],
        lambda text: text + "{}",
        lambda text: text.replace("diptych-key/1", "diptych-key/2"),
        lambda text: text.replace('"log2_n":14', '"log2_n":40'),
        lambda text: text.replace('"log2_n":14', '"log2_n":1'),
        lambda text: text.replace('"log2_n":14', '"log2_n":true'),
        lambda text: text.replace('"r":8', '"r":1'),
        lambda text: text.replace("scrypt", "none"),
        lambda text: text.replace('"purpose":"statement"', '"purpose":"any"'),
        lambda text: text.replace('"format"', '"format":"diptych-key/1","format"'),
        lambda text: text.replace("{", '{"extra":1,', 1),
        lambda text: "[" * 5000,
        lambda text: text + " " * 20_000,
    ],
)
def test_malformed_files_are_refused(tmp_path: Path, damage: object) -> None:
    path = stored(tmp_path / "keys")
    path.write_text(damage(path.read_text()))  # type: ignore[operator]
    with pytest.raises(BadKeyFile):
        read_key_file(path)


def test_listing_is_sorted_and_tolerates_a_missing_folder(tmp_path: Path) -> None:
    assert list_key_files(tmp_path / "none") == []
    for purpose, label in LABELS:
        stored(tmp_path / "keys", purpose, label)
    found = list_key_files(tmp_path / "keys")
    assert len(found) == len(LABELS)
    assert [f.path.name for f in found] == sorted(f.path.name for f in found)


def test_a_key_serves_its_purpose_only() -> None:
    log, statement = new_key(Purpose.LOG, label=ORIGIN), new_key(Purpose.STATEMENT)
    assert str(log.log_signer().key) == log.keyid
    assert statement.statement_signer().keyid == statement.keyid
    for use in (log.statement_signer, log.master_key, statement.log_signer):
        with pytest.raises(WrongPurpose):
            use()
    assert repr(statement.seed) not in repr(statement)


def test_a_seed_cannot_be_paired_with_another_key_id() -> None:
    key = new_key(Purpose.STATEMENT)
    with pytest.raises(BadSeed):
        UnlockedKey(Purpose.STATEMENT, key.keyid, b"\x01" * 32)
    with pytest.raises(BadSeed):
        UnlockedKey(Purpose.PRIVATE, key.keyid, key.seed)
    with pytest.raises(BadSeed):
        new_key(Purpose.LOG)
    with pytest.raises(BadSeed):
        new_key(Purpose.STATEMENT, label="rsa")
