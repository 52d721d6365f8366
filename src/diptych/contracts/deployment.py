"""Deploy a shipped contract once per chain, at the address that follows from its code."""

from collections.abc import Sequence
from dataclasses import dataclass

from diptych.contracts.artefact import Artefact, contract_names, load_artefact
from diptych.contracts.create2 import (
    FACTORY_ADDRESS,
    create2_address,
    deployment_salt,
    factory_call,
)
from diptych.contracts.factory import CodeMismatch, has_factory, missing_factory
from diptych.contracts.ports import ContractChain, Sender, SentReceipt
from diptych.core.errors import ContractError, DiptychError


class NotDeployed(ContractError):
    """The contract does not stand on this chain."""

    code = "Contract.NotDeployed"


@dataclass(frozen=True)
class Deployment:
    """A contract on a chain.

    Attributes:
        name: the contract.
        address: where it stands, EIP-55.
        chain_id: on which chain.
        transaction_hash: 32 bytes, or None if it stood there before.
        gas_used: gas of that transaction, else 0.
        cost_wei: what it cost, else 0.
    """

    name: str
    address: str
    chain_id: int
    transaction_hash: bytes | None = None
    gas_used: int = 0
    cost_wei: int = 0


@dataclass(frozen=True)
class ContractStatus:
    """Whether a shipped contract stands on a chain, and where."""

    name: str
    address: str
    deployed: bool


def contract_address(name: str) -> str:
    """Return the address, EIP-55, that a shipped contract has on every chain."""
    return create2_address(load_artefact(name).creation, salt=deployment_salt(name))


def is_deployed(name: str, chain: ContractChain) -> bool:
    """Say whether the released code of a contract stands on the chain.

    Raises:
        CodeMismatch: other code stands at its address.
    """
    address, artefact = contract_address(name), load_artefact(name)
    code = chain.code(address)
    if code not in (b"", artefact.runtime):
        raise CodeMismatch(
            f"got {len(code)} bytes of other code at {address} on chain {chain.chain_id}, "
            f"expected the {len(artefact.runtime)} bytes of {name}",
            hint="the endpoint lies or the chain is a patched fork: diptych chain doctor",
            address=address,
        )
    return code != b""


def contract_statuses(chain: ContractChain) -> Sequence[ContractStatus]:
    """Return where every shipped contract stands or would stand on a chain."""
    return tuple(
        ContractStatus(name, contract_address(name), is_deployed(name, chain))
        for name in contract_names()
    )


def deployed_address(name: str, chain: ContractChain) -> str:
    """Return the address of a contract that stands on the chain.

    Raises:
        NotDeployed: it does not.
        CodeMismatch: other code stands there.
    """
    if not is_deployed(name, chain):
        raise NotDeployed(
            f"{name} does not stand on chain {chain.chain_id}, expected it at "
            f"{contract_address(name)}",
            hint="diptych contracts deploy",
        )
    return contract_address(name)


def deploy(name: str, chain: ContractChain, outbox: Sender) -> Deployment:
    """Make sure that a contract stands on a chain; safe to repeat and to race.

    Args:
        name: a shipped contract.
        chain: where.
        outbox: who pays and sends.

    Raises:
        FactoryMissing: the chain lacks the factory; nothing was sent.
        CodeMismatch: other code stands at the address.
        NotDeployed: the transaction went through, but the contract is not there.
    """
    artefact, address = load_artefact(name), contract_address(name)
    if is_deployed(name, chain):
        return Deployment(name, address, chain.chain_id)
    if not has_factory(chain):
        raise missing_factory(chain.chain_id)
    receipt = _send(artefact, address, chain, outbox)
    if not is_deployed(name, chain):
        raise NotDeployed(
            f"{name} is not at {address} on chain {chain.chain_id} after its deployment",
            hint="diptych chain doctor",
        )
    if receipt is None:
        return Deployment(name, address, chain.chain_id)
    cost_wei = receipt.gas_used * receipt.gas_price_wei
    sent = receipt.transaction_hash
    return Deployment(name, address, chain.chain_id, sent, receipt.gas_used, cost_wei)


def _send(
    artefact: Artefact, address: str, chain: ContractChain, outbox: Sender
) -> SentReceipt | None:
    """Send the deployment; None when somebody else was faster."""
    data = factory_call(artefact.creation, salt=deployment_salt(artefact.name))
    key = f"deploy/{chain.chain_id}/{address}"
    try:
        return outbox.send(key, to=FACTORY_ADDRESS, data=data, value_wei=0)
    except DiptychError:
        if is_deployed(artefact.name, chain):
            return None
        raise
