"""`diptych data share`, `receive` and `accesses`, between an owner and a recipient."""

import os
import re
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from coincurve import PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from tests.unit.app.program import Program

AGE = "age"
ECIES = "ecies"


@dataclass
class People:
    """An owner with a public, a private and a tabular data set; a recipient with two keys."""

    owner: Program
    reader: Program
    keys: dict[str, str]

    def share(self, what: str, *words: str, to: str = AGE, name: str = "out.share") -> Any:
        """Share with the recipient's key of a kind and carry the file over."""
        words = ("data", "share", what, "--to", self.keys[to], *words, "-o", name)
        done = self.owner.ok(*words)
        os.replace(self.owner.folder / name, self.reader.folder / name)
        return done

    def open_words(self, *words: str, key: str = AGE, name: str = "out.share") -> tuple[str, ...]:
        """Return the command that opens a share."""
        fixed = ("--to", "got", "--identity", f"{key}.key", "--policy", "policy.toml")
        return ("data", "receive", name, *fixed, *words)


@pytest.fixture
def people(book: Program, tmp_path: Path) -> People:
    folder = tmp_path / "reader"
    folder.mkdir()
    reader = Program(folder, book.environ, book.captured, book.patch)
    reader.ok("init")
    made = reader.ok("data", "identity", "-o", "age.key")
    private = PrivateKey.from_hex("5f" * 32)
    (folder / "ecies.key").write_text(f"0x{private.to_hex()}\n")
    keys = {AGE: made["recipient"], ECIES: "0x" + private.public_key.format().hex()}
    book.ok("data", "add", "study", "--name", "study", "--store")
    book.ok("data", "license", "set", "study", "CC-BY-4.0", "--own")
    book.ok("export", "policy", str(folder / "policy.toml"))
    return People(book, reader, keys)


@pytest.mark.parametrize("kind", [AGE, ECIES])
def test_recipient_gets_verified_files(people: People, kind: str) -> None:
    done = people.share("study", "--until", "2999-01-01", "--purpose", "a review", to=kind)
    got = people.reader.ok(*people.open_words(key=kind))
    folder = people.reader.folder / "got"
    assert (folder / "data" / "a.csv").read_text() == "1,2\n"
    assert (folder / "data" / "b.csv").read_text() == "3,4\n"
    assert (folder / "licence.json").exists()
    assert got["files"] == 2
    assert got["until"] == "2999-01-01T00:00:00Z"
    ran = people.reader("verify", "got/data.diptych.json", "got/data", "--policy", "policy.toml")
    assert ran.code == 0, ran
    shared = people.owner.ok("log")["records"][0]
    assert shared["kind"] == "share"
    assert people.keys[kind] not in str(shared)
    assert done["recipients"][0].startswith("hmac:")


def test_fingerprints_of_one_recipient_differ_from_share_to_share(people: People) -> None:
    one, two = people.share("study"), people.share("study", name="two.share")
    assert one["recipients"] != two["recipients"]


def test_identity_file_is_for_its_owner_only(people: People) -> None:
    path = people.reader.folder / "age.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    error = people.reader.refused("data", "identity", "-o", "age.key", code=2)
    assert error["code"] == "Share.IdentityExists"


def test_wrong_recipient_opens_nothing(people: People) -> None:
    people.share("study", to=ECIES)
    error = people.reader.refused(*people.open_words(), code=1)
    assert error["code"] == "Share.NotForUs"
    (people.reader.folder / "ecies.key").write_text("11" * 32)
    error = people.reader.refused(*people.open_words(key=ECIES), code=1)
    assert error["code"] == "Share.NotForUs"
    assert not (people.reader.folder / "got").exists()


@pytest.mark.parametrize("cut", [1, 17, 400, 2000])
def test_cut_off_share_is_refused(people: People, cut: int) -> None:
    people.share("study")
    path = people.reader.folder / "out.share"
    path.write_bytes(path.read_bytes()[:-cut])
    error = people.reader.refused(*people.open_words(), code=1)
    assert error["code"] == "Share.Damaged"
    assert sorted(p.name for p in people.reader.folder.iterdir() if "got" in p.name) == []


