"""Blocks recomputed: header hash, every root, every bloom, every derived field.

What an endpoint tells of a block is either proven by the block hash or refused. That the block hash
is of the canonical chain is not proven here; parent links and trusted hashes show that.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeVar

import msgspec

from diptych.core.errors import LedgerError
from diptych.index.source.answers import RawBlock, RawReceipt, RawTransaction
from diptych.index.verification.bloom import BLOOM_BYTES, Blooms
from diptych.index.verification.derived import (
    check_gas,
    check_logs,
    check_place,
    check_receipt,
    effective_gas_price,
    number,
    recovered_sender,
    require,
)
from diptych.index.verification.encoding import (
    DEPOSIT,
    CannotVerify,
    encoded_header,
    encoded_receipt,
    encoded_transaction,
    encoded_withdrawal,
    type_of,
)
from diptych.index.verification.keccak import Keccak, new_keccak
from diptych.index.verification.trie import ListTrie
from diptych.ledger.errors import MalformedAnswer
from diptych.ledger.header import ProofMismatch, header_rlp

Result = TypeVar("Result")
_BLOB = 3
_BLOB_HINT = "anvil hashes blob transactions with their blobs, unlike consensus: use another node"


class Evidence(NamedTuple):
    """What was recomputed of a block.

    Attributes:
        number: height.
        block_hash: Keccak-256 of the header.
        header: RLP of the header.
        transactions: how many were proven.
        receipts: how many were proven; 0 when none were given.
        logs: how many were proven.
        trie: of the receipts, for proofs; None when none were given.
    """

    number: int
    block_hash: bytes
    header: bytes
    transactions: int = 0
    receipts: int = 0
    logs: int = 0
    trie: ListTrie | None = None


class Verifier:
    """Recomputes blocks, and remembers the blooms of what it saw."""

    def __init__(self, keccak: Keccak | None = None, *, senders: bool = True) -> None:
        """Start with nothing remembered.

        Args:
            keccak: hash function; by default the fastest there is.
            senders: whether `from` is compared with the signature; not needed for what was
                recovered from it in the first place.
        """
        self._senders = senders
        self.keccak = new_keccak() if keccak is None else keccak
        self.blooms = Blooms(self.keccak)

    def header(self, block: RawBlock) -> Evidence:
        """Recompute the block hash from the header's fields.

        Raises:
            ProofMismatch: the fields do not hash to it.
            MalformedAnswer: a field is malformed.
        """
        return _named(block, lambda: self._header(block))

    def block(self, block: RawBlock, receipts: Sequence[RawReceipt] | None = None) -> Evidence:
        """Recompute everything of a block with whole transactions.

        Args:
            block: header, transactions and withdrawals.
            receipts: all receipts of the block in order, or None.

        Raises:
            ProofMismatch: something does not hash to the header; the message says what.
            CannotVerify: a transaction of an unknown type, or hashes in place of transactions.
            MalformedAnswer: a field is malformed.
        """
        return _named(block, lambda: self._block(block, receipts))

    def _header(self, block: RawBlock) -> Evidence:
        encoded = encoded_header(block)
        expected = bytes.fromhex(block.hash[2:])
        if self.keccak(encoded) != expected:
            # Chains of Besu's BFT kind hash another header than they show.
            encoded = header_rlp(msgspec.to_builtins(block))
        return Evidence(int(block.number, 16), expected, encoded)

    def _block(self, block: RawBlock, receipts: Sequence[RawReceipt] | None) -> Evidence:
        evidence = self._header(block)
        transactions = self._transactions(block)
        self._withdrawals(block)
        evidence = evidence._replace(transactions=len(transactions))
        if receipts is None:
            return evidence
        trie = self._receipts(block, transactions, receipts)
        return evidence._replace(
            receipts=len(receipts), logs=check_logs(block, receipts), trie=trie
        )

    def _transactions(self, block: RawBlock) -> list[RawTransaction]:
        base_fee = number(block.base_fee_per_gas) or 0
        encoded, whole = [], []
        for place, each in enumerate(block.transactions):
            if isinstance(each, str):
                raise CannotVerify("got hashes of transactions, expected whole ones")
            whole.append(each)
            encoded.append(self._transaction(block, place, each, base_fee))
        root = ListTrie(encoded, self.keccak).root
        if "0x" + root.hex() != block.transactions_root.lower():
            is_blob = any(type_of(each.type) == _BLOB for each in whole)
            raise ProofMismatch(
                f"transactionsRoot: got 0x{root.hex()}, expected {block.transactions_root[:66]}",
                hint=_BLOB_HINT if is_blob else "",
            )
        return whole

    def _transaction(
        self, block: RawBlock, place: int, each: RawTransaction, base_fee: int
    ) -> bytes:
        encoded, signed = encoded_transaction(each)
        where = f"transaction {place}:"
        require(each.hash, "0x" + self.keccak(encoded).hex(), f"{where} hash")
        check_place(block, place, each, where)
        if type_of(each.type) != DEPOSIT and self._senders:
            require(each.sender, recovered_sender(each, signed, self.keccak), f"{where} from")
            if each.gas_price is not None:
                price = effective_gas_price(each, base_fee)
                require(number(each.gas_price), price, f"{where} gasPrice")
        return encoded

    def _withdrawals(self, block: RawBlock) -> None:
        if block.withdrawals is None and block.withdrawals_root is None:
            return
        values = [encoded_withdrawal(each) for each in block.withdrawals or ()]
        root = ListTrie(values, self.keccak).root
        require("0x" + root.hex(), block.withdrawals_root, "withdrawalsRoot")

    def _receipts(
        self, block: RawBlock, transactions: list[RawTransaction], receipts: Sequence[RawReceipt]
    ) -> ListTrie:
        require(len(receipts), len(transactions), "receipts of the block")
        base_fee = number(block.base_fee_per_gas) or 0
        all_bits, encoded = 0, []
        for place, (each, receipt) in enumerate(zip(transactions, receipts, strict=True)):
            bits = self._bloom(receipt, place)
            all_bits |= bits
            encoded.append(encoded_receipt(receipt, bits.to_bytes(BLOOM_BYTES, "big")))
            check_place(block, place, receipt, f"receipt {place}:")
            check_receipt(each, receipt, base_fee, self.keccak if self._senders else None)
        trie = ListTrie(encoded, self.keccak)
        require("0x" + trie.root.hex(), block.receipts_root, "receiptsRoot")
        bloom = all_bits.to_bytes(BLOOM_BYTES, "big")
        require("0x" + bloom.hex(), block.logs_bloom, "logsBloom")
        check_gas(receipts, int(block.gas_used, 16), "block")
        return trie

    def _bloom(self, receipt: RawReceipt, place: int) -> int:
        bits = self.blooms.of_logs(receipt.logs)
        if receipt.logs_bloom is not None and int(receipt.logs_bloom, 16) != bits:
            raise ProofMismatch(f"receipt {place}: got a logsBloom that its logs do not make")
        return bits


def verify_links(blocks: Iterable[RawBlock]) -> None:
    """Check that each block is the parent of the next one.

    Raises:
        ProofMismatch: two neighbours do not belong together.
    """
    before: RawBlock | None = None
    for block in blocks:
        if before is not None:
            where = f"block {number(block.number)}: "
            require(block.parent_hash, before.hash, where + "parentHash")
            require(number(block.number), int(before.number, 16) + 1, where + "number")
        before = block


def _named(block: RawBlock, check: Callable[[], Result]) -> Result:
    """Run a check; its errors name the block."""
    shown = f"block {block.number[:20]} ({block.hash[:66]})"
    try:
        return check()
    except LedgerError as error:
        raise type(error)(f"{shown}: {error.message}", hint=error.hint) from None
    except (ValueError, OverflowError) as error:
        raise MalformedAnswer(f"{shown}: {error}") from None
