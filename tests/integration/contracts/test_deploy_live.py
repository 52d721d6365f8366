"""Deployment on a live node: as planned, once, with and without the factory."""

from pathlib import Path

import pytest
from tests.integration.contracts.conftest import ACCOUNTS

from diptych.contracts import contract_statuses, deploy, plan_deployment
from diptych.contracts.artefact import load_artefact
from diptych.contracts.create2 import FACTORY_ADDRESS, FACTORY_RUNTIME
from diptych.contracts.factory import FactoryMissing, install_factory
from diptych.contracts.plan import computed_deployment_gas
from diptych.ledger.chain import Chain
from diptych.ledger.devchain.throwaway import throwaway_node
from diptych.ledger.outbox import Outbox
from diptych.ledger.rpc import Rpc

SENDER = ACCOUNTS[0].address


def test_deploys_as_planned_and_only_once(tmp_path: Path) -> None:
    with throwaway_node() as url:
        chain = Chain(Rpc(url))
        outbox = Outbox.open(tmp_path / "outbox.sqlite", chain, ACCOUNTS[0])
        plan = plan_deployment(chain, sender=SENDER, names=["Anchor"])
        assert chain.nonce(SENDER) == 0
        deployment = deploy("Anchor", chain, outbox)
        (step,) = plan.steps
        assert deployment.address == step.address
        assert step.gas * 0.95 <= deployment.gas_used <= step.gas
        assert chain.code(deployment.address) == load_artefact("Anchor").runtime
        assert deploy("Anchor", chain, outbox).transaction_hash is None
        assert chain.nonce(SENDER) == 1
        deployed = {status.name: status.deployed for status in contract_statuses(chain)}
        assert deployed == {"Anchor": True, "Identity": False, "Registry": False}
        outbox.close()


def test_another_outbox_finds_the_contract_and_sends_nothing(tmp_path: Path) -> None:
    with throwaway_node() as url:
        chain = Chain(Rpc(url))
        first = Outbox.open(tmp_path / "one.sqlite", chain, ACCOUNTS[0])
        second = Outbox.open(tmp_path / "two.sqlite", chain, ACCOUNTS[1])
        address = deploy("Anchor", chain, first).address
        assert deploy("Anchor", chain, second).address == address
        assert chain.nonce(ACCOUNTS[1].address) == 0
        first.close()
        second.close()


def test_a_chain_without_factory_gets_it_and_then_the_same_address(tmp_path: Path) -> None:
    with throwaway_node(extra=["--disable-default-create2-deployer"]) as url:
        chain = Chain(Rpc(url))
        outbox = Outbox.open(tmp_path / "outbox.sqlite", chain, ACCOUNTS[0])
        with pytest.raises(FactoryMissing):
            deploy("Anchor", chain, outbox)
        plan = plan_deployment(chain, sender=SENDER, names=["Anchor"])
        assert [step.action for step in plan.steps] == ["install factory", "deploy"]
        assert install_factory(chain, outbox)
        assert chain.code(FACTORY_ADDRESS) == FACTORY_RUNTIME
        deployment = deploy("Anchor", chain, outbox)
        assert deployment.address == plan.steps[1].address
        assert abs(deployment.gas_used - plan.steps[1].gas) <= 0.02 * deployment.gas_used
        outbox.close()


def test_gas_is_computed_for_any_code() -> None:
    assert computed_deployment_gas(b"", runtime_bytes=0) < computed_deployment_gas(
        b"\x01" * 64, runtime_bytes=64
    )
