"""Key records: what the log says about its keys is what every verifier will conclude."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from diptych.provenance.keys.errors import BadKeyRecord
from diptych.provenance.keys.log_signer import LogSigner
from diptych.provenance.keys.records import (
    append_key_record,
    begin_log,
    key_draft,
    key_history,
    key_records,
    keys_of_holder,
)
from diptych.provenance.keys.signer import Ed25519Signer, Secp256k1Signer
from diptych.provenance.log import Log
from diptych.provenance.statement import Draft, Subject, sign_statements
from diptych_verify.errors import UntrustedKey

FIRST, SECOND = Ed25519Signer(b"\x01" * 32), Secp256k1Signer(b"\x02" * 32)
THIRD = Ed25519Signer(b"\x03" * 32)
DATA = Draft("note", (Subject("x", {"sha256": "ab" * 32}),), 0.0)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    signer = LogSigner("diptych.log/" + "0" * 32, b"\x09" * 32)
    with Log.create(tmp_path / "log.sqlite", signer) as made:
        with made.writer() as writer:
            begin_log(writer, FIRST, time_s=0)
        yield made


def append(log: Log, draft: Draft, signer: Ed25519Signer | Secp256k1Signer) -> int:
    with log.writer() as writer:
        return append_key_record(log, writer, draft, signer)


def test_first_entry_adds_the_key_that_signs_it(log: Log) -> None:
    (record,) = key_records(log)
    assert (record.index, record.claim.action, record.claim.keyid) == (0, "add", FIRST.keyid)
    assert record.signers == (FIRST.keyid,)
    key_history(log).require(FIRST.keyid, log.size)
    with pytest.raises(UntrustedKey):
        key_history(log).require(SECOND.keyid, log.size)
    with pytest.raises(BadKeyRecord), log.writer() as writer:
        begin_log(writer, SECOND, time_s=0)


def test_rotation_and_revocation_are_judged_at_their_index(log: Log) -> None:
    draft = key_draft("rotate", SECOND.keyid, time_s=1, replaces=FIRST.keyid)
    assert append(log, draft, FIRST) == 1
    with log.writer() as writer:
        writer.append(sign_statements([DATA] * 3, SECOND))
    assert append(log, key_draft("add", THIRD.keyid, time_s=2), SECOND) == 5
    assert append(log, key_draft("revoke", SECOND.keyid, time_s=3), THIRD) == 6
    history = key_history(log)
    valid = {
        key.keyid: [index for index in range(1, 9) if history.is_valid(key.keyid, index)]
        for key in (FIRST, SECOND, THIRD)
    }
    assert valid == {
        FIRST.keyid: [1],
        SECOND.keyid: [2, 3, 4, 5, 6],
        THIRD.keyid: [6, 7, 8],
    }


def test_only_a_key_itself_hands_on_what_is_its(log: Log) -> None:
    fourth = Ed25519Signer(b"\x04" * 32)
    append(log, key_draft("rotate", SECOND.keyid, time_s=1, replaces=FIRST.keyid), FIRST)
    append(log, key_draft("add", THIRD.keyid, time_s=2), SECOND)
    assert keys_of_holder(log, THIRD.keyid) == {THIRD.keyid}
    # The third key may end the second, but what takes its place then is nobody's heir.
    append(log, key_draft("rotate", fourth.keyid, time_s=3, replaces=SECOND.keyid), THIRD)
    for one in (FIRST, SECOND):
        assert keys_of_holder(log, one.keyid) == {FIRST.keyid, SECOND.keyid}
    assert keys_of_holder(log, fourth.keyid) == {fourth.keyid}


def test_records_no_verifier_accepts_are_refused_before_they_are_logged(log: Log) -> None:
    append(log, key_draft("rotate", SECOND.keyid, time_s=1, replaces=FIRST.keyid), FIRST)
    for draft, signer in (
        (key_draft("add", THIRD.keyid, time_s=2), FIRST),  # rotated away
        (key_draft("add", THIRD.keyid, time_s=2), THIRD),  # never added
        (key_draft("add", FIRST.keyid, time_s=2), SECOND),  # comes back
        (key_draft("rotate", THIRD.keyid, time_s=2, replaces=FIRST.keyid), SECOND),
        (key_draft("revoke", THIRD.keyid, time_s=2), SECOND),  # never added
        (key_draft("revoke", FIRST.keyid, time_s=2), SECOND),  # ended already
        (DATA, SECOND),
    ):
        with pytest.raises(BadKeyRecord):
            append(log, draft, signer)
    assert log.size == 2


def test_a_key_may_revoke_itself(log: Log) -> None:
    append(log, key_draft("revoke", FIRST.keyid, time_s=1), FIRST)
    with pytest.raises(UntrustedKey, match="revoked or replaced at index 1"):
        key_history(log).require(FIRST.keyid, log.size)


@pytest.mark.parametrize(
    ("action", "keyid", "replaces"),
    [
        ("add", "ed25519:xyz", ""),
        ("add", FIRST.keyid, SECOND.keyid),
        ("rotate", FIRST.keyid, ""),
        ("rotate", FIRST.keyid, FIRST.keyid),
    ],
)
def test_drafts_against_the_format_are_refused(action: str, keyid: str, replaces: str) -> None:
    with pytest.raises(BadKeyRecord):
        key_draft(action, keyid, time_s=0, replaces=replaces)  # type: ignore[arg-type]
