"""Deployment: one address everywhere, nothing sent twice, nothing foreign believed."""

import pytest
from eth_account import Account
from eth_hash.auto import keccak
from tests.unit.contracts.fake_chain import FakeChain, FakeOutbox, deploying

from diptych.contracts.artefact import UnknownContract, load_artefact
from diptych.contracts.create2 import (
    FACTORY_ADDRESS,
    FACTORY_FUNDING_WEI,
    FACTORY_RUNTIME,
    FACTORY_SENDER,
    FACTORY_TRANSACTION,
    create2_address,
    deployment_salt,
)
from diptych.contracts.deployment import (
    NotDeployed,
    contract_address,
    contract_statuses,
    deploy,
    deployed_address,
)
from diptych.contracts.factory import CodeMismatch, FactoryMissing, install_factory
from diptych.core.errors import LedgerError
from diptych.ledger.transaction import create_address


def test_the_factory_transaction_is_the_published_one() -> None:
    assert Account.recover_transaction(FACTORY_TRANSACTION) == FACTORY_SENDER
    assert create_address(FACTORY_SENDER, 0) == FACTORY_ADDRESS
    assert FACTORY_RUNTIME in FACTORY_TRANSACTION


def test_address_follows_from_code_and_salt_alone() -> None:
    creation, salt = load_artefact("Anchor").creation, deployment_salt("Anchor")
    preimage = b"\xff" + bytes.fromhex(FACTORY_ADDRESS[2:]) + salt + keccak(creation)
    address = contract_address("Anchor")
    assert address.lower() == "0x" + keccak(preimage)[12:].hex()
    assert create2_address(creation + b"\x00", salt=salt) != address
    assert create2_address(creation, salt=deployment_salt("Other")) != address


def test_deploys_once_and_says_what_it_cost() -> None:
    chain = FakeChain()
    outbox = deploying(chain)
    first = deploy("Anchor", chain, outbox)
    assert (first.gas_used, first.cost_wei) == (500, 1_500)
    assert first.address == contract_address("Anchor")
    again = deploy("Anchor", chain, outbox)
    assert (again.transaction_hash, again.gas_used) == (None, 0)
    (sent,) = outbox.sent
    assert sent["to"] == FACTORY_ADDRESS
    assert sent["data"] == deployment_salt("Anchor") + load_artefact("Anchor").creation
    assert sent["value_wei"] == 0


def test_another_deployer_may_be_faster() -> None:
    chain = FakeChain()

    def lose_the_race() -> None:
        chain.codes[contract_address("Anchor")] = load_artefact("Anchor").runtime
        raise LedgerError("reverted")

    assert deploy("Anchor", chain, FakeOutbox(lose_the_race)).transaction_hash is None


def test_a_failed_transaction_is_reported() -> None:
    def fail() -> None:
        raise LedgerError("no funds")

    with pytest.raises(LedgerError, match="no funds"):
        deploy("Anchor", FakeChain(), FakeOutbox(fail))


def test_a_mined_transaction_without_contract_is_reported() -> None:
    with pytest.raises(NotDeployed, match="after its deployment"):
        deploy("Anchor", FakeChain(), FakeOutbox(lambda: None))


def test_foreign_code_at_the_address_is_refused_and_nothing_sent() -> None:
    chain = FakeChain()
    chain.codes[contract_address("Anchor")] = b"\x60\x00"
    outbox = deploying(chain)
    with pytest.raises(CodeMismatch) as caught:
        deploy("Anchor", chain, outbox)
    assert outbox.sent == []
    assert caught.value.details["address"] == contract_address("Anchor")


def test_missing_factory_names_the_remedy_and_nothing_is_sent() -> None:
    chain = FakeChain(codes={})
    outbox = deploying(chain)
    with pytest.raises(FactoryMissing) as caught:
        deploy("Anchor", chain, outbox)
    assert outbox.sent == []
    assert caught.value.details == {
        "sender": FACTORY_SENDER,
        "funding_wei": str(FACTORY_FUNDING_WEI),
        "raw_transaction": "0x" + FACTORY_TRANSACTION.hex(),
    }


def test_foreign_factory_is_refused() -> None:
    chain = FakeChain(codes={FACTORY_ADDRESS: b"\x00"})
    with pytest.raises(CodeMismatch, match="deterministic deployment proxy"):
        deploy("Anchor", chain, deploying(chain))


def test_factory_is_funded_then_installed_once() -> None:
    chain = FakeChain(codes={})
    outbox = FakeOutbox(lambda: None)
    assert install_factory(chain, outbox)
    assert not install_factory(chain, outbox)
    assert [sent["to"] for sent in outbox.sent] == [FACTORY_SENDER]
    assert outbox.sent[0]["value_wei"] == FACTORY_FUNDING_WEI


def test_a_chain_that_ignores_the_factory_is_reported() -> None:
    chain = FakeChain(codes={}, accepts_factory=False)
    pauses: list[float] = []
    with pytest.raises(FactoryMissing):
        install_factory(chain, FakeOutbox(lambda: None), sleep=pauses.append)
    assert 30 <= sum(pauses) <= 120


def test_statuses_show_what_stands_where() -> None:
    chain = FakeChain()
    before, *others = contract_statuses(chain)
    assert (before.name, before.deployed) == ("Anchor", False)
    assert [one.name for one in others] == ["Identity", "Registry"]
    deploy("Anchor", chain, deploying(chain))
    after, *others = contract_statuses(chain)
    assert after.deployed
    assert not any(one.deployed for one in others)
    assert deployed_address("Anchor", chain) == after.address == before.address


def test_absent_contract_has_no_address_to_use() -> None:
    with pytest.raises(NotDeployed) as caught:
        deployed_address("Anchor", FakeChain())
    assert caught.value.hint == "diptych contracts deploy"
    with pytest.raises(UnknownContract):
        deployed_address("Bridge", FakeChain())
