"""A chain made by hand, for tests: blocks with logs, forks, and a reader of it."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from diptych.index.blocks import BlockRef, Chunk, Span, Wanted, blocks_schema, logs_schema
from diptych.index.source.source import BranchChanged, Identity

TRANSFER = bytes.fromhex("ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef")
TOKEN = bytes.fromhex("ab" * 20)


@dataclass(frozen=True)
class Log:
    """One event of a test."""

    address: bytes
    topics: tuple[bytes, ...]
    data: bytes = b""


def word(value: int | bytes) -> bytes:
    """Return one ABI word."""
    raw = value.to_bytes(32, "big") if isinstance(value, int) else value
    return raw.rjust(32, b"\0")


def account(number: int) -> bytes:
    """Return an address."""
    return hashlib.sha256(b"account %d" % number).digest()[:20]


def transfer(sender: int, receiver: int, value: int, token: bytes = TOKEN) -> Log:
    """Return an ERC-20 transfer between two accounts."""
    topics = (TRANSFER, word(account(sender)), word(account(receiver)))
    return Log(token, topics, word(value))


@dataclass
class Block:
    """One block of a test."""

    ref: BlockRef
    logs: tuple[Log, ...]


@dataclass
class HandMadeChain:
    """A source; `fork` replaces its newest blocks."""

    blocks: list[Block] = field(default_factory=list)
    fetches: int = 0
    salt: int = 0

    def mine(self, *logs: Log) -> BlockRef:
        """Add a block."""
        number = len(self.blocks)
        parent = self.blocks[-1].ref.hash if self.blocks else bytes(32)
        seed = repr((number, parent, logs, self.salt)).encode()
        ref = BlockRef(number, hashlib.sha256(seed).digest(), parent, 1_700_000_000 + 12 * number)
        self.blocks.append(Block(ref, logs))
        return ref

    def fork(self, depth: int, branch: Sequence[Sequence[Log]]) -> None:
        """Take back the newest `depth` blocks and mine a branch in their place."""
        self.salt += 1
        del self.blocks[len(self.blocks) - depth :]
        for logs in branch:
            self.mine(*logs)

    def identity(self) -> Identity:
        """Return which chain this is."""
        return Identity(31337, self.blocks[0].ref.hash, 0, "a test's chain")

    def head(self) -> BlockRef:
        """Return the newest block."""
        return self.blocks[-1].ref

    def header(self, number: int) -> BlockRef | None:
        """Return the block of a height."""
        return self.blocks[number].ref if number < len(self.blocks) else None

    def fetch(self, span: Span, wanted: Wanted) -> Chunk:
        """Return the logs of a span."""
        self.fetches += 1
        if span.last >= len(self.blocks):
            raise BranchChanged("the branch is shorter now")
        blocks = self.blocks[span.first : span.last + 1]
        return Chunk(span, blocks[-1].ref, _blocks(blocks), _logs(blocks, wanted))

    def wait(self, timeout_s: float) -> None:
        """Return at once."""


def _blocks(blocks: Iterable[Block]) -> pa.Table:
    rows = [one.ref._asdict() for one in blocks]
    return pa.Table.from_pylist(rows, schema=blocks_schema())


def _logs(blocks: Iterable[Block], wanted: Wanted) -> pa.Table:
    rows = []
    for block in blocks:
        for index, log in enumerate(block.logs):
            if any(_selects(one, log) for one in wanted.logs):
                topics = {f"topic{place}": one for place, one in enumerate(log.topics)}
                row = {
                    "block_number": block.ref.number,
                    "log_index": index,
                    "transaction_index": index,
                    "block_hash": block.ref.hash,
                    "transaction_hash": hashlib.sha256(block.ref.hash + bytes([index])).digest(),
                    "address": log.address,
                    "data": log.data,
                }
                rows.append({**row, **topics})
    return pa.Table.from_pylist(rows, schema=logs_schema())


def _selects(selector: object, log: Log) -> bool:
    from diptych.index.blocks import LogSelector

    assert isinstance(selector, LogSelector)
    of_address = not selector.addresses or log.address in selector.addresses
    of_topic = not selector.topics or (bool(log.topics) and log.topics[0] in selector.topics)
    return of_address and of_topic
