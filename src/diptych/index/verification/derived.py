"""What nodes derive from a block beside what its roots commit to, checked against the same. Pure.

Roots say nothing about fields such as `from` or `contractAddress`: a node adds them. They stand in
the tables, so they are recomputed too. Not checked are `size`, `totalDifficulty`, `blobGasPrice`
and what rollups charge (`l1*`). Malformed hex text raises ValueError.
"""

from collections.abc import Sequence

from diptych.index.source.answers import RawBlock, RawLog, RawReceipt, RawTransaction
from diptych.index.verification.encoding import (
    DEPOSIT,
    data_item,
    number_item,
    type_of,
)
from diptych.index.verification.keccak import Keccak
from diptych.index.verification.trie import rlp_list
from diptych.ledger.header import ProofMismatch

_FEE_MARKET = 2


def require(got: str | int | None, expected: str | int | None, what: str) -> None:
    """Compare a derived field.

    Raises:
        ProofMismatch: it differs; the message holds `what`.
    """
    if got == expected:
        return
    if isinstance(got, str) and isinstance(expected, str) and got.lower() == expected.lower():
        return
    raise ProofMismatch(
        f"{what}: got {got}, expected {expected}",
        hint="the endpoint changes what it tells, or the block was replaced: try another one",
    )


def number(text: str | None) -> int | None:
    """Return a quantity, None for None."""
    return None if text is None else int(text, 16)


def check_place(block: RawBlock, place: int, told: RawTransaction | RawReceipt, where: str) -> None:
    """Check which block and place a transaction or receipt says it has."""
    require(told.block_hash, block.hash, f"{where} blockHash")
    require(number(told.block_number), int(block.number, 16), f"{where} blockNumber")
    require(number(told.transaction_index), place, f"{where} transactionIndex")


def recovered_sender(transaction: RawTransaction, signed: bytes, keccak: Keccak) -> str:
    """Return who signed a transaction, `0x` and 40 hex digits (Yellow Paper, appendix F).

    Args:
        transaction: with signature.
        signed: the bytes whose hash was signed.
        keccak: hash function.

    Raises:
        ProofMismatch: the signature is of nobody.
    """
    from coincurve import PublicKey

    v = int(transaction.v or transaction.y_parity or "0x0", 16)
    parity = v if v < 2 else (v - 27 if v < 35 else (v - 35)) & 1
    try:
        signature = b"".join(
            int(part or "0x0", 16).to_bytes(32, "big") for part in (transaction.r, transaction.s)
        )
        key = PublicKey.from_signature_and_message(
            signature + bytes((parity,)), keccak(signed), hasher=None
        )
    except Exception as error:  # coincurve raises bare ones
        raise ProofMismatch(
            f"transaction {transaction.hash[:66]}: got a signature of nobody: {error}"
        ) from None
    return "0x" + keccak(key.format(compressed=False)[1:])[12:].hex()


def effective_gas_price(transaction: RawTransaction, base_fee: int) -> int | None:
    """Return what was paid per gas (EIP-1559), None for a deposit."""
    kind = type_of(transaction.type)
    if kind == DEPOSIT:
        return None
    if kind < _FEE_MARKET:
        return number(transaction.gas_price)
    cap = int(transaction.max_fee_per_gas or "0x0", 16)
    return min(cap, base_fee + int(transaction.max_priority_fee_per_gas or "0x0", 16))


def check_receipt(
    transaction: RawTransaction, receipt: RawReceipt, base_fee: int, keccak: Keccak | None
) -> None:
    """Check what a receipt says beside what is hashed.

    Args:
        transaction: proven already.
        receipt: of it.
        base_fee: of its block, wei per gas.
        keccak: hash function; None to leave the created contract's address unchecked.

    Raises:
        ProofMismatch: a field differs.
    """
    where = f"receipt of {transaction.hash[:66]}:"
    require(receipt.transaction_hash, transaction.hash, f"{where} transactionHash")
    require(type_of(receipt.type), type_of(transaction.type), f"{where} type")
    price = effective_gas_price(transaction, base_fee)
    if price is not None and receipt.effective_gas_price is not None:
        require(number(receipt.effective_gas_price), price, f"{where} effectiveGasPrice")
    if keccak is None:
        return
    created = created_address(transaction, receipt, keccak)
    if receipt.contract_address is not None or (created and number(receipt.status) == 1):
        require(receipt.contract_address, created, f"{where} contractAddress")


def created_address(transaction: RawTransaction, receipt: RawReceipt, keccak: Keccak) -> str | None:
    """Return the contract that a transaction creates (Yellow Paper 7), None if it creates none."""
    if transaction.to is not None:
        return None
    nonce = receipt.deposit_nonce or transaction.nonce
    content = data_item(transaction.sender) + number_item(nonce)
    return "0x" + keccak(rlp_list(content))[12:].hex()


def check_gas(receipts: Sequence[RawReceipt], gas_used: int, where: str) -> None:
    """Check that the gas of receipts adds up to each other and to the block's.

    Raises:
        ProofMismatch: it does not.
    """
    before = 0
    for place, receipt in enumerate(receipts):
        after = int(receipt.cumulative_gas_used, 16)
        require(number(receipt.gas_used), after - before, f"{where} receipt {place} gasUsed")
        before = after
    require(before, gas_used, f"{where} gasUsed of all receipts")


def check_logs(block: RawBlock, receipts: Sequence[RawReceipt]) -> int:
    """Check where logs say that they stand, and return how many there are.

    Raises:
        ProofMismatch: a log says another block, transaction or index.
    """
    count, height = 0, int(block.number, 16)
    for place, receipt in enumerate(receipts):
        block_hash, transaction_hash = block.hash, receipt.transaction_hash
        shown_place, shown_height = hex(place), hex(height)
        for log in receipt.logs:
            # As nodes write it, mostly; text that says the same in another way is compared below.
            if (
                log.log_index != hex(count)
                or log.transaction_index != shown_place
                or log.block_number != shown_height
                or log.block_hash != block_hash
                or log.transaction_hash != transaction_hash
                or log.removed
            ):
                _check_log(block, receipt, log, (place, count))
            count += 1
    return count


def _check_log(block: RawBlock, receipt: RawReceipt, log: RawLog, at: tuple[int, int]) -> None:
    place, count = at
    where = f"log {count}:"
    require(log.block_hash, block.hash, f"{where} blockHash")
    require(log.transaction_hash, receipt.transaction_hash, f"{where} transactionHash")
    require(number(log.transaction_index), place, f"{where} transactionIndex")
    require(number(log.block_number), int(block.number, 16), f"{where} blockNumber")
    require(number(log.log_index), count, f"{where} logIndex")
    if log.removed:
        raise ProofMismatch(f"{where} got a log that a reorganisation removed")
