"""Anchor a log: publish its newest checkpoint to a chain, read it back, prove it offline.

One transaction covers every record below the checkpoint. The contract checks that sizes grow; that
nothing was rewritten is shown by consistency proofs, and `check_against` compares with the log.
"""

import hashlib
from collections.abc import Iterator
from typing import Protocol

from diptych.contracts.abi import MalformedReturn
from diptych.contracts.artefact import known_abis
from diptych.contracts.bindings.anchor import (
    Anchored,
    decode_head,
    encode_anchor,
    encode_head,
    encode_register,
)
from diptych.contracts.deployment import NotDeployed
from diptych.ledger.address import checksum_address, read_address
from diptych.ledger.chain import Chain
from diptych.ledger.errors import Reverted
from diptych.ledger.outbox import Outbox
from diptych.ledger.outbox.errors import UnknownIntent
from diptych.ledger.receipt_proof import build_receipt_proof
from diptych.ledger.records import BlockReference, CallRequest, LogEntry, LogFilter, Receipt
from diptych.ledger.reverts import RevertDecoder
from diptych.provenance.anchor_rights import AnchorRights
from diptych.provenance.anchor_rules import MAX_SIZE, derive_log_id
from diptych.provenance.anchored import (
    AnchoredHead,
    AnchorReceipt,
    CannotAnchor,
    not_anchored,
    require_same,
)
from diptych_verify.bundle import AnchorProof
from diptych_verify.note import Checkpoint, VerifierKey


class PinnedLog(Protocol):
    """A log that remembers what was seen of it outside; `provenance.log.Log` does."""

    def pin(self, checkpoint: Checkpoint, *, by: str) -> None:
        """Refuse a checkpoint that contradicts the log, remember any other."""


def log_salt(key: VerifierKey) -> bytes:
    """Return the 32-byte salt that a log registers with: SHA-256 of its verifier key's text."""
    return hashlib.sha256(str(key).encode()).digest()


