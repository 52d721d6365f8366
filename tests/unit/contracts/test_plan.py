"""Plans: what would be done, where, and for how much, without sending anything."""

import pytest
from tests.unit.contracts.fake_chain import FakeChain, deploying

from diptych.contracts.abi import MalformedReturn
from diptych.contracts.create2 import FACTORY_ADDRESS, FACTORY_FUNDING_WEI
from diptych.contracts.deployment import contract_address, deploy
from diptych.contracts.plan import plan_deployment

SENDER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"


def _methods(chain: FakeChain) -> set[str]:
    return {method for method, _ in chain.asked}


def test_a_plan_prices_the_missing_contract_and_sends_nothing() -> None:
    chain = FakeChain()
    plan = plan_deployment(chain, sender=SENDER, names=["Anchor"])
    (step,) = plan.steps
    assert (step.action, step.address) == ("deploy", contract_address("Anchor"))
    assert (step.gas, step.cost_wei) == (0x100, 0x100 * 12)
    assert (plan.gas, plan.cost_wei, plan.price_wei) == (0x100, 0x100 * 12, 12)
    assert plan.affordable
    assert _methods(chain) == {"eth_estimateGas"}


def test_a_deployed_contract_costs_nothing() -> None:
    chain = FakeChain()
    deploy("Anchor", chain, deploying(chain))
    plan = plan_deployment(chain, sender=SENDER, names=["Anchor"])
    assert [step.action for step in plan.steps] == ["present"]
    assert (plan.gas, plan.cost_wei) == (0, 0)


def test_without_factory_the_plan_installs_it_first_and_computes_the_rest() -> None:
    chain = FakeChain(codes={})
    plan = plan_deployment(chain, sender=SENDER, names=["Anchor"])
    first, second = plan.steps
    assert (first.action, first.address) == ("install factory", FACTORY_ADDRESS)
    assert first.cost_wei == FACTORY_FUNDING_WEI + 21_000 * 12
    assert 500_000 < second.gas < 600_000
    assert not plan.affordable
    assert chain.asked == []


def test_without_names_everything_is_planned() -> None:
    plan = plan_deployment(FakeChain(), sender=SENDER)
    assert [step.name for step in plan.steps] == ["Anchor", "Identity", "Registry"]


def test_a_nonsense_estimate_is_refused() -> None:
    with pytest.raises(MalformedReturn):
        plan_deployment(FakeChain(gas={"gas": 1}), sender=SENDER)
