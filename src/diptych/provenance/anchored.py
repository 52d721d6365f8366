"""What a chain holds of a log: its newest tree head, and mined anchors."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from diptych.core.errors import ProvenanceError, UsageError
from diptych_verify.errors import Rollback, SplitView
from diptych_verify.note import Checkpoint


class CannotAnchor(UsageError):
    """A checkpoint is empty, too large, or of another log."""

    code = "Anchor.BadCheckpoint"


class NotAnchored(ProvenanceError):
    """The chain shows no such tree head of this log."""

    code = "Anchor.NotAnchored"


@dataclass(frozen=True)
class AnchoredHead:
    """The newest tree head that the contract holds.

    Attributes:
        owner: who rules the log, EIP-55.
        size: leaves, 0 before the first anchor.
        root: 32 bytes.
        time_s: when it was anchored, seconds since the epoch, on the chain's word.
    """

    owner: str
    size: int
    root: bytes
    time_s: int


@dataclass(frozen=True)
class AnchorReceipt:
    """One mined anchor.

    Attributes:
        size: leaves of the anchored tree.
        root: 32 bytes.
        transaction_hash: 32 bytes.
        block_number: height.
        gas_used: gas of the transaction.
        cost_wei: what it cost.
        log_index: position of the event within the receipt.
    """

    size: int
    root: bytes
    transaction_hash: bytes
    block_number: int
    gas_used: int
    cost_wei: int
    log_index: int


def require_same(head: AnchoredHead, checkpoint: Checkpoint) -> None:
    """Refuse a checkpoint that the chain's head contradicts.

    Raises:
        Rollback: the chain holds a larger tree.
        SplitView: the chain holds another root for this size.
    """
    heads: dict[str, Any] = {
        "seen_size": head.size,
        "seen_root": b64encode(head.root).decode(),
        "local_size": checkpoint.size,
        "local_root": b64encode(checkpoint.root).decode(),
    }
    if head.size > checkpoint.size:
        raise Rollback(
            f"got a checkpoint of {checkpoint.size} entries, but the chain holds {head.size}",
            hint="another writer anchored more, or this log was restored from a backup",
            **heads,
        )
    if head.root != checkpoint.root:
        raise SplitView(
            f"at size {head.size} the chain holds root {head.root.hex()}, "
            f"the checkpoint has {checkpoint.root.hex()}",
            hint="keep both: together they show that the log was rewritten",
            **heads,
        )


def not_anchored(checkpoint: Checkpoint) -> NotAnchored:
    """Return the error for a checkpoint that the chain does not show."""
    return NotAnchored(
        f"the chain shows no anchor of size {checkpoint.size} and root {checkpoint.root.hex()}",
        hint="diptych anchor",
    )
