"""`checkpoint`: print it, have it cosigned, have it time-stamped, and what that proves."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.golden.evidence import authority, pem, token_for
from tests.golden.world import START_S
from tests.unit.app.program import Program
from tests.unit.log.signing import SeededWitness

WITNESS = SeededWitness()
POLICY = "policy.toml"


def _answers(book: Program, *words: str) -> dict[str, str]:
    answers: list[dict[str, Any]] = book.ok("verify", *words)["answers"]
    return {answer["question"]: answer["status"] for answer in answers}


def _body(book: Program) -> bytes:
    note: str = book.ok("checkpoint")["checkpoint"]
    return note.partition("\n\n")[0].encode() + b"\n"


def _trust(book: Program, text: str) -> None:
    """Export the policy and add to it."""
    book.ok("export", "policy", POLICY)
    path = book.folder / POLICY
    path.write_text(f"{path.read_text()}\n{text}\n")


def test_the_checkpoint_is_a_signed_note_of_this_log(book: Program) -> None:
    shown = book.ok("checkpoint")
    ran = book("checkpoint")
    assert ran.out == shown["checkpoint"]
    origin, size, _, blank, line = ran.out.splitlines()
    assert (size, blank) == ("1", "")
    assert line.startswith(f"— {origin} ")
    assert shown["key"].startswith(f"{origin}+")


def test_a_witness_bounds_the_time_for_who_trusts_it(book: Program) -> None:
    book.ok("seal", "study")
    cosigned = book.folder / "cosigned"
    cosigned.write_text(WITNESS.cosign(book.ok("checkpoint")["checkpoint"]))
    ran = book("checkpoint", "--cosigned", "cosigned", "--witness", str(WITNESS.key))
    assert (ran.code, ran.out) == (
        0,
        "witness witness.example saw this log at 2023-11-14T22:13:20Z\n",
    )
    assert book("checkpoint").out.count("\n— ") == 2

    book.ok("bundle", "study")
    _trust(book, f'[[witnesses]]\nkey = "{WITNESS.key}"')
    assert _answers(book, "study.diptych.json", "study", "--policy", POLICY)["when"] == "proven"
    other = SeededWitness(seed=8, name="other.example")
    _trust(book, f'[[witnesses]]\nkey = "{other.key}"')
    shown = book.refused("verify", "study.diptych.json", "--policy", POLICY, code=1)
    assert shown["code"] == "Verify.UntrustedKey"


def test_a_time_stamp_bounds_the_time_for_who_pins_the_authority(book: Program) -> None:
    book.ok("seal", "study")
    request = book.ok("checkpoint", "--timestamp-request")["file"]
    assert Path(request).name == "2.tsq"
    (book.folder / "answer").write_bytes(token_for(_body(book)))
    book.ok("seal", "study/a.csv")
    ran = book("checkpoint", "--timestamp", "answer")
    assert ran.code == 0
    assert ran.out.startswith(
        "an authority that the token does not name stamped the log of 2 records at 20"
    )

    book.ok("bundle", "study")
    assert len(json.loads((book.folder / "study.diptych.json").read_bytes())["timestamps"]) == 1
    _trust(book, f"[[timestamp_authorities]]\ncertificate = '''{pem(authority()[1])}'''")
    assert _answers(book, "study.diptych.json", "study", "--policy", POLICY)["when"] == "proven"
    _trust(book, f"[[timestamp_authorities]]\ncertificate = '''{pem(authority('other')[1])}'''")
    shown = book.refused("verify", "study.diptych.json", "--policy", POLICY, code=1)
    assert shown["code"] == "Verify.UntrustedKey"
    book.ok("bundle", "study/a.csv")  # logged after the stamp, which says nothing about it
    raw = json.loads((book.folder / "a.csv.diptych.json").read_bytes())
    assert "timestamps" not in raw


@pytest.mark.parametrize("answer", [b"", b"\x30\x00", b"not DER", bytes(70_000)])
def test_what_is_no_time_stamp_is_refused(book: Program, answer: bytes) -> None:
    (book.folder / "answer").write_bytes(answer)
    assert book.refused("checkpoint", "--timestamp", "answer", code=1)["code"].startswith("Verify.")


def test_a_time_stamp_of_something_else_is_refused(book: Program) -> None:
    (book.folder / "answer").write_bytes(token_for(b"something else\n", time_s=START_S))
    shown = book.refused("checkpoint", "--timestamp", "answer", code=2)
    assert shown["hint"].startswith("diptych checkpoint --timestamp-request")
    assert not list((book.folder / ".diptych").glob("timestamps/*.tst"))


OPENSSL = shutil.which("openssl")
_CONFIG = """
[tsa]
serial = {folder}/serial
certs = {folder}/tsa.pem
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
[req]
distinguished_name = name
[name]
[ext]
extendedKeyUsage = critical,timeStamping
"""


@pytest.mark.skipif(
    OPENSSL is None, reason="needs the openssl program; its answer is a fixture too"
)
def test_openssl_answers_our_request(book: Program, tmp_path: Path) -> None:
    (tmp_path / "serial").write_text("01\n")
    config = tmp_path / "openssl.cnf"
    config.write_text(_CONFIG.format(folder=tmp_path))

    def openssl(*words: str) -> None:
        subprocess.run([str(OPENSSL), *words], cwd=tmp_path, capture_output=True, check=True)

    openssl(
        *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=test TSA", "-days", "2"),
        *("-config", str(config), "-extensions", "ext", "-keyout", "tsa.key", "-out", "tsa.pem"),
    )
    book.ok("seal", "study")
    request = book.ok("checkpoint", "--timestamp-request")["file"]
    answer = str(tmp_path / "answer")
    openssl(
        *("ts", "-reply", "-config", str(config), "-section", "tsa"),
        *("-queryfile", request, "-out", answer),
    )
    assert book.ok("checkpoint", "--timestamp", answer)["authority"] == "CN=test TSA"
    book.ok("bundle", "study")
    certificate = (tmp_path / "tsa.pem").read_text()
    _trust(book, f"[[timestamp_authorities]]\ncertificate = '''{certificate}'''")
    assert _answers(book, "study.diptych.json", "study", "--policy", POLICY)["when"] == "proven"
