"""`key identify`, `disown`, `binding-message`, `key list`: names in the program."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from tests.unit.app.program import PASSPHRASE, Program
from tests.unit.identity.makers import (
    Authority,
    claims,
    crl,
    did_document,
    ed25519,
    issue,
    issuer_key,
    p256,
    proven,
    public_of,
    subject,
)

import diptych
from diptych_verify.identity.public_key import key_of

NOW = datetime.now(tz=UTC).replace(microsecond=0)
VALID = (NOW - timedelta(days=1), NOW + timedelta(days=1))
DID = "did:web:hospital.example"


def _keyid(book: Program) -> str:
    keys = book.ok("key", "list")["keys"]
    return next(str(one["keyid"]) for one in keys if one["purpose"] == "statement")


def _who(book: Program, *words: str) -> dict[str, str]:
    answers = book.ok("verify", "study", *words)["answers"]
    return next(one for one in answers if one["question"] == "who")


def _authority() -> Authority:
    return issue(subject("Root R"), ed25519("Root R"), ca=True, valid=VALID)


def _bundled(book: Program, policy: str) -> dict[str, str]:
    (book.folder / "policy.toml").write_text(f'format = "diptych-policy/1"\n{policy}')
    book.ok("bundle", "study", "-o", "study.diptych.json")
    words = ("verify", "study.diptych.json", "--policy", "policy.toml")
    return next(one for one in book.ok(*words)["answers"] if one["question"] == "who")


def test_a_certificate_with_another_key_vouches_by_a_signature(book: Program) -> None:
    book.ok("seal", "study")
    message = book("key", "binding-message").out.encode()
    assert message == f"diptych-identity-binding/1\n{_keyid(book)}\n".encode()
    authority = _authority()
    leaf = issue(subject("Ann", "Hospital A"), p256("ann"), by=authority, valid=VALID)
    (book.folder / "chain.pem").write_text(leaf.pem)
    signature = p256("ann").sign(message, ec.ECDSA(hashes.SHA256()))
    (book.folder / "ann.sig").write_bytes(signature)
    made = book.ok("key", "identify", "--x509", "chain.pem", "--binding", "ann.sig")
    assert (made["name"], made["method"]) == ("Ann, Hospital A", "x509")
    assert 'says it is "Ann, Hospital A"' in _who(book)["text"]
    pinned = f'[[identity_roots]]\ncertificate = """{authority.pem}"""\n'
    answer = _bundled(book, pinned)
    assert (answer["status"], 'is "Ann, Hospital A"' in answer["text"]) == ("proven", True)
    names = {one["keyid"]: one["name"] for one in book.ok("key", "list")["keys"]}
    assert "says it is" in book("key", "list").out
    assert book.ok("log", str(made["index"]))["says_it_is"][_keyid(book)] == names[_keyid(book)]
    shown = book.ok("data", "lineage", "study")
    assert f"{_keyid(book)} says it is {names[_keyid(book)]}" in shown["notes"]
    assert names[_keyid(book)] == '"Ann, Hospital A"'
    other = issue(subject("Root S"), ed25519("Root S"), ca=True, valid=VALID)
    foreign = f'[[identity_roots]]\ncertificate = """{other.pem}"""\n'
    assert _bundled(book, foreign)["status"] == "self-asserted"


def test_a_wrong_binding_or_no_binding_is_refused_and_not_logged(book: Program) -> None:
    leaf = issue(subject("Ann"), p256("ann"), by=_authority(), valid=VALID)
    (book.folder / "chain.pem").write_text(leaf.pem)
    (book.folder / "bad.sig").write_bytes(p256("ann").sign(b"else", ec.ECDSA(hashes.SHA256())))
    for words in (("--x509", "chain.pem"), ("--x509", "chain.pem", "--binding", "bad.sig")):
        assert book.refused("key", "identify", *words, code=1)["code"] == "Verify.BadSignature"
    assert len(book.ok("log")["records"]) == 1


def test_a_revocation_list_is_carried_and_a_revoked_certificate_is_not_logged(
    book: Program,
) -> None:
    book.ok("seal", "study")
    authority = _authority()
    leaf = issue(subject("Ann"), public_of(_keyid(book)), by=authority, valid=VALID)
    (book.folder / "chain.pem").write_text(leaf.pem)
    (book.folder / "bad.crl").write_bytes(crl(authority, leaf, at=VALID[0], made=VALID))
    (book.folder / "good.crl").write_bytes(crl(authority, made=VALID))
    (book.folder / "both.pem").write_text(leaf.pem + authority.pem)
    words = ("key", "identify", "--x509")
    said = book.refused(*words, "both.pem", "--revocation-list", "bad.crl", code=1)
    assert said["code"] == "Verify.IdentityRevoked"
    web = ("key", "identify", "--did-web", DID, "--revocation-list", "good.crl")
    assert book.refused(*web, code=2)["code"] == "Identity.BadRequest"
    assert len(book.ok("log")["records"]) == 2
    made = book.ok(*words, "both.pem", "--revocation-list", "good.crl")
    assert "certificate not revoked as of" in made["basis"]
    pinned = f'[[identity_roots]]\ncertificate = """{authority.pem}"""\n'
    assert "certificate not revoked as of" in _bundled(book, pinned)["text"]
    pem = x509.load_der_x509_crl((book.folder / "bad.crl").read_bytes()).public_bytes(Encoding.PEM)
    listed = f'[[identity_crls]]\ncrl = """{pem.decode()}"""\n'
    (book.folder / "policy.toml").write_text(f'format = "diptych-policy/1"\n{pinned}{listed}')
    judged = book.refused("verify", "study.diptych.json", "--policy", "policy.toml", code=1)
    assert judged["code"] == "Verify.IdentityRevoked"


def _signed_by(book: Program, policy: str, *words: str) -> list[str]:
    (book.folder / "policy.toml").write_text(f'format = "diptych-policy/1"\n{policy}')
    shown = book.ok("data", "lineage", "study", "--policy", "policy.toml", *words)
    (node,) = [one for one in shown["nodes"] if one["signers"]]
    assert node["signers"] == [_keyid(book)]
    return list(node["signed_by"])


def test_a_lineage_names_signers_whom_the_policy_knows(book: Program) -> None:
    book.ok("seal", "study")
    authority = _authority()
    leaf = issue(subject("Ann", "Hospital A"), public_of(_keyid(book)), by=authority, valid=VALID)
    (book.folder / "chain.pem").write_text(leaf.pem)
    before = book.ok("log")["records"][0]["index"] + 1
    made = book.ok("key", "identify", "--x509", "chain.pem")
    pinned = f'[[identity_roots]]\ncertificate = """{authority.pem}"""\n'
    (name,) = _signed_by(book, pinned)
    assert name.startswith('"Ann, Hospital A" (X.509, chain to root "Root R"')
    assert "valid at the claimed time, certificate revocation not checked" in name
    page = ("--format", "html", "-o", "study.html")
    _signed_by(book, pinned, *page)
    assert "Ann, Hospital A" in (book.folder / "study.html").read_text()
    key = [_keyid(book)]
    other = issue(subject("Root S"), ed25519("Root S"), ca=True, valid=VALID)
    assert _signed_by(book, f'[[identity_roots]]\ncertificate = """{other.pem}"""\n') == key
    assert _signed_by(book, "") == key
    assert _signed_by(book, pinned, "--as-of", str(before)) == key
    revoked = crl(authority, leaf, at=VALID[0], made=VALID)
    pem = x509.load_der_x509_crl(revoked).public_bytes(Encoding.PEM).decode()
    assert _signed_by(book, f'{pinned}[[identity_crls]]\ncrl = """{pem}"""\n') == key
    book.ok("key", "disown", str(made["index"]), "--reason", "left")
    assert _signed_by(book, pinned) == key


def test_a_lineage_names_nobody_before_their_certificate_held(book: Program) -> None:
    book.ok("seal", "study")
    authority = _authority()
    later = (NOW + timedelta(hours=1), NOW + timedelta(hours=2))
    leaf = issue(subject("Ann"), public_of(_keyid(book)), by=authority, valid=later)
    (book.folder / "chain.pem").write_text(leaf.pem)
    book.ok("key", "identify", "--x509", "chain.pem")
    pinned = f'[[identity_roots]]\ncertificate = """{authority.pem}"""\n'
    assert _signed_by(book, pinned) == [_keyid(book)]


def test_a_did_document_names_the_key_or_is_refused(book: Program) -> None:
    book.ok("seal", "study")
    key = key_of(_keyid(book))
    (book.folder / "did.json").write_bytes(did_document(DID, key))
    words = ("key", "identify", "--did-web", DID, "--document", "did.json")
    assert book.ok(*words)["name"] == "hospital.example"
    pinned = f'[[identities]]\ndid = "{DID}"\nkey = "{key.multikey}"\nname = "Hospital A"\n'
    assert 'is "Hospital A" (did:web:hospital' in _bundled(book, pinned)["text"]
    other = issuer_key(ed25519("else"))
    (book.folder / "did.json").write_bytes(did_document(DID, other))
    assert book.refused(*words, code=1)["code"] == "Verify.IdentityMismatch"
    (book.folder / "did.json").write_bytes(did_document("did:web:other.example", key))
    assert book.refused(*words, code=1)["code"] == "Verify.Malformed"


def test_an_identity_is_taken_back(book: Program) -> None:
    book.ok("seal", "study")
    issuer = ed25519("ministry")
    did = issuer_key(issuer)
    dates = {"validFrom": VALID[0].isoformat(), "validUntil": VALID[1].isoformat()}
    credential = claims(did.did, key_of(_keyid(book)).did, **dates)
    raw = proven(credential, issuer, f"{did.did}#{did.multikey}")
    (book.folder / "vc.json").write_bytes(raw)
    made = book.ok("key", "identify", "--credential", "vc.json")
    pinned = f'[[identities]]\ndid = "{did.did}"\n'
    assert _bundled(book, pinned)["status"] == "proven"
    book.ok("key", "disown", str(made["index"]), "--reason", "left")
    answer = _bundled(book, pinned)
    assert (answer["status"], "revoked at index" in answer["text"]) == ("self-asserted", True)
    assert {one["name"] for one in book.ok("key", "list")["keys"]} == {""}
    assert book.refused("key", "disown", str(made["index"]), code=2)["code"] == (
        "Identity.BadRequest"
    )


def test_a_rotated_key_has_no_name(book: Program) -> None:
    key = key_of(_keyid(book))
    (book.folder / "did.json").write_bytes(did_document(DID, key))
    book.ok("key", "identify", "--did-web", DID, "--document", "did.json")
    book.ok("key", "rotate")
    book.ok("seal", "study")
    assert "which" not in _who(book)["text"]
    error = book.refused(
        "key",
        *("identify", f"{key.kind}:{key.raw.hex()}"),
        *("--did-web", DID, "--document", "did.json"),
        code=2,
    )
    assert error["code"] == "Key.NotFound"


@pytest.mark.parametrize(
    "words",
    [(), ("--did-web", DID), ("--did-web", DID, "--credential", "x"), ("--credential", "x")],
)
def test_half_an_identity_is_no_identity(book: Program, words: tuple[str, ...]) -> None:
    assert book.refused("key", "identify", *words, code=2)["code"] == "Identity.BadRequest"


def test_identify_from_python(book: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (book.environ | {"DIPTYCH_KEYS__PASSPHRASE": PASSPHRASE}).items():
        monkeypatch.setenv(name, value)
    authority = _authority()
    leaf = issue(subject("Ann"), public_of(_keyid(book)), by=authority, valid=VALID)
    (book.folder / "chain.pem").write_text(leaf.pem)
    with diptych.open(book.folder) as opened:
        made = opened.identify(x509=Path("chain.pem"))
    assert (made.name, json.dumps(made.to_json()) != "") == ("Ann", True)
