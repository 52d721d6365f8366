"""Headers of an endpoint, one or many, checked to be of the heights that were asked for."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeVar

from msgspec import Struct

from diptych.index.blocks import BlockRef, Span
from diptych.index.source.answers import RawBlock
from diptych.index.source.rpc.endpoint import Endpoint
from diptych.index.source.source import BranchChanged
from diptych.ledger.answers import RpcCall
from diptych.ledger.errors import MalformedAnswer
from diptych.ledger.quantity import COUNT_BITS, read_bytes, read_quantity

LAG_PAUSES_S = (0.1, 0.3, 0.6)
"""Pauses before a block that was there is taken for gone: one node behind a URL may lag."""
_HASH_BYTES = 32


class RawHead(Struct, rename="camel", gc=False, frozen=True):
    """What of a header says where a block stands."""

    number: str
    hash: str
    parent_hash: str
    timestamp: str


Header = TypeVar("Header", RawHead, RawBlock)


class HeadReader:
    """Reads headers."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def newest(self, tag: str) -> BlockRef:
        """Return the block of a tag such as `latest`.

        Raises:
            MalformedAnswer: there is none, or it makes no sense.
        """
        head = self._endpoint.ask(RawHead, "eth_getBlockByNumber", tag, False)
        if head is None:
            raise MalformedAnswer(f"{self._endpoint.shown_url}: got no block '{tag}'")
        return block_ref(head)

    def at(self, number: int) -> BlockRef | None:
        """Return the block of a height, None past the head."""
        head = self._endpoint.ask(RawHead, "eth_getBlockByNumber", hex(number), False)
        return None if head is None else self._checked(block_ref(head), number)

    def each(
        self, kind: type[Header], numbers: Sequence[int], *, whole: bool = False
    ) -> list[Header]:
        """Return the blocks of heights, in order.

        Args:
            kind: how much of a header.
            numbers: heights, all below the head.
            whole: whether transactions come whole.

        Raises:
            BranchChanged: one is not there any more.
            MalformedAnswer: an answer is of another height.
        """
        found: dict[int, Header] = {}
        for pause_s in (*LAG_PAUSES_S, None):
            missing = [number for number in numbers if number not in found]
            calls = [RpcCall("eth_getBlockByNumber", (hex(one), whole)) for one in missing]
            for number, head in zip(missing, self._endpoint.ask_each(kind, calls), strict=True):
                if head is not None:
                    self._checked(block_ref(head), number)
                    found[number] = head
            if len(found) == len(numbers):
                break
            if pause_s is not None:
                self._endpoint.pause(pause_s)
        gone = next((number for number in numbers if number not in found), None)
        if gone is not None:
            raise BranchChanged(f"{self._endpoint.shown_url}: got no block {gone} any more")
        return [found[number] for number in numbers]

    def linked(self, kind: type[Header], span: Span, *, whole: bool = False) -> list[Header]:
        """Return every block of a span, each the parent of the next.

        Raises:
            BranchChanged: they are of two branches.
        """
        heads = self.each(kind, range(span.first, span.last + 1), whole=whole)
        for before, after in pairwise(heads):
            if after.parent_hash.lower() != before.hash.lower():
                raise BranchChanged(
                    f"{self._endpoint.shown_url}: got block {int(after.number, 16)} with parent "
                    f"{after.parent_hash[:66]}, expected {before.hash[:66]}"
                )
        return heads

    def _checked(self, ref: BlockRef, number: int) -> BlockRef:
        if ref.number != number:
            raise MalformedAnswer(
                f"{self._endpoint.shown_url}: got block {ref.number}, expected {number}"
            )
        return ref


def block_ref(head: RawHead | RawBlock) -> BlockRef:
    """Return where a block stands.

    Raises:
        MalformedAnswer: a value has another form.
    """
    return BlockRef(
        read_quantity(head.number, "number", bits=COUNT_BITS),
        read_bytes(head.hash, "hash", length=_HASH_BYTES),
        read_bytes(head.parent_hash, "parentHash", length=_HASH_BYTES),
        read_quantity(head.timestamp, "timestamp", bits=COUNT_BITS),
    )
