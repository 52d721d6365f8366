"""Chain access: endpoints, accounts, the outbox, simulation, receipt proofs, the embedded chain."""

from typing import TYPE_CHECKING

from diptych.core.lazy import lazy_names

if TYPE_CHECKING:
    from diptych.ledger.account import LocalAccount, TransactionSigner
    from diptych.ledger.chain import Chain
    from diptych.ledger.outbox import Outbox, OutboxPolicy
    from diptych.ledger.providers import open_chain
    from diptych.ledger.receipt_proof import build_receipt_proof
    from diptych.ledger.reverts import RevertDecoder
    from diptych.ledger.rpc import Rpc
    from diptych.ledger.transaction import Transaction

__all__ = [
    "Chain",
    "LocalAccount",
    "Outbox",
    "OutboxPolicy",
    "RevertDecoder",
    "Rpc",
    "Transaction",
    "TransactionSigner",
    "build_receipt_proof",
    "open_chain",
]

__getattr__ = lazy_names(
    __name__,
    {
        "Chain": "diptych.ledger.chain",
        "LocalAccount": "diptych.ledger.account",
        "Outbox": "diptych.ledger.outbox",
        "OutboxPolicy": "diptych.ledger.outbox",
        "RevertDecoder": "diptych.ledger.reverts",
        "Rpc": "diptych.ledger.rpc",
        "Transaction": "diptych.ledger.transaction",
        "TransactionSigner": "diptych.ledger.account",
        "build_receipt_proof": "diptych.ledger.receipt_proof",
        "open_chain": "diptych.ledger.providers",
    },
)
