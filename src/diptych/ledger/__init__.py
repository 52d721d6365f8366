"""Chain access: endpoints, accounts, the outbox, simulation, receipt proofs, the embedded chain."""

from typing import TYPE_CHECKING

from diptych.core.lazy import lazy_names

if TYPE_CHECKING:
    from diptych.ledger.account import LocalAccount, TransactionSigner
    from diptych.ledger.chain import Chain
    from diptych.ledger.outbox import Outbox
    from diptych.ledger.rpc import Rpc
    from diptych.ledger.transaction import Transaction

__all__ = ["Chain", "LocalAccount", "Outbox", "Rpc", "Transaction", "TransactionSigner"]

__getattr__ = lazy_names(
    __name__,
    {
        "Chain": "diptych.ledger.chain",
        "LocalAccount": "diptych.ledger.account",
        "Outbox": "diptych.ledger.outbox",
        "Rpc": "diptych.ledger.rpc",
        "Transaction": "diptych.ledger.transaction",
        "TransactionSigner": "diptych.ledger.account",
    },
)
