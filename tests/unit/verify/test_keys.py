"""Key records judged at their index: valid spans, and every way to usurp a key."""

import pytest
from tests.unit.verify.maker import ALICE, BOB, MALLORY, Key

from diptych_verify.errors import MalformedError, UntrustedKey
from diptych_verify.keys import KeyRecord, judge_keys
from diptych_verify.statement import KeyClaim

A, B, M = ALICE.keyid, BOB.keyid, MALLORY.keyid


def record(
    index: int, action: str, key: Key, *signers: Key, replaces: Key | None = None
) -> KeyRecord:
    claim = KeyClaim(action, key.keyid, replaces.keyid if replaces else None)
    return KeyRecord(index, claim, tuple(signer.keyid for signer in signers))


FIRST = record(0, "add", ALICE, ALICE)


def test_first_key_is_valid_from_the_start() -> None:
    history = judge_keys([FIRST])
    assert history.is_valid(A, 0)
    assert history.is_valid(A, 10**9)
    assert not history.is_valid(B, 1)


def test_added_key_is_valid_only_afterwards() -> None:
    history = judge_keys([record(5, "add", BOB, ALICE), FIRST])
    assert not history.is_valid(B, 5)
    assert history.is_valid(B, 6)
    with pytest.raises(UntrustedKey, match="added later"):
        history.require(B, 4)
    with pytest.raises(UntrustedKey, match="no key record"):
        history.require(M, 4)


def test_revoked_key_is_valid_only_before() -> None:
    history = judge_keys([FIRST, record(2, "add", BOB, ALICE), record(7, "revoke", BOB, ALICE)])
    history.require(B, 7)
    assert history.end_of(B) == 7
    assert history.end_of(A) is None
    with pytest.raises(UntrustedKey, match="revoked or replaced at index 7"):
        history.require(B, 8)


def test_rotation_ends_the_old_key_and_begins_the_new_one() -> None:
    history = judge_keys([FIRST, record(4, "rotate", BOB, ALICE, replaces=ALICE)])
    history.require(A, 4)
    history.require(B, 5)
    for keyid, index in ((A, 5), (B, 4)):
        with pytest.raises(UntrustedKey):
            history.require(keyid, index)


@pytest.mark.parametrize(
    "records",
    [
        [record(0, "add", ALICE, MALLORY)],
        [record(0, "add", ALICE, ALICE, MALLORY)],
        [record(0, "revoke", ALICE, ALICE)],
        [record(1, "add", MALLORY, MALLORY)],
        [FIRST, record(1, "add", MALLORY, MALLORY)],
        [FIRST, record(1, "add", BOB, ALICE, MALLORY)],
        [FIRST, record(1, "revoke", ALICE, MALLORY)],
        [FIRST, record(1, "add", BOB, ALICE), record(2, "add", BOB, ALICE)],
        [FIRST, record(1, "add", ALICE, ALICE)],
        [FIRST, record(1, "revoke", BOB, ALICE), record(2, "add", BOB, ALICE)],
        [FIRST, record(1, "rotate", BOB, ALICE, replaces=MALLORY)],
        [FIRST, record(1, "rotate", BOB, ALICE, replaces=ALICE), record(2, "add", MALLORY, ALICE)],
        [
            FIRST,
            record(1, "add", BOB, ALICE),
            record(2, "revoke", BOB, ALICE),
            record(3, "add", MALLORY, BOB),
        ],
    ],
)
def test_usurpation_is_refused(records: list[KeyRecord]) -> None:
    with pytest.raises(UntrustedKey):
        judge_keys(records)


def test_two_records_at_one_index_are_malformed() -> None:
    with pytest.raises(MalformedError):
        judge_keys([FIRST, record(1, "add", BOB, ALICE), record(1, "revoke", ALICE, ALICE)])


def test_trust_flows_from_listed_keys_only() -> None:
    records = [FIRST, record(1, "add", BOB, ALICE)]
    assert judge_keys(records).trusted == set()
    assert judge_keys(records, listed={A}).trusted == {A, B}
    assert judge_keys(records, listed={B}).trusted == {B}
    stranger = [record(0, "add", MALLORY, MALLORY), record(1, "add", BOB, MALLORY)]
    assert judge_keys(stranger, listed={A}).trusted == {A}


def test_listed_keys_need_no_record_but_can_be_revoked_by_one() -> None:
    assert judge_keys([], listed={B}).is_valid(B, 3)
    history = judge_keys([FIRST, record(2, "revoke", BOB, ALICE)], listed={B})
    assert history.is_valid(B, 2)
    assert not history.is_valid(B, 3)
    added = judge_keys([FIRST, record(2, "add", BOB, ALICE)], listed={B})
    assert not added.is_valid(B, 2)
