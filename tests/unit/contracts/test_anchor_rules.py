"""The reference rules of the Anchor contract, one by one."""

import pytest
from eth_abi.abi import encode
from eth_hash.auto import keccak

from diptych.ledger.account import LocalAccount
from diptych.ledger.errors import Reverted
from diptych.provenance import anchor_rules as rules
from diptych_verify.errors import NotIncluded
from diptych_verify.merkle import leaf_hash, node_hash

ALICE, BOB, CAROL = (LocalAccount(bytes([number]) * 32).address for number in (1, 2, 3))
SALT = b"s" * 32
LOG = rules.derive_log_id(ALICE, SALT)
ROOT = b"r" * 32


@pytest.fixture
def book() -> rules.Book:
    return rules.register({}, ALICE, salt=SALT)


def _anchored(book: rules.Book, sender: str, size: int) -> rules.Book:
    return rules.anchor(book, sender, log_id=LOG, size=size, root=ROOT, time_s=size * 10)


def test_log_id_is_the_hash_of_owner_and_salt() -> None:
    assert keccak(encode(["address", "bytes32"], [ALICE, SALT])) == LOG
    assert rules.derive_log_id(BOB, SALT) != LOG


def test_register_once(book: rules.Book) -> None:
    assert book[LOG] == rules.AnchoredLog(ALICE)
    with pytest.raises(Reverted) as caught:
        rules.register(book, ALICE, salt=SALT)
    assert caught.value.code == "Anchor.AlreadyRegistered"
    assert len(rules.register(book, BOB, salt=SALT)) == 2


def test_sizes_grow(book: rules.Book) -> None:
    book = _anchored(book, ALICE, 5)
    assert (book[LOG].size, book[LOG].root, book[LOG].time_s) == (5, ROOT, 50)
    for size in (0, 4, 5):
        with pytest.raises(Reverted) as caught:
            _anchored(book, ALICE, size)
        assert caught.value.code == "Anchor.SizeMustGrow"


def test_strangers_and_unknown_logs_are_refused(book: rules.Book) -> None:
    with pytest.raises(Reverted) as caught:
        _anchored(book, BOB, 5)
    assert caught.value.code == "Anchor.NotPublisher"
    with pytest.raises(Reverted) as caught:
        _anchored({}, ALICE, 5)
    assert caught.value.code == "Anchor.UnknownLog"


def test_only_the_owner_grants_and_offers(book: rules.Book) -> None:
    with pytest.raises(Reverted) as caught:
        rules.set_publisher(book, BOB, log_id=LOG, publisher=BOB, allowed=True)
    assert caught.value.code == "Anchor.NotOwner"
    with pytest.raises(Reverted) as caught:
        rules.propose_owner(book, BOB, log_id=LOG, proposed=BOB)
    assert caught.value.code == "Anchor.NotOwner"


def test_publishers_come_and_go(book: rules.Book) -> None:
    granted = rules.set_publisher(book, ALICE, log_id=LOG, publisher=BOB, allowed=True)
    assert _anchored(granted, BOB, 5)[LOG].owner == ALICE
    withdrawn = rules.set_publisher(granted, ALICE, log_id=LOG, publisher=BOB, allowed=False)
    assert not rules.may_publish(withdrawn, BOB, log_id=LOG)
    assert rules.may_publish(withdrawn, ALICE, log_id=LOG)
    assert not rules.may_publish({}, ALICE, log_id=LOG)


def test_handover_ends_the_old_permissions(book: rules.Book) -> None:
    book = rules.set_publisher(book, ALICE, log_id=LOG, publisher=CAROL, allowed=True)
    book = rules.propose_owner(book, ALICE, log_id=LOG, proposed=BOB)
    with pytest.raises(Reverted) as caught:
        rules.accept_owner(book, CAROL, log_id=LOG)
    assert caught.value.code == "Anchor.NotProposed"
    book = rules.accept_owner(book, BOB, log_id=LOG)
    assert book[LOG].owner == BOB
    assert not rules.may_publish(book, CAROL, log_id=LOG)
    assert not rules.may_publish(book, ALICE, log_id=LOG)
    with pytest.raises(Reverted):
        rules.accept_owner(book, BOB, log_id=LOG)


def test_inclusion_is_judged_against_the_newest_head(book: rules.Book) -> None:
    one, two = leaf_hash(b"one"), leaf_hash(b"two")
    root = node_hash(one, two)
    book = rules.anchor(book, ALICE, log_id=LOG, size=2, root=root, time_s=9)
    proven = rules.require_included(book, log_id=LOG, leaf=two, index=1, proof=[one])
    assert proven == (2, 9)
    with pytest.raises(NotIncluded):
        rules.require_included(book, log_id=LOG, leaf=two, index=0, proof=[one])
    with pytest.raises(Reverted):
        rules.require_included({}, log_id=LOG, leaf=two, index=1, proof=[one])
