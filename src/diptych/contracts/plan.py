"""What a deployment would do and cost; nothing is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from diptych.contracts.abi import MalformedReturn
from diptych.contracts.artefact import contract_names, load_artefact
from diptych.contracts.create2 import (
    FACTORY_ADDRESS,
    FACTORY_FUNDING_WEI,
    deployment_salt,
    factory_call,
)
from diptych.contracts.deployment import contract_address, is_deployed
from diptych.contracts.factory import has_factory
from diptych.contracts.ports import ContractChain
from diptych.core.errors import JsonValue

_TRANSFER_GAS = 21_000


class FeeQuote(Protocol):
    """What gas costs now."""

    @property
    def base_fee_wei(self) -> int:
        """Burnt per gas."""
        ...

    @property
    def priority_fee_wei(self) -> int:
        """Tip per gas."""
        ...


class PricedChain(ContractChain, Protocol):
    """A chain that can be asked for prices; `diptych.ledger.Chain` can."""

    def fees(self) -> FeeQuote:
        """Return what gas costs now."""
        ...

    def balance_wei(self, address: str) -> int:
        """Return what an address owns."""
        ...


@dataclass(frozen=True)
class PlanStep:
    """One step of a deployment.

    Attributes:
        action: `present` (nothing to do), `deploy`, or `install factory`.
        name: the contract.
        address: where it stands or will stand, EIP-55.
        gas: estimated gas, 0 for nothing to do.
        cost_wei: what it costs at the current fee, value sent along included.
    """

    action: str
    name: str
    address: str
    gas: int
    cost_wei: int


@dataclass(frozen=True)
class DeploymentPlan:
    """All steps, in order, with what they cost together.

    Attributes:
        chain_id: on which chain.
        sender: who would pay, EIP-55.
        balance_wei: what the sender owns.
        price_wei: base fee and tip per gas, now.
        steps: in order.
    """

    chain_id: int
    sender: str
    balance_wei: int
    price_wei: int
    steps: tuple[PlanStep, ...]

    @property
    def gas(self) -> int:
        """Gas of all steps together."""
        return sum(step.gas for step in self.steps)

    @property
    def cost_wei(self) -> int:
        """Cost of all steps together at the current fee."""
        return sum(step.cost_wei for step in self.steps)

    @property
    def affordable(self) -> bool:
        """Whether the sender can pay at the current fee."""
        return self.cost_wei <= self.balance_wei


def plan_deployment(
    chain: PricedChain, *, sender: str, names: Sequence[str] | None = None
) -> DeploymentPlan:
    """Say what deploying would do, where, and what it would cost; nothing is sent.

    Args:
        chain: where.
        sender: who would pay.
        names: contracts, default all that are shipped.

    Raises:
        UnknownContract: a name is not shipped.
        CodeMismatch: other code stands at a contract's address.
    """
    fees = chain.fees()
    price_wei = fees.base_fee_wei + fees.priority_fee_wei
    factory = has_factory(chain)
    steps = []
    for name in contract_names() if names is None else names:
        gas = 0 if is_deployed(name, chain) else _deployment_gas(chain, sender, name, factory)
        action = "deploy" if gas else "present"
        steps.append(PlanStep(action, name, contract_address(name), gas, gas * price_wei))
    if not factory and any(step.gas for step in steps):
        cost_wei = FACTORY_FUNDING_WEI + _TRANSFER_GAS * price_wei
        first = PlanStep("install factory", "Factory", FACTORY_ADDRESS, _TRANSFER_GAS, cost_wei)
        steps.insert(0, first)
    balance_wei = chain.balance_wei(sender)
    return DeploymentPlan(chain.chain_id, sender, balance_wei, price_wei, tuple(steps))


def _deployment_gas(chain: PricedChain, sender: str, name: str, factory: bool) -> int:
    """Ask the chain, or compute where the factory that would be asked is not there yet."""
    artefact = load_artefact(name)
    data = factory_call(artefact.creation, salt=deployment_salt(name))
    if not factory:
        return computed_deployment_gas(data, runtime_bytes=len(artefact.runtime))
    call: JsonValue = {"from": sender, "to": FACTORY_ADDRESS, "data": "0x" + data.hex()}
    answer = chain.request("eth_estimateGas", call)
    try:
        return int(str(answer), 16)
    except ValueError as error:
        raise MalformedReturn(f"eth_estimateGas: got {str(answer)[:80]}") from error


def computed_deployment_gas(data: bytes, *, runtime_bytes: int) -> int:
    """Return about what a deployment through the factory costs (Yellow Paper, EIP-2028, -3860).

    Args:
        data: the factory's call data.
        runtime_bytes: length of the code that is stored.
    """
    words = (len(data) + 31) // 32
    calldata_gas = sum(16 if byte else 4 for byte in data)
    creation_gas = 32_000 + 200 * runtime_bytes + (6 + 2) * words
    return _TRANSFER_GAS + calldata_gas + creation_gas + 3 * words + 1_500
