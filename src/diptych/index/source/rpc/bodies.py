"""Whole blocks and receipts of an endpoint, recomputed where that is wanted."""

from collections.abc import Sequence
from typing import TypeVar

from diptych.index.blocks import Span, Wanted
from diptych.index.source.answers import RawBlock, RawReceipt
from diptych.index.source.rpc.endpoint import Endpoint
from diptych.index.source.rpc.heads import HeadReader
from diptych.index.source.source import BranchChanged, NotOffered
from diptych.index.source.stored import StoredBlock
from diptych.index.verification.verifier import Verifier
from diptych.ledger.answers import RpcCall
from diptych.ledger.errors import MalformedAnswer, RpcRefused

Found = TypeVar("Found")


class BodyReader:
    """Reads blocks with their transactions and receipts."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._heads = HeadReader(endpoint)
        self._verifier = Verifier()
        self._by_block = True

    def of_span(self, span: Span, wanted: Wanted) -> list[StoredBlock]:
        """Return every block of a span, linked, with receipts where logs or receipts are wanted.

        With `wanted.verified` and neither transactions nor receipts wanted, blocks whose proven
        bloom excludes every log that is wanted come without transactions and receipts.

        Raises:
            BranchChanged: the blocks were replaced meanwhile.
            ProofMismatch: a block does not hash to its header.
            NotOffered: the endpoint has no receipts of these blocks.
        """
        if wanted.transactions or wanted.receipts:
            return self._whole(self._heads.linked(RawBlock, span, whole=True), wanted)
        heads = self._heads.linked(RawBlock, span)
        for head in heads:
            self._verifier.header(head)
        chosen = [head for head in heads if self._may_hold(head, wanted)]
        numbers = [int(head.number, 16) for head in chosen]
        whole = self._heads.each(RawBlock, numbers, whole=True)
        for head, block in zip(chosen, whole, strict=True):
            if head.hash.lower() != block.hash.lower():
                raise BranchChanged(f"got block {int(head.number, 16)} of two branches")
        read = {each.block.hash: each for each in self._whole(whole, wanted)}
        return [read.get(head.hash, StoredBlock(head, [])) for head in heads]

    def _may_hold(self, head: RawBlock, wanted: Wanted) -> bool:
        bloom = bytes.fromhex(head.logs_bloom[2:])
        return any(self._verifier.blooms.may_hold(bloom, one) for one in wanted.logs)

    def _whole(self, blocks: Sequence[RawBlock], wanted: Wanted) -> list[StoredBlock]:
        if not wanted.logs and not wanted.receipts and not wanted.verified:
            return [StoredBlock(block, []) for block in blocks]
        read = []
        for block, receipts in zip(blocks, self._receipts(blocks), strict=True):
            if wanted.verified:
                self._verifier.block(block, receipts)
            else:
                _require_receipts(block, receipts)
            read.append(StoredBlock(block, receipts))
        return read

    def _receipts(self, blocks: Sequence[RawBlock]) -> list[list[RawReceipt]]:
        filled = [block for block in blocks if block.transactions]
        if self._by_block and filled:
            calls = [RpcCall("eth_getBlockReceipts", (block.number,)) for block in filled]
            try:
                answers = self._endpoint.ask_each(list[RawReceipt], calls)
            except RpcRefused as error:
                if not error.unsupported:
                    raise
                self._by_block = False
            else:
                found = {
                    block.hash: self._there(one, block)
                    for block, one in zip(filled, answers, strict=True)
                }
                return [found.get(block.hash, []) for block in blocks]
        return [self._one_by_one(block) for block in blocks]

    def _one_by_one(self, block: RawBlock) -> list[RawReceipt]:
        hashes = [one if isinstance(one, str) else one.hash for one in block.transactions]
        calls = [RpcCall("eth_getTransactionReceipt", (one,)) for one in hashes]
        answers = self._endpoint.ask_each(RawReceipt, calls)
        return [self._there(one, block) for one in answers]

    def _there(self, found: Found | None, block: RawBlock) -> Found:
        if found is not None:
            return found
        number = int(block.number, 16)
        now = self._heads.at(number)
        if now is None or now.hash.hex() != block.hash[2:].lower():
            raise BranchChanged(f"block {number} was replaced")
        raise NotOffered(
            f"{self._endpoint.shown_url}: got no receipts of block {number}",
            hint="use an endpoint that keeps receipts of old blocks",
        )


def _require_receipts(block: RawBlock, receipts: Sequence[RawReceipt]) -> None:
    """Check that receipts are of a block's transactions, without a proof."""
    number = int(block.number, 16)
    if any(one.block_hash.lower() != block.hash.lower() for one in receipts):
        raise BranchChanged(f"got receipts of another block at height {number}")
    hashes = [one if isinstance(one, str) else one.hash for one in block.transactions]
    if [one.transaction_hash for one in receipts] != hashes:
        raise MalformedAnswer(
            f"block {number}: got {len(receipts)} receipts of other transactions, "
            f"expected those of {len(hashes)}"
        )
