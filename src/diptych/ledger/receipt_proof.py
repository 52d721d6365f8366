"""Proof that a transaction emitted an event, as the offline verifier takes it.

All receipts of the block are encoded as consensus hashes them (EIP-2718) and built into a trie. Its
root is compared with the header's, and the header with the block hash: what an endpoint tells is
either proven or refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from diptych.ledger.address import read_address
from diptych.ledger.chain import Chain
from diptych.ledger.errors import BlockNotFound
from diptych.ledger.header import ProofMismatch, header_rlp
from diptych.ledger.quantity import bytes_field, to_data
from diptych.ledger.records import LogEntry, Receipt
from diptych.ledger.transaction import to_minimal
from diptych.ledger.trie import Trie
from diptych_verify.receipt import parse_header, verify_receipt
from diptych_verify.rlp import encode_integer, rlp_encode

_DEPOSIT_FIELDS = 2


@dataclass(frozen=True)
class ReceiptProof:
    """One receipt under a block header.

    Attributes:
        chain_id: EIP-155 chain id, on the endpoint's word.
        block_hash: Keccak-256 of `header`, 32 bytes.
        block_number: height.
        header: RLP of the block header.
        index: position of the transaction in the block.
        log_index: position of the event within the receipt, from 0.
        proof: RLP of the trie nodes, root first.
    """

    chain_id: int
    block_hash: bytes
    block_number: int
    header: bytes
    index: int
    log_index: int
    proof: tuple[bytes, ...]


def encode_receipt(receipt: Receipt) -> bytes:
    """Return the bytes of a receipt that consensus hashes (Yellow Paper 4.3.1, EIP-2718)."""
    outcome = receipt.state_root
    if outcome is None:
        outcome = b"\x01" if receipt.succeeded else b""
    fields: list[object] = [
        outcome,
        to_minimal(receipt.cumulative_gas_used),
        receipt.logs_bloom,
        [_encoded_log(entry) for entry in receipt.logs],
    ]
    if len(receipt.deposit) == _DEPOSIT_FIELDS:
        # Before the fork Canyon, which brought the version, nodes tell a nonce but do not hash it.
        fields += [to_minimal(number) for number in receipt.deposit]
    prefix = bytes([receipt.transaction_type]) if receipt.transaction_type else b""
    return prefix + rlp_encode(fields)


def _encoded_log(entry: LogEntry) -> list[object]:
    return [read_address(entry.address), list(entry.topics), entry.data]


def receipts_trie(receipts: Sequence[Receipt]) -> Trie:
    """Return the trie whose root stands in the block header."""
    return Trie({encode_integer(i): encode_receipt(r) for i, r in enumerate(receipts)})


def build_receipt_proof(
    chain: Chain, transaction_hash: bytes, *, log_index: int = 0
) -> ReceiptProof:
    """Prove a mined transaction's receipt, and check the proof as the verifier will.

    Args:
        chain: where it was mined.
        transaction_hash: 32 bytes.
        log_index: position of the wanted event within the receipt, from 0.

    Raises:
        BlockNotFound: the transaction is not mined.
        ProofMismatch: the endpoint's receipts or header do not hash to what the block commits to.
    """
    receipt = chain.receipt(transaction_hash)
    if receipt is None:
        raise BlockNotFound(
            f"{chain.rpc.shown_url}: got no receipt of {to_data(transaction_hash)}",
            hint="wait until the transaction is mined",
        )
    block = chain.block_json(receipt.block_hash)
    header = header_rlp(block)
    if parse_header(header).block_hash != receipt.block_hash:
        raise ProofMismatch("got another block than the one asked for")
    trie = receipts_trie(chain.block_receipts(receipt.block_hash))
    root = bytes_field(block, "receiptsRoot", length=32)
    if trie.root != root:
        raise ProofMismatch(
            f"got receipts with root {to_data(trie.root)}, expected {to_data(root)}",
            hint="the endpoint changes receipts or the block was replaced: try again",
        )
    proof = tuple(trie.proof(encode_integer(receipt.transaction_index)))
    verify_receipt(parse_header(header), receipt.transaction_index, proof)
    return ReceiptProof(
        chain_id=chain.chain_id,
        block_hash=receipt.block_hash,
        block_number=receipt.block_number,
        header=header,
        index=receipt.transaction_index,
        log_index=log_index,
        proof=proof,
    )
