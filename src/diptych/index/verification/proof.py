"""A log proven by its receipt, in the form that bundles and the offline verifier take."""

from collections.abc import Sequence

from diptych.core.errors import UsageError
from diptych.index.source.answers import RawBlock, RawReceipt
from diptych.index.verification.verifier import Verifier
from diptych.ledger.receipt_proof import ReceiptProof


class NoSuchLog(UsageError):
    """A block has fewer logs than the one that is to be proven."""

    code = "Index.NoSuchLog"


def prove_log(
    block: RawBlock,
    receipts: Sequence[RawReceipt],
    log_index: int,
    *,
    chain_id: int,
    verifier: Verifier | None = None,
) -> ReceiptProof:
    """Prove one log against its block's header; everything of the block is recomputed first.

    Args:
        block: with whole transactions.
        receipts: all of the block, in order.
        log_index: position of the log in the block, from 0.
        chain_id: EIP-155, on the caller's word.
        verifier: remembers blooms over many calls; by default a new one.

    Raises:
        ProofMismatch: the block is not what its header commits to.
        CannotVerify: it has a form that cannot be recomputed.
        NoSuchLog: the block has fewer logs.
    """
    evidence = (verifier or Verifier()).block(block, receipts)
    first = 0
    for place, receipt in enumerate(receipts):
        after = first + len(receipt.logs)
        if first <= log_index < after and evidence.trie is not None:
            return ReceiptProof(
                chain_id=chain_id,
                block_hash=evidence.block_hash,
                block_number=evidence.number,
                header=evidence.header,
                index=place,
                log_index=log_index - first,
                proof=evidence.trie.proof(place),
            )
        first = after
    raise NoSuchLog(f"block {evidence.number}: got log {log_index}, expected 0 to {first - 1}")