def test_altered_share_is_refused_wherever_it_was_altered(people: People) -> None:
    people.share("study")
    path = people.reader.folder / "out.share"
    raw = path.read_bytes()
    for at in range(0, len(raw), max(1, len(raw) // 24)):
        altered = bytearray(raw)
        altered[at] ^= 1
        path.write_bytes(altered)
        error = people.reader.refused(*people.open_words(), code=1)
        assert error["code"] in {"Share.Damaged", "Share.NotForUs", "Verify.Malformed"}, at
    assert not [p for p in people.reader.folder.iterdir() if p.name.endswith(".tmp")]


def test_expired_share_is_refused(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    people.share("study", "--until", "2998-01-01")
    from diptych.app.workspace import Workspace

    real = Workspace.__init__

    def later(self: Workspace, *args: Any, **kwargs: Any) -> None:
        real(self, *args, **kwargs)
        self.clock = lambda: 32_503_680_000.0

    monkeypatch.setattr(Workspace, "__init__", later)
    error = people.reader.refused(*people.open_words(), code=1)
    assert error["code"] == "Share.Expired"
    assert not (people.reader.folder / "got").exists()


def test_revoked_share_is_refused_where_the_log_is_at_hand(people: People) -> None:
    done = people.share("study")
    target = str(people.reader.folder / "log")
    people.owner.ok("export", "tiles", target)
    got = people.reader.ok(*people.open_words("--log", "log"))
    assert got["log_size"] == people.owner.ok("log", "--limit", "1")["records"][0]["index"] + 1
    people.owner.ok("data", "revoke", done["record"], "--reason", "ended")
    people.owner.ok("export", "tiles", target)
    (people.reader.folder / "got").rename(people.reader.folder / "before")
    error = people.reader.refused(*people.open_words("--log", "log"), code=1)
    assert error["code"] == "Share.Revoked"
    assert not (people.reader.folder / "got").exists()


def test_share_of_a_stranger_is_refused(people: People, tmp_path: Path) -> None:
    people.share("study")
    text = (people.reader.folder / "policy.toml").read_text()
    other = re.sub(r"ed25519:[0-9a-f]{64}", "ed25519:" + "ab" * 32, text)
    (people.reader.folder / "policy.toml").write_text(other)
    assert people.reader.refused(*people.open_words(), code=1)["code"] == "Verify.UntrustedKey"
    assert not (people.reader.folder / "got").exists()
    error = people.reader.refused(*people.open_words()[:-2], code=2)
    assert error["code"] == "Share.NeedsPolicy"


def test_nothing_is_written_over(people: People) -> None:
    people.share("study")
    (people.reader.folder / "got").mkdir()
    error = people.reader.refused(*people.open_words(), code=2)
    assert error["code"] == "Share.TargetExists"


def test_private_folder_is_shared_with_all_its_proofs(people: People) -> None:
    owner = people.owner
    secret = owner.folder / "secret"
    secret.mkdir()
    (secret / "p.csv").write_text("who,what\nA,1\n")
    (secret / "q.csv").write_text("")
    (secret / "a").mkdir()
    (secret / "a" / "x").write_text("below")
    (secret / "a.b").write_text("beside")
    owner.ok("data", "add", "secret", "--name", "secret", "--private", "--store")
    people.share("data/secret", "--licence", "CC-BY-4.0")
    people.reader.ok(*people.open_words())
    got = people.reader.folder / "got" / "data"
    assert (got / "p.csv").read_text() == "who,what\nA,1\n"
    assert (got / "q.csv").read_text() == ""
    assert ((got / "a" / "x").read_text(), (got / "a.b").read_text()) == ("below", "beside")
    log = (owner.folder / ".diptych" / "log.sqlite").read_bytes()
    assert b"p.csv" not in log


def test_rows_of_one_subject_are_shared_and_no_other(people: People) -> None:
    owner = people.owner
    (owner.folder / "t.csv").write_text("id,weight\nS1,70\nS2,80\nS1,71\n")
    owner.ok("data", "add-table", "t.csv", "--subject", "id", "--name", "t")
    words = ("--licence", "CC-BY-4.0", "--subject", "S1", "--column", "weight")
    people.share("data/t", *words)
    people.reader.ok(*people.open_words())
    rows = (people.reader.folder / "got" / "data" / "rows.json").read_text()
    assert "70" in rows
    assert "71" in rows
    assert "80" not in rows
    error = owner.refused(
        *("data", "share", "data/t", "--to", people.keys[AGE], "--licence", "CC-BY-4.0"),
        *("--subject", "S9", "-o", "x.share"),
        code=2,
    )
    assert error["code"] == "Private.NoSuchField"


def test_changed_file_is_not_shared_and_its_share_is_revoked(people: People) -> None:
    owner = people.owner
    owner.ok("data", "add", "study", "--name", "other")
    for name in ("objects",):
        for path in (owner.folder / ".diptych" / name).rglob("*"):
            if path.is_file() and path.read_bytes() == b"1,2\n":
                path.unlink()
    (owner.folder / "study" / "a.csv").write_text("1,9\n")
    words = ("data", "share", "study@1", "--to", people.keys[AGE], "-o", "x.share")
    assert owner.refused(*words, code=1)["code"] == "Verify.DigestMismatch"
    assert not (owner.folder / "x.share").exists()
    assert [one["kind"] for one in owner.ok("log")["records"][:2]] == ["revocation", "share"]


def test_no_terms_no_share(people: People) -> None:
    people.owner.ok("data", "add", "study/a.csv", "--name", "bare")
    words = ("data", "share", "bare", "--to", people.keys[AGE], "-o", "x.share")
    assert people.owner.refused(*words, code=2)["code"] == "Licence.Missing"


def test_damaged_list_of_recipients_is_not_written_over(people: People) -> None:
    known = people.owner.folder / ".diptych" / "private" / "shares.json"
    known.write_bytes(b"{")
    words = ("data", "share", "study", "--to", people.keys[AGE], "-o", "x.share")
    assert people.owner.refused(*words, code=3)["code"] == "Environment.DamagedRegister"
    assert known.read_bytes() == b"{"
    assert not (people.owner.folder / "x.share").exists()


@pytest.mark.parametrize(
    "recipient", ["age1nonsense", "bob@example.org", "0x" + "ab" * 20, "02" + "ff" * 32, "ssh-x y"]
)
def test_bad_recipients_are_refused(people: People, recipient: str) -> None:
    words = ("data", "share", "study", "--to", recipient, "-o", "x.share")
    assert people.owner.refused(*words, code=2)["code"] == "Share.BadRecipient"


def test_ssh_keys_are_recipients_too(people: People) -> None:
    made = Ed25519PrivateKey.generate()
    coding = (Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    (people.reader.folder / "ssh.key").write_bytes(made.private_bytes(*coding))
    public = made.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    people.keys["ssh"] = f"{public} somebody@somewhere"
    people.share("study", to="ssh")
    assert people.reader.ok(*people.open_words(key="ssh"))["files"] == 2
    known = (people.owner.folder / ".diptych" / "private" / "shares.json").read_text()
    assert "somebody" not in known


def test_data_received_under_strict_terms_is_not_handed_on(people: People) -> None:
    owner = people.owner
    (owner.folder / "theirs.csv").write_text("5\n")
    owner.ok("data", "add", "theirs.csv", "--name", "theirs", "--store")
    owner.ok("data", "license", "set", "theirs", "research", "--received")
    words = ("data", "share", "theirs", "--to", people.keys[AGE], "-o", "x.share")
    assert owner.refused(*words, code=1)["code"] == "Share.NotAllowed"
    owner.ok("data", "license", "set", "theirs", "CC-BY-SA-4.0", "--received")
    assert owner.refused(*words, "--licence", "MIT", code=1)["code"] == "Licence.Conflict"
    owner.ok(*words)


def test_a_derivative_is_shared_under_its_ancestors_terms(people: People) -> None:
    owner = people.owner
    for name in ("theirs", "ours"):
        (owner.folder / f"{name}.csv").write_text(f"{name}\n")
    owner.ok("data", "add", "theirs.csv")
    added = ("data", "add", "ours.csv", "--from", "theirs", "--store")
    owner.ok(*added)
    owner.ok("data", "license", "set", "theirs", "CC-BY-SA-4.0")
    words = ("data", "share", "ours", "--to", people.keys[AGE], "-o", "x.share")
    refused = owner.refused(*words, "--licence", "MIT", code=1)
    assert (refused["code"], "'theirs" in refused["message"]) == ("Licence.Conflict", True)
    owner.ok(*words, "--licence", "CC-BY-SA-4.0")


def test_access_after_the_revocation_is_late(people: People) -> None:
    done = people.share("study")
    people.owner.ok("data", "revoke", done["record"], "--reason", "ended")
    people.reader.ok(*people.open_words())
    receipt = str(people.reader.folder / "got" / "receipt.json")
    assert people.owner.ok("data", "accesses", "add", receipt)["late"] is True
    assert people.owner.ok("data", "accesses", "add", receipt)["late"] is True
    listed = people.owner.ok("data", "accesses", "list")["accesses"]
    assert [one["state"] for one in listed] == ["revoked", "late"]


def test_missing_extra_is_named(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyrage", None)
    words = ("data", "share", "study", "--to", people.keys[AGE], "-o", "x.share")
    error = people.owner.refused(*words, code=3)
    assert (error["code"], error["hint"]) == (
        "Share.NeedsExtra",
        "pip install 'diptych[share]'",
    )


def test_access_is_logged_once_and_only_from_a_recipient(people: People) -> None:
    people.share("study")
    people.reader.ok(*people.open_words())
    receipt = people.reader.folder / "got" / "receipt.json"
    done = people.owner.ok("data", "accesses", "add", str(receipt))
    assert (done["new"], done["late"]) == (True, False)
    assert people.owner.ok("data", "accesses", "add", str(receipt))["new"] is False
    listed = people.owner.ok("data", "accesses", "list")["accesses"]
    kinds = [(one["kind"], one["state"]) for one in listed]
    assert kinds == [("share", "open"), ("access", "")]
    raw = receipt.read_bytes()
    receipt.write_bytes(raw.replace(b'"sig":"', b'"sig":"A', 1))
    people.owner.refused("data", "accesses", "add", str(receipt), code=1)


def test_receipt_of_one_who_did_not_open_it_is_refused(people: People) -> None:
    people.share("study")
    people.reader.ok(*people.open_words())
    raw = (people.reader.folder / "got" / "receipt.json").read_bytes()
    forged = _signed_by_owner(people.owner, raw)
    (people.owner.folder / "forged.json").write_bytes(forged)
    error = people.owner.refused("data", "accesses", "add", "forged.json", code=1)
    assert error["code"] == "Share.WrongReceipt"


def _signed_by_owner(owner: Program, raw: bytes) -> bytes:
    """Another key signs the statement of a real receipt."""
    import diptych
    from diptych.app.verbs.signing import current_signer
    from diptych.core.secret import Secret
    from diptych.provenance.statement import sign_payloads
    from diptych_verify.dsse import parse_envelope

    book = diptych.open(owner.folder, prompt=lambda _: Secret("correct horse"))
    with book.read_log() as log:
        return sign_payloads([parse_envelope(raw).payload], current_signer(book, log))[0]


def test_parts_of_two_shares_do_not_make_one(people: People) -> None:
    """A recipient who may open both swaps the proofs; the file is well made, but proves nothing."""
    from diptych.provenance.sharing import open_share, parse_recipient, read_identity, write_share

    owner, folder = people.owner, people.reader.folder
    people.share("study", name="one.share")
    (owner.folder / "other.csv").write_text("9\n")
    owner.ok("data", "add", "other.csv", "--name", "other", "--store")
    people.share("data/other", "--licence", "MIT", name="two.share")
    identity = read_identity((folder / "age.key").read_bytes())
    with (folder / "one.share").open("rb") as one, (folder / "two.share").open("rb") as two:
        first, second = open_share(one, identity), open_share(two, identity)
    keyed = [(parse_recipient(people.keys[AGE]), first.token)]
    with (folder / "out.share").open("wb") as target:
        write_share(target, keyed, (first.share, second.subject), [b"9\n"])
    assert people.reader.refused(*people.open_words(), code=1)["code"] == "Share.Mismatch"
    (folder / "out.share").unlink()
    with (folder / "out.share").open("wb") as target:
        write_share(target, keyed, (second.share, second.subject), [b"9\n"])
    assert people.reader.refused(*people.open_words(), code=1)["code"] == "Share.Mismatch"
    (folder / "out.share").unlink()
    with (folder / "out.share").open("wb") as target:
        write_share(target, keyed, (first.share, first.subject), [b"1,2\n", b"3,5\n"])
    assert people.reader.refused(*people.open_words(), code=1)["code"] == "Verify.DigestMismatch"
    assert not (folder / "got").exists()
    assert not [path for path in folder.iterdir() if path.name.endswith(".tmp")]
