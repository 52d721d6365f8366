"""`key`: unlocking by environment and agent, rotation, revocation, keys of others, wrong files."""

import os
from pathlib import Path

import pytest
from tests.unit.app.program import PASSPHRASE, Program

THEIRS = "ed25519:" + "ab" * 32


def _keys(book: Program) -> dict[str, dict[str, object]]:
    return {key["keyid"]: key for key in book.ok("key", "list")["keys"]}


def _statement_keys(book: Program) -> dict[str, object]:
    return {k: v["state"] for k, v in _keys(book).items() if v["purpose"] == "statement"}


def _files(book: Program) -> list[Path]:
    return sorted((book.folder / ".diptych" / "private" / "keys").iterdir())


def _who(book: Program, what: str) -> str:
    answers = {a["question"]: a["status"] for a in book.ok("verify", what)["answers"]}
    return str(answers["who"])


def test_a_new_workspace_has_one_key_per_purpose(book: Program) -> None:
    keys = _keys(book).values()
    assert sorted(str(key["purpose"]) for key in keys) == ["log", "private", "statement"]
    assert {str(key["state"]) for key in keys} == {"", "valid"}
    assert [path.stat().st_mode & 0o777 for path in _files(book)] == [0o600] * 3
    ran = book("key", "list")
    assert ran.out.splitlines()[0].split() == ["purpose", "state", "file", "key", "id"]
    assert ran.out.count(" locked ") == 3


def test_a_wrong_or_missing_passphrase_seals_nothing(book: Program) -> None:
    for passphrase, shown in (("wrong", "Key.WrongPassphrase"), ("", "Key.WrongPassphrase")):
        book.environ["DIPTYCH_KEYS__PASSPHRASE"] = passphrase
        error = book.refused("seal", "study", code=1)
        assert error["code"] == shown
        assert PASSPHRASE not in str(error)
    del book.environ["DIPTYCH_KEYS__PASSPHRASE"]
    error = book.refused("seal", "study", code=2)
    assert error["code"] == "Key.Locked"
    assert error["hint"] == "diptych key unlock, or export DIPTYCH_KEYS__PASSPHRASE"
    assert book.ok("log")["records"][0]["index"] == 0


def test_the_agent_holds_the_keys_until_it_is_locked(book: Program) -> None:
    ran = book("key", "unlock", "--for", "60")
    assert (ran.code, ran.out) == (0, "3 keys unlocked for 60 s\n")
    del book.environ["DIPTYCH_KEYS__PASSPHRASE"]
    book.ok("seal", "study")
    book.ok("seal", "study", "--private")
    assert book.ok("verify", "study")["index"] == 1
    assert {key["unlocked"] for key in _keys(book).values()} == {True}
    assert book("key", "lock").out == "locked\n"
    assert book("key", "lock").out == "no agent was running\n"
    assert book.refused("key", "rotate", code=2)["code"] == "Key.Locked"
    assert {key["unlocked"] for key in _keys(book).values()} == {False}


def test_unlocking_again_refreshes_and_takes_new_keys(book: Program) -> None:
    book.ok("key", "unlock")
    book.ok("key", "add")
    assert len(book.ok("key", "unlock")["keys"]) == 4
    del book.environ["DIPTYCH_KEYS__PASSPHRASE"]
    book.ok("seal", "study")
    book.ok("key", "lock")


def test_locking_and_unlocking_in_quick_turns(book: Program) -> None:
    for _ in range(4):
        assert book("key", "unlock").code == 0
        assert book("key", "lock").out == "locked\n"
        assert book("key", "lock").out == "no agent was running\n"


def test_unlocking_with_a_wrong_passphrase_starts_no_agent(book: Program) -> None:
    book.environ["DIPTYCH_KEYS__PASSPHRASE"] = "wrong"
    assert book.refused("key", "unlock", code=1)["code"] == "Key.WrongPassphrase"
    assert book("key", "lock").out == "no agent was running\n"


def test_the_passphrase_is_changed_at_a_terminal_only(book: Program) -> None:
    assert book.refused("key", "passphrase", code=2)["code"] == "Key.Locked"


