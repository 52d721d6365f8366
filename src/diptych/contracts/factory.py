"""The CREATE2 factory on a chain: is it there, and how does it get there."""

import time
from collections.abc import Callable

from diptych.contracts.create2 import (
    FACTORY_ADDRESS,
    FACTORY_FUNDING_WEI,
    FACTORY_RUNTIME,
    FACTORY_SENDER,
    FACTORY_TRANSACTION,
)
from diptych.contracts.ports import ContractChain, Sender
from diptych.core.errors import ContractError

_POLLS = 120
_POLL_S = 0.5


class FactoryMissing(ContractError):
    """The chain lacks the CREATE2 factory; `details` holds the transaction that installs it."""

    code = "Contract.FactoryMissing"


class CodeMismatch(ContractError):
    """Other code than the released one stands at a contract's address."""

    code = "Contract.CodeMismatch"


def has_factory(chain: ContractChain) -> bool:
    """Say whether the CREATE2 factory stands on the chain.

    Raises:
        CodeMismatch: other code stands at its address.
    """
    code = chain.code(FACTORY_ADDRESS)
    if code not in (b"", FACTORY_RUNTIME):
        raise CodeMismatch(
            f"got other code at {FACTORY_ADDRESS} on chain {chain.chain_id}, "
            "expected the deterministic deployment proxy",
            address=FACTORY_ADDRESS,
        )
    return code != b""


def install_factory(
    chain: ContractChain, outbox: Sender, *, sleep: Callable[[float], None] = time.sleep
) -> bool:
    """Put the factory on a chain that lacks it: fund its one-time sender, then broadcast.

    Args:
        chain: where.
        outbox: who pays 0.01 of the chain's currency.
        sleep: pause in seconds between two looks at the chain.

    Returns:
        False if it was there before and nothing was sent.

    Raises:
        FactoryMissing: the chain did not accept the pre-signed transaction in a minute; it may
            refuse transactions without chain id (EIP-155), or ask more than 100 gwei per gas.
        LedgerError: the funds could not be sent, or the endpoint refused the transaction.
    """
    if has_factory(chain):
        return False
    key = f"deploy/{chain.chain_id}/factory"
    outbox.send(key, to=FACTORY_SENDER, data=b"", value_wei=FACTORY_FUNDING_WEI)
    # Bytes that anybody may send and that mean the same whoever does: no intent of ours.
    chain.request("eth_sendRawTransaction", "0x" + FACTORY_TRANSACTION.hex())
    for _ in range(_POLLS):
        if has_factory(chain):
            return True
        sleep(_POLL_S)
    raise missing_factory(chain.chain_id)


def missing_factory(chain_id: int) -> FactoryMissing:
    """Return the error that says how to install the factory."""
    return FactoryMissing(
        f"chain {chain_id} has no code at {FACTORY_ADDRESS}, "
        "expected the deterministic deployment proxy",
        hint=f"send {FACTORY_FUNDING_WEI} wei to {FACTORY_SENDER}, then broadcast the "
        "pre-signed transaction in the details (eth_sendRawTransaction), and deploy again",
        sender=FACTORY_SENDER,
        funding_wei=str(FACTORY_FUNDING_WEI),
        raw_transaction="0x" + FACTORY_TRANSACTION.hex(),
    )
