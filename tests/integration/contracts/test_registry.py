"""The Registry contract on a live node: it agrees with the rules, and nothing is sent twice."""

import itertools
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.integration.contracts.conftest import ACCOUNTS, Stage

from diptych.contracts.bindings import asset_tokens as tokens
from diptych.contracts.bindings import registry as binding
from diptych.contracts.deployment import NotDeployed, deploy
from diptych.ledger.errors import Reverted
from diptych.ledger.outbox import Outbox
from diptych.models.ownership import rules
from diptych.models.ownership.client import AssetMissing, RegistryClient, Version

OWNER = ACCOUNTS[0].address
ADDRESSES = tuple(account.address for account in ACCOUNTS)
STEPS = int(os.environ.get("DIPTYCH_TEST_REGISTRY_STEPS", "400"))
NUMBERS = itertools.count(1)


@pytest.fixture
def outbox(stage: Stage, tmp_path: Path) -> Iterator[Outbox]:
    outbox = stage.outbox(tmp_path)
    yield outbox
    outbox.close()


@pytest.fixture
def client(stage: Stage, outbox: Outbox) -> RegistryClient:
    address = deploy("Registry", stage.chain, outbox).address
    return RegistryClient(stage.chain, outbox, address, sender=OWNER)


def fresh() -> Version:
    """Return a version of an asset that nobody registered yet."""
    return Version(next(NUMBERS).to_bytes(32, "big"), b"1" * 32, b"t" * 32)


def outcome(act: Callable[[], object]) -> str:
    """Return the code of the refusal, or `done`."""
    try:
        act()
    except Reverted as error:
        return error.code
    return "done"


Step = tuple[str, bytes, Callable[[], rules.Book]]


def a_step(rng: random.Random, book: rules.Book, salts: list[bytes]) -> Step:
    """Return a random sender, call data, and the same operation by the rules."""
    sender, other = rng.choice(ADDRESSES), rng.choice(ADDRESSES)
    asset = rng.choice([*book, 12345])
    state = book.get(asset, rules.Asset(OWNER))
    if rng.random() < 0.5:
        sender = rng.choice([state.owner, state.receiver or state.owner])
    kind, salt, rate = rng.randrange(6), rng.choice(salts), rng.choice([0, 100, 2_500, 2_501])
    digest = rng.choice([bytes(32), rng.randbytes(32), rng.randbytes(32)])
    steps: list[tuple[bytes, Callable[[], rules.Book]]] = [
        (
            binding.encode_register(kind, salt, digest, salt),
            lambda: rules.register(book, sender, kind=kind, salt=salt, digest=digest),
        ),
        (
            tokens.encode_publish(asset, digest, salt),
            lambda: rules.publish(book, sender, asset=asset, digest=digest),
        ),
        (
            tokens.encode_publish_many([asset] * 2, [digest] * 2, [salt] * 2),
            lambda: rules.publish_many(book, sender, [(asset, digest)] * 2),
        ),
        (
            tokens.encode_transfer_from(state.owner, other, asset),
            lambda: rules.transfer(book, sender, asset=asset, to=other),
        ),
        (
            tokens.encode_approve(other, asset),
            lambda: rules.approve(book, sender, asset=asset, approved=other),
        ),
        (
            tokens.encode_set_royalty(asset, other, rate),
            lambda: rules.set_royalty(book, sender, asset=asset, receiver=other, basis_points=rate),
        ),
    ]
    return sender, *rng.choice(steps)


def test_contract_and_rules_agree(stage: Stage, client: RegistryClient) -> None:
    """A random walk: each operation is tried on both sides; what is accepted is mined."""
    rng, accepted = random.Random(3), 0
    book: rules.Book = {}
    here = replace(stage, contract=client.contract)
    salts = [fresh().salt for _ in range(3)]
    time_s = stage.chain.block().timestamp_s
    for _ in range(STEPS):
        sender, data, act = a_step(rng, book, salts)
        expected = outcome(act)
        assert code_of(here, data, sender) == expected
        if expected == "done":
            time_s += 1
            book, accepted = act(), accepted + 1
            here.send(data, sender, time_s)
    assert accepted > STEPS / 10
    for asset, state in book.items():
        found = client.require(asset)
        assert (found.owner, found.versions) == (state.owner, state.versions)
        assert (found.receiver, found.basis_points) == rules.royalty(book, asset, rules.WHOLE)