@pytest.mark.parametrize("algorithm", ["ed25519", "secp256k1"])
def test_after_rotation_the_new_key_signs_and_old_seals_hold(book: Program, algorithm: str) -> None:
    book.ok("seal", "study/a.csv")
    book.ok("bundle", "study/a.csv", "-o", "old.diptych.json")
    book.ok("export", "policy", "before.toml")
    (old,) = _statement_keys(book)
    rotated = book.ok("key", "rotate", "--algorithm", algorithm)
    assert rotated["keyid"].startswith(f"{algorithm}:")
    assert _statement_keys(book) == {old: "ended", rotated["keyid"]: "valid"}

    book.ok("seal", "study/b.csv")
    assert book.ok("log", "study/b.csv")["signers"] == [rotated["keyid"]]
    assert (_who(book, "study/a.csv"), _who(book, "study/b.csv")) == ("proven", "proven")
    book.ok("bundle", "study/b.csv", "-o", "new.diptych.json")
    for bundle in ("old.diptych.json", "new.diptych.json"):
        answers = book.ok("verify", bundle, "--policy", "before.toml")["answers"]
        assert {a["question"]: a["status"] for a in answers}["who"] == "proven"


def test_a_revoked_key_signs_no_more(book: Program) -> None:
    book.ok("seal", "study/a.csv")
    (old,) = _statement_keys(book)
    new = book.ok("key", "add")["keyid"]
    assert book.ok("key", "revoke", old)["index"] == 3
    assert _statement_keys(book) == {old: "ended", new: "valid"}
    book.ok("seal", "study/b.csv")
    assert book.ok("log", "study/b.csv")["signers"] == [new]
    assert _who(book, "study/a.csv") == "proven"
    assert book.refused("key", "revoke", old, code=2)["code"] == "Key.BadRecord"
    assert book.refused("key", "add", old, code=2)["code"] == "Key.BadRecord"


def test_without_a_valid_key_nothing_is_signed_and_no_key_file_appears(book: Program) -> None:
    (only,) = _statement_keys(book)
    book.ok("key", "revoke", only)
    before = _files(book)
    for words in (("seal", "study"), ("key", "add"), ("key", "rotate"), ("key", "revoke", only)):
        assert book.refused(*words, code=2)["code"] == "Key.NotFound", words
    assert _files(book) == before
    assert book.ok("verify")["size"] == 2


def test_somebody_elses_key_is_recorded(book: Program) -> None:
    added = book.ok("key", "add", THEIRS)
    assert (added["keyid"], added["index"]) == (THEIRS, 1)
    assert _keys(book)[THEIRS]["stored"] is False
    assert THEIRS in book("key", "list").out
    assert " away " in book("key", "list").out
    assert book.refused("key", "add", THEIRS, code=2)["code"] == "Key.BadRecord"
    book.ok("seal", "study")
    book.ok("key", "revoke", THEIRS)
    assert _keys(book)[THEIRS]["state"] == "ended"


@pytest.mark.parametrize(
    "keyid", ["foo", "ed25519:", "ed25519:00", "rsa:" + "0" * 64, "secp256k1:" + "00" * 33]
)
def test_what_is_no_key_id_is_refused(book: Program, keyid: str) -> None:
    for verb in ("add", "revoke"):
        assert book.refused("key", verb, keyid, code=2)["code"] == "Key.BadRecord"
    assert book.ok("checkpoint")["size"] == 1


def test_a_key_that_others_can_read_is_refused(book: Program) -> None:
    path = _files(book)[0]
    path.chmod(0o644)
    shown = book.refused("seal", "study", code=3)
    assert (shown["code"], shown["hint"]) == ("Key.Exposed", f"chmod 600 {path}")
    path.chmod(0o600)
    path.parent.chmod(0o755)
    shown = book.refused("seal", "study", code=3)
    assert (shown["code"], shown["hint"]) == ("Key.Exposed", f"chmod 700 {path.parent}")
    os.chmod(path.parent, 0o700)
    book.ok("seal", "study")


def test_an_altered_key_file_does_not_open(book: Program) -> None:
    path = next(path for path in _files(book) if path.name.startswith("statement-"))
    raw = path.read_text()
    place = raw.index('"ciphertext":"') + len('"ciphertext":"')
    path.write_text(raw[:place] + ("B" if raw[place] == "A" else "A") + raw[place + 1 :])
    assert book.refused("seal", "study", code=1)["code"] == "Key.WrongPassphrase"
    path.write_text("{}")
    assert book.refused("seal", "study", code=1)["code"] == "Key.BadFile"
    assert book.ok("verify")["size"] == 1


def test_a_key_of_another_workspace_does_not_sign_here(book: Program, tmp_path: Path) -> None:
    other = Program(tmp_path / "other", book.environ, book.captured, book.patch)
    other.folder.mkdir()
    other.ok("init")
    for path in _files(book):
        path.unlink()
    for path in _files(other):
        target = book.folder / ".diptych" / "private" / "keys" / path.name
        target.write_bytes(path.read_bytes())
        target.chmod(0o600)
    assert book.refused("seal", "study", code=2)["code"] == "Log.WrongKey"
