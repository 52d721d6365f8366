"""A chain in a few lines of Python, as a transport: mempool, blocks, reorganisations, faults."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import coincurve
from eth_hash.auto import keccak

from diptych.ledger.address import checksum_address
from diptych.ledger.errors import Unreachable
from diptych.ledger.transport import HttpAnswer
from diptych_verify.rlp import as_bytes, as_integer, as_list, rlp_decode, rlp_encode

CHAIN_ID = 31_337


@dataclass(frozen=True)
class FakeTransaction:
    """A decoded raw transaction."""

    hash: bytes
    sender: str
    nonce: int
    max_fee_wei: int
    tip_wei: int
    to: str | None
    value_wei: int
    data: bytes


@dataclass(frozen=True)
class FakeBlock:
    """A block and its transactions."""

    number: int
    hash: bytes
    parent_hash: bytes
    transactions: tuple[FakeTransaction, ...]


def decode(raw: bytes) -> FakeTransaction:
    """Decode a signed EIP-1559 transaction and recover its sender."""
    fields = as_list(rlp_decode(raw[1:]), "transaction")
    unsigned = keccak(b"\x02" + rlp_encode(fields[:9]))
    parity = as_integer(fields[9], "parity")
    r, s = (as_bytes(fields[i], "signature").rjust(32, b"\0") for i in (10, 11))
    public = coincurve.PublicKey.from_signature_and_message(
        r + s + bytes([parity]), unsigned, hasher=None
    )
    to = as_bytes(fields[5], "to")
    return FakeTransaction(
        hash=keccak(raw),
        sender=checksum_address(keccak(public.format(compressed=False)[1:])[12:]),
        nonce=as_integer(fields[1], "nonce"),
        tip_wei=as_integer(fields[2], "tip", max_bytes=32),
        max_fee_wei=as_integer(fields[3], "fee", max_bytes=32),
        to=checksum_address(to) if to else None,
        value_wei=as_integer(fields[6], "value", max_bytes=32),
        data=as_bytes(fields[7], "data"),
    )


class _Refusal(Exception):
    pass


@dataclass
class FakeNode:
    """The node; tests turn its knobs."""

    chain_id: int = CHAIN_ID
    auto_mine: bool = True
    base_fee_wei: int = 10
    finalized: int | None = 0
    min_fee_wei: int = 0
    fails: Callable[[FakeTransaction], bool] = lambda _: False
    estimate_error: str = ""
    send_error: str = ""
    hide_receipts: bool = False
    hide_old_state: bool = False
    away: int = 0
    sent: list[bytes] = field(default_factory=list)
    pool: dict[tuple[str, int], FakeTransaction] = field(default_factory=dict)
    blocks: list[FakeBlock] = field(default_factory=list)
    salt: int = 0
    peak: int = 0

    def __post_init__(self) -> None:
        self.blocks.append(FakeBlock(0, keccak(b"genesis"), bytes(32), ()))

    # -- what tests do ---------------------------------------------------------------------------

    def mine(self, transactions: Sequence[FakeTransaction] | None = None) -> FakeBlock:
        """Mine what is ready in the pool, or exactly the given transactions."""
        chosen = list(transactions) if transactions is not None else self._ready()
        parent = self.blocks[-1]
        self.salt += 1
        block = FakeBlock(
            parent.number + 1,
            keccak(parent.hash + self.salt.to_bytes(8, "big")),
            parent.hash,
            tuple(chosen),
        )
        self.blocks.append(block)
        self.peak = max(self.peak, block.number)
        for transaction in chosen:
            self.pool.pop((transaction.sender, transaction.nonce), None)
        return block

    def _ready(self) -> list[FakeTransaction]:
        ready = []
        counts: dict[str, int] = {}
        for (sender, nonce), transaction in sorted(self.pool.items()):
            expected = counts.setdefault(sender, self.nonce(sender))
            if nonce == expected and transaction.max_fee_wei >= self.base_fee_wei:
                ready.append(transaction)
                counts[sender] += 1
        return ready

    def reorganise(self, depth: int, *, keep_pool: bool = False) -> None:
        """Drop the newest `depth` blocks; their transactions are forgotten unless kept."""
        dropped = self.blocks[-depth:]
        del self.blocks[-depth:]
        if keep_pool:
            for block in dropped:
                for transaction in block.transactions:
                    self.pool[transaction.sender, transaction.nonce] = transaction

    def mined(self) -> list[FakeTransaction]:
        """Return every transaction of the canonical chain."""
        return [t for block in self.blocks for t in block.transactions]

    def nonce(self, sender: str, height: int | None = None) -> int:
        """Return how many transactions `sender` has in the chain up to a height."""
        blocks = self.blocks if height is None else self.blocks[: height + 1]
        return sum(t.sender == sender for block in blocks for t in block.transactions)

    # -- transport -------------------------------------------------------------------------------

    @property
    def shown_url(self) -> str:
        return "fake://node"

    def clean(self, text: str) -> str:
        return text

    def post(self, body: bytes) -> HttpAnswer:
        if self.away:
            self.away -= 1
            raise Unreachable("the node is away")
        request = json.loads(body)
        if isinstance(request, list):
            answer: object = [self._answer(item) for item in request]
        else:
            answer = self._answer(request)
        return HttpAnswer(200, json.dumps(answer).encode())

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = {"jsonrpc": "2.0", "id": request["id"]}
        method = getattr(self, f"_{request['method']}", None)
        try:
            if method is None:
                return {**answer, "error": {"code": -32601, "message": "method not found"}}
            return {**answer, "result": method(*request["params"])}
        except _Refusal as refusal:
            code = 3 if "revert" in str(refusal) else -32000
            return {**answer, "error": {"code": code, "message": str(refusal)}}

    def _eth_chainId(self) -> str:  # noqa: N802
        return hex(self.chain_id)

    def _eth_blockNumber(self) -> str:  # noqa: N802
        return hex(self.blocks[-1].number)

    def _eth_maxPriorityFeePerGas(self) -> str:  # noqa: N802
        return hex(2)

    def _eth_estimateGas(self, _call: object) -> str:  # noqa: N802
        if self.estimate_error:
            raise _Refusal(self.estimate_error)
        return hex(21_000)

    def _height(self, reference: str) -> int | None:
        if reference == "finalized":
            return self.finalized
        if reference in {"latest", "pending"}:
            return self.blocks[-1].number
        return int(reference, 16)

    def _eth_getBlockByNumber(self, reference: str, full: bool) -> object:  # noqa: N802
        height = self._height(reference)
        if height is None or height >= len(self.blocks):
            return None
        return self._block_json(self.blocks[height], full)

    def _eth_getBlockByHash(self, hash_: str, full: bool) -> object:  # noqa: N802
        found = [b for b in self.blocks if "0x" + b.hash.hex() == hash_]
        return self._block_json(found[0], full) if found else None

    def _block_json(self, block: FakeBlock, full: bool) -> dict[str, object]:
        return {
            "number": hex(block.number),
            "hash": "0x" + block.hash.hex(),
            "parentHash": "0x" + block.parent_hash.hex(),
            "timestamp": hex(1_700_000_000 + block.number),
            "gasLimit": "0x1c9c380",
            "gasUsed": "0x0",
            "baseFeePerGas": hex(self.base_fee_wei),
            "receiptsRoot": "0x" + bytes(32).hex(),
            "transactions": [
                _transaction_json(t, block) if full else "0x" + t.hash.hex()
                for t in block.transactions
            ],
        }

    def _eth_getTransactionCount(self, address: str, reference: str) -> str:  # noqa: N802
        height = self._height(reference)
        if self.hide_old_state and reference.startswith("0x") and height != len(self.blocks) - 1:
            raise _Refusal("missing trie node")
        count = self.nonce(address, height)
        if reference == "pending":
            while (address, count) in self.pool:
                count += 1
        return hex(count)

    def _eth_sendRawTransaction(self, raw: str) -> str:  # noqa: N802
        payload = bytes.fromhex(raw[2:])
        self.sent.append(payload)
        transaction = decode(payload)
        if self.send_error:
            raise _Refusal(self.send_error)
        if transaction.max_fee_wei < self.min_fee_wei:
            raise _Refusal("transaction underpriced")
        if transaction.nonce < self.nonce(transaction.sender):
            raise _Refusal("nonce too low")
        place = (transaction.sender, transaction.nonce)
        known = self.pool.get(place)
        if known is not None and known.hash == transaction.hash:
            raise _Refusal("already known")
        if known is not None and (
            transaction.max_fee_wei * 8 < known.max_fee_wei * 9
            or transaction.tip_wei * 8 < known.tip_wei * 9
        ):
            raise _Refusal("replacement transaction underpriced")
        self.pool[place] = transaction
        if self.auto_mine:
            self.mine()
        return "0x" + transaction.hash.hex()

    def _eth_getTransactionReceipt(self, hash_: str) -> object:  # noqa: N802
        if self.hide_receipts:
            return None
        for block in self.blocks:
            for index, transaction in enumerate(block.transactions):
                if "0x" + transaction.hash.hex() == hash_:
                    return self._receipt_json(block, index)
        return None

    def _receipt_json(self, block: FakeBlock, index: int) -> dict[str, object]:
        transaction = block.transactions[index]
        return {
            "transactionHash": "0x" + transaction.hash.hex(),
            "transactionIndex": hex(index),
            "type": "0x2",
            "blockNumber": hex(block.number),
            "blockHash": "0x" + block.hash.hex(),
            "from": transaction.sender,
            "to": transaction.to,
            "contractAddress": None,
            "status": "0x0" if self.fails(transaction) else "0x1",
            "gasUsed": "0x5208",
            "cumulativeGasUsed": hex(21_000 * (index + 1)),
            "effectiveGasPrice": hex(self.base_fee_wei + 2),
            "logs": [],
            "logsBloom": "0x" + bytes(256).hex(),
        }


def _transaction_json(transaction: FakeTransaction, block: FakeBlock) -> dict[str, object]:
    return {
        "hash": "0x" + transaction.hash.hex(),
        "from": transaction.sender,
        "nonce": hex(transaction.nonce),
        "to": transaction.to,
        "value": hex(transaction.value_wei),
        "input": "0x" + transaction.data.hex(),
        "blockNumber": hex(block.number),
        "blockHash": "0x" + block.hash.hex(),
    }