def code_of(stage: Stage, data: bytes, sender: str) -> str:
    """Try a call on the contract."""
    return outcome(lambda: stage.call(data, sender))


def test_registering_and_publishing_happen_once(stage: Stage, client: RegistryClient) -> None:
    first = fresh()
    second = replace(first, digest=b"2" * 32)
    asset = rules.asset_id(OWNER, 2, first.salt)
    assert client.asset(asset) is None
    with pytest.raises(AssetMissing):
        client.require(asset)
    assert len(client.register(2, [first])) == 1
    assert len(client.publish(2, [first, second])) == 1
    sent = stage.chain.nonce(OWNER)
    assert client.register(2, [first]) == []
    assert client.publish(2, [first, second]) == []
    assert stage.chain.nonce(OWNER) == sent
    found = client.published(asset)
    assert [(one.version, one.digest, one.terms) for one in found] == [
        (1, b"1" * 32, b"t" * 32),
        (2, b"2" * 32, b"t" * 32),
    ]


def test_new_terms_of_the_newest_version_are_published(client: RegistryClient) -> None:
    first = fresh()
    second = replace(first, digest=b"2" * 32)
    client.register(1, [first])
    client.publish(1, [first, second])
    free = [replace(first, terms=b"u" * 32), replace(second, terms=b"u" * 32)]
    assert len(client.publish(1, free)) == 1
    asset = rules.asset_id(OWNER, 1, first.salt)
    assert [one.terms for one in client.published(asset)] == [b"t" * 32, b"t" * 32, b"u" * 32]


def test_many_assets_share_a_transaction(client: RegistryClient) -> None:
    many = [fresh() for _ in range(50)]
    (receipt,) = client.register(3, many)
    assert receipt.gas_used <= 50 * 40_000
    (further,) = client.publish(3, [replace(one, digest=b"2" * 32) for one in many])
    assert further.gas_used <= 50 * 40_000
    assert client.require(rules.asset_id(OWNER, 3, many[7].salt)).versions == 2


def test_transfers_go_back_and_forth(stage: Stage, client: RegistryClient, tmp_path: Path) -> None:
    one, other = fresh(), ACCOUNTS[1]
    client.register(2, [one])
    asset = rules.asset_id(OWNER, 2, one.salt)
    assert client.transfer(asset, other.address) is not None
    assert client.transfer(asset, other.address) is None
    with pytest.raises(Reverted) as caught:
        client.publish(2, [replace(one, digest=b"3" * 32)])
    assert caught.value.code == "Registry.NotAuthorized"
    (tmp_path / "other").mkdir()
    box = stage.outbox(tmp_path / "other", other)
    theirs = RegistryClient(stage.chain, box, client.contract, sender=other.address)
    assert theirs.transfer(asset, OWNER) is not None
    box.close()
    assert client.transfer(asset, other.address) is not None
    assert client.require(asset).owner == other.address
    assert client.require(asset).receiver == OWNER


def test_a_royalty_is_set_once_and_may_fall(client: RegistryClient) -> None:
    one = fresh()
    client.register(2, [one])
    asset = rules.asset_id(OWNER, 2, one.salt)
    assert client.set_royalty(asset, OWNER, 500) is not None
    assert client.set_royalty(asset, OWNER, 500) is None
    with pytest.raises(Reverted) as caught:
        client.set_royalty(asset, OWNER, 501)
    assert caught.value.code == "Registry.RoyaltyTooHigh"
    assert client.set_royalty(asset, OWNER, 100) is not None
    assert client.require(asset).basis_points == 100


def test_another_contract_is_no_registry(stage: Stage, outbox: Outbox) -> None:
    client = RegistryClient(stage.chain, outbox, ACCOUNTS[3].address, sender=OWNER)
    with pytest.raises(NotDeployed):
        client.asset(1)