class AnchorClient:
    """One log in one Anchor contract."""

    def __init__(
        self, chain: Chain, outbox: Outbox, contract: str, *, key: VerifierKey, owner: str
    ) -> None:
        """Name the parts; nothing is sent yet.

        Args:
            chain: where the contract stands.
            outbox: sends for the owner or for an allowed publisher.
            contract: address of the Anchor contract.
            key: the log's verifier key.
            owner: address that registered, or will register, the log first.

        Raises:
            BadAddress: `contract` or `owner` is no address.
        """
        self._chain = chain
        self._outbox = outbox
        self.contract = checksum_address(read_address(contract))
        self.key = key
        self.owner = checksum_address(read_address(owner))
        self.log_id = derive_log_id(self.owner, log_salt(key))
        self._reverts = RevertDecoder(known_abis())

    def head(self, block: BlockReference = "latest") -> AnchoredHead | None:
        """Return the newest tree head as of a block, or None if the log is not registered.

        Raises:
            NotDeployed: no Anchor contract answers at the address.
        """
        request = CallRequest(self.contract, encode_head(self.log_id))
        try:
            found = decode_head(self._chain.call(request, block))
        except Reverted as error:
            named = self._reverts.explain(error)
            if named.code == "Anchor.UnknownLog":
                return None
            raise named from error
        except MalformedReturn as error:
            raise NotDeployed(
                f"no Anchor contract answers at {self.contract} on chain {self._chain.chain_id}",
                hint="diptych contracts deploy",
                address=self.contract,
            ) from error
        return AnchoredHead(found.owner, found.size, found.root, found.time)

    def register_if_needed(self) -> Receipt | None:
        """Register the log if the contract does not know it; None if it does."""
        if self.head() is not None:
            return None
        data = encode_register(log_salt(self.key))
        return self._outbox.send(self._intent_key("register"), to=self.contract, data=data)

    def publish(self, checkpoint: Checkpoint) -> AnchorReceipt:
        """Anchor a checkpoint; safe to repeat, also after a crash.

        Raises:
            CannotAnchor: it is empty, too large, or of another log.
            Rollback: the chain holds a larger tree of this log.
            SplitView: the chain holds another root for this size.
            Reverted: the contract refused, for example `Anchor.NotPublisher`.
        """
        self._require_own(checkpoint)
        head = self.head()
        if head is not None and head.size >= checkpoint.size:
            require_same(head, checkpoint)
            return self.receipt(checkpoint)
        data = encode_anchor(self.log_id, checkpoint.size, checkpoint.root)
        receipt = self._outbox.send(self._key_of(checkpoint), to=self.contract, data=data)
        return self._anchor_receipt(checkpoint, receipt)

    @property
    def rights(self) -> AnchorRights:
        """Who may anchor this log, and how that changes."""
        return AnchorRights(self._chain, self._outbox, self.contract, self.log_id)

    def receipt(self, checkpoint: Checkpoint, *, from_block: int = 0) -> AnchorReceipt:
        """Return where a checkpoint was anchored, by us or by anybody who may.

        Args:
            checkpoint: an anchored tree head.
            from_block: height at which to start searching the chain's events.

        Raises:
            NotAnchored: the chain shows no such event.
        """
        try:
            receipt = self._outbox.wait(self._key_of(checkpoint))
        except UnknownIntent:
            sent = self._find(checkpoint, from_block)
            found = None if sent is None else self._chain.receipt(sent)
            if found is None:
                raise not_anchored(checkpoint) from None
            receipt = found
        return self._anchor_receipt(checkpoint, receipt)

    def evidence(self, receipt: AnchorReceipt) -> AnchorProof:
        """Return what proves an anchor offline: block header and receipt proof.

        Raises:
            BlockNotFound: the transaction is no longer in the chain.
            ProofMismatch: the endpoint's answers do not fit together.
        """
        proof = build_receipt_proof(
            self._chain, receipt.transaction_hash, log_index=receipt.log_index
        )
        return AnchorProof(
            chain_id=proof.chain_id,
            contract=read_address(self.contract),
            log_id=self.log_id,
            header=proof.header,
            index=proof.index,
            log_index=proof.log_index,
            proof=proof.proof,
        )

    def check_against(self, log: PinnedLog) -> AnchoredHead | None:
        """Refuse a log that the chain contradicts; remember what the chain holds.

        Returns:
            The chain's head, None if nothing was anchored yet.

        Raises:
            Rollback: the chain is ahead of the log (restored backup, second writer).
            SplitView: the chain holds another root than the log had at that size.
        """
        head = self.head()
        if head is None or head.size == 0:
            return None
        seen = Checkpoint(self.key.name, head.size, head.root)
        log.pin(seen, by=f"anchor {self._chain.chain_id} {self.contract}")
        return head

    def _require_own(self, checkpoint: Checkpoint) -> None:
        if checkpoint.origin != self.key.name:
            raise CannotAnchor(
                f"got a checkpoint of {checkpoint.origin}, expected one of {self.key.name}"
            )
        if not 0 < checkpoint.size <= MAX_SIZE:
            raise CannotAnchor(
                f"got a checkpoint of {checkpoint.size} entries, expected 1 to {MAX_SIZE}",
                hint="seal something first",
            )

    def _intent_key(self, action: str) -> str:
        where = f"{self._chain.chain_id}/{self.contract}/{self.log_id.hex()}"
        return f"anchor/{where}/{action}"

    def _key_of(self, checkpoint: Checkpoint) -> str:
        return self._intent_key(f"{checkpoint.size}/{checkpoint.root.hex()}")

    def _find(self, checkpoint: Checkpoint, from_block: int) -> bytes | None:
        last = self._chain.head_number()
        topics = (Anchored.TOPIC, self.log_id)
        wanted = LogFilter(from_block, last, (self.contract,), topics)
        for entry in self._chain.logs(wanted):
            if self._is_anchor(entry, checkpoint):
                return entry.transaction_hash
        return None

    def _is_anchor(self, entry: LogEntry, checkpoint: Checkpoint) -> bool:
        if entry.address != self.contract or entry.topics[:1] != (Anchored.TOPIC,):
            return False
        event = Anchored.parse(entry.topics, entry.data)
        expected = (self.log_id, checkpoint.size, checkpoint.root)
        return (event.id_, event.size, event.root) == expected

    def _anchor_receipt(self, checkpoint: Checkpoint, receipt: Receipt) -> AnchorReceipt:
        places = self._places(checkpoint, receipt)
        place = next(places, None)
        if place is None:
            raise not_anchored(checkpoint)
        return AnchorReceipt(
            size=checkpoint.size,
            root=checkpoint.root,
            transaction_hash=receipt.transaction_hash,
            block_number=receipt.block_number,
            gas_used=receipt.gas_used,
            cost_wei=receipt.gas_used * receipt.gas_price_wei,
            log_index=place,
        )

    def _places(self, checkpoint: Checkpoint, receipt: Receipt) -> Iterator[int]:
        for place, entry in enumerate(receipt.logs):
            if self._is_anchor(entry, checkpoint):
                yield place
