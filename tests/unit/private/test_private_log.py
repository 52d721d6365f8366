"""A private seal in the log: no file of the workspace lets anybody confirm a guess."""

import base64
import hashlib
import json
from pathlib import Path

import pytest
from tests.unit.log.signing import SeededSigner

from diptych.provenance.keys.signer import Ed25519Signer
from diptych.provenance.log import Log
from diptych.provenance.objects import LocalObjects
from diptych.provenance.private import PrivateOptions, PrivateStore, erase_private, seal_private
from diptych.provenance.private.seal import PrivateSeal
from diptych.provenance.statement import Draft, Edge, Subject, sign_statements

CONTENT = b"123456789;C50.9\n"
NAME = "patient-number-of-somebody.csv"


def record(log: Log, draft: Draft) -> None:
    (envelope,) = sign_statements([draft], Ed25519Signer(bytes(32)))
    with log.writer() as writer:
        writer.append([envelope])


def seal_and_log(home: Path, log: Log, objects: LocalObjects, private: PrivateStore) -> PrivateSeal:
    folder = home.parent / "data"
    folder.mkdir()
    (folder / NAME).write_bytes(CONTENT)
    (folder / "other").write_bytes(b"")
    made = seal_private(folder, objects, private, options=PrivateOptions(keep_payload=True))
    subjects = (Subject("private", made.subject_digest()),)
    record(log, Draft("private", subjects, 0.0, (), {"private": made.predicate()}))
    return made


@pytest.mark.parametrize("erase", [False, True])
def test_no_file_of_the_workspace_confirms_a_guess(tmp_path: Path, erase: bool) -> None:
    home = tmp_path / ".diptych"
    home.mkdir()
    objects = LocalObjects(home / "objects")
    private = PrivateStore(home / "private", bytes(range(32)))
    with Log.create(home / "log.sqlite", SeededSigner()) as log:
        made = seal_and_log(home, log, objects, private)
        if erase:
            erase_private(made.root, objects, private)
            edges = (Edge("erased", extra={"leaf": 0}),)
            record(log, Draft("erased", (Subject("erased", made.subject_digest()),), 0.0, edges))
        assert log.size == 1 + erase
        envelopes = [json.loads(log.entry(index)) for index in range(log.size)]
    statements = b"".join(base64.b64decode(envelope["payload"]) for envelope in envelopes)
    assert made.root.hex().encode() in statements

    digest = hashlib.sha256(CONTENT).digest()
    guesses = [
        CONTENT, NAME.encode(), digest, digest.hex().encode(), base64.b64encode(digest),
        f'"{NAME}",{len(CONTENT)}'.encode(), base64.b64encode(NAME.encode())[:-4],
    ]  # fmt: skip
    for guess in guesses:
        assert guess not in statements
    for file in home.rglob("*"):
        text = str(file).encode() + (file.read_bytes() if file.is_file() else b"")
        for guess in guesses:
            assert guess not in text, (file, guess)
    assert bool(list((home / "objects").glob("??/*"))) is not erase
