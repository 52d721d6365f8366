"""The reference rules of the Registry contract, one by one."""

import pytest
from eth_abi.abi import encode
from eth_hash.auto import keccak

from diptych.ledger.account import LocalAccount
from diptych.ledger.errors import Reverted
from diptych.models.ownership import rules

ALICE, BOB, CAROL = (LocalAccount(bytes([number]) * 32).address for number in (1, 2, 3))
SALT = b"s" * 32
ONE, TWO = b"1" * 32, b"2" * 32
ASSET = rules.asset_id(ALICE, 2, SALT)


@pytest.fixture
def book() -> rules.Book:
    return rules.register({}, ALICE, kind=2, salt=SALT, digest=ONE)


def refused(code: str) -> "pytest.RaisesExc[Reverted]":
    return pytest.raises(Reverted, match=code.partition(".")[2])


def test_the_id_is_the_hash_of_registrant_kind_and_salt() -> None:
    encoded = encode(["address", "uint8", "bytes32"], [ALICE, 2, SALT])
    assert int.from_bytes(keccak(encoded), "big") == ASSET
    assert len({rules.asset_id(who, kind, SALT) for who in (ALICE, BOB) for kind in (1, 2)}) == 4


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, "Registry.AlreadyRegistered"),
        ({"kind": 0}, "Registry.UnknownKind"),
        ({"kind": 5}, "Registry.UnknownKind"),
        ({"salt": TWO, "digest": bytes(32)}, "Registry.EmptyDigest"),
    ],
)
def test_what_cannot_be_registered(book: rules.Book, change: dict[str, object], code: str) -> None:
    how = {"kind": 2, "salt": SALT, "digest": ONE, **change}
    with pytest.raises(Reverted) as caught:
        rules.register(book, ALICE, **how)  # type: ignore[arg-type]
    assert caught.value.code == code


def test_owner_and_approved_publish(book: rules.Book) -> None:
    book = rules.publish(book, ALICE, asset=ASSET, digest=TWO)
    with refused("Registry.NotAuthorized"):
        rules.publish(book, BOB, asset=ASSET, digest=TWO)
    with refused("Registry.EmptyDigest"):
        rules.publish(book, ALICE, asset=ASSET, digest=bytes(32))
    book = rules.approve(book, ALICE, asset=ASSET, approved=BOB)
    assert rules.publish(book, BOB, asset=ASSET, digest=TWO)[ASSET].versions == 3


def test_a_batch_is_all_or_nothing(book: rules.Book) -> None:
    assert rules.publish_many(book, ALICE, [(ASSET, ONE), (ASSET, TWO)])[ASSET].versions == 3
    with refused("Registry.ERC721NonexistentToken"):
        rules.publish_many(book, ALICE, [(ASSET, ONE), (7, TWO)])
    with refused("Registry.BadBatch"):
        rules.publish_many(book, ALICE, [])


def test_a_transfer_fixes_the_royalty_and_ends_the_approval(book: rules.Book) -> None:
    book = rules.approve(book, ALICE, asset=ASSET, approved=BOB)
    with refused("Registry.ERC721InsufficientApproval"):
        rules.transfer(book, CAROL, asset=ASSET, to=CAROL)
    sold = rules.transfer(book, BOB, asset=ASSET, to=CAROL)
    assert rules.royalty(sold, ASSET, 10_000) == (ALICE, 250)
    with refused("Registry.NotAuthorized"):
        rules.publish(sold, BOB, asset=ASSET, digest=TWO)
    again = rules.transfer(sold, CAROL, asset=ASSET, to=BOB)
    assert rules.royalty(again, ASSET, 10_000) == (ALICE, 250)
    with refused("Registry.ERC721InvalidApprover"):
        rules.approve(again, CAROL, asset=ASSET, approved=CAROL)


def test_a_royalty_moves_and_falls_but_never_rises(book: rules.Book) -> None:
    assert rules.royalty(book, ASSET, 10_000) == (ALICE, 250)
    with refused("Registry.RoyaltyTooHigh"):
        rules.set_royalty(book, ALICE, asset=ASSET, receiver=BOB, basis_points=2_501)
    book = rules.set_royalty(book, ALICE, asset=ASSET, receiver=BOB, basis_points=2_500)
    with refused("Registry.NotRoyaltyReceiver"):
        rules.set_royalty(book, ALICE, asset=ASSET, receiver=ALICE, basis_points=1)
    book = rules.set_royalty(book, BOB, asset=ASSET, receiver=CAROL, basis_points=100)
    with refused("Registry.RoyaltyTooHigh"):
        rules.set_royalty(book, CAROL, asset=ASSET, receiver=CAROL, basis_points=101)
    assert rules.royalty(book, ASSET, 10_000) == (CAROL, 100)


def test_an_unknown_asset_earns_nothing() -> None:
    assert rules.royalty({}, ASSET, 10_000) == ("0x" + "00" * 20, 0)
