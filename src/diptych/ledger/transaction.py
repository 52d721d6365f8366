"""Fee-market transactions (EIP-1559): the fields and their encoding. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from eth_hash.auto import keccak

from diptych.core.errors import UsageError
from diptych.ledger.address import checksum_address, read_address
from diptych_verify.rlp import rlp_encode

TRANSACTION_TYPE = b"\x02"
_LIMITS_BITS = {
    "chain_id": 64,
    "nonce": 64,
    "max_priority_fee_wei": 256,
    "max_fee_wei": 256,
    "gas_limit": 64,
    "value_wei": 256,
}


class BadTransaction(UsageError):
    """A transaction field is out of range."""

    code = "Account.BadTransaction"


@dataclass(frozen=True)
class Transaction:
    """One unsigned fee-market transaction.

    Attributes:
        chain_id: EIP-155 chain id; the signature is worthless on any other chain.
        nonce: position in the sender's sequence.
        max_priority_fee_wei: tip per gas.
        max_fee_wei: most that is paid per gas, tip included.
        gas_limit: gas that may be used.
        to: recipient, or None to create a contract.
        value_wei: amount sent along.
        data: call data or init code.
    """

    chain_id: int
    nonce: int
    max_priority_fee_wei: int
    max_fee_wei: int
    gas_limit: int
    to: str | None = None
    value_wei: int = 0
    data: bytes = b""

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            BadTransaction: a number is negative or too large, or the tip exceeds the fee.
        """
        for name, bits in _LIMITS_BITS.items():
            value: int = getattr(self, name)
            if not 0 <= value < 1 << bits:
                raise BadTransaction(f"got {name} = {value}, expected 0 to 2^{bits}-1")
        if self.max_priority_fee_wei > self.max_fee_wei:
            raise BadTransaction(
                f"got a tip of {self.max_priority_fee_wei} wei, expected at most the fee "
                f"of {self.max_fee_wei} wei"
            )


def _fields(transaction: Transaction) -> list[bytes | Sequence[bytes]]:
    return [
        to_minimal(transaction.chain_id),
        to_minimal(transaction.nonce),
        to_minimal(transaction.max_priority_fee_wei),
        to_minimal(transaction.max_fee_wei),
        to_minimal(transaction.gas_limit),
        b"" if transaction.to is None else read_address(transaction.to),
        to_minimal(transaction.value_wei),
        transaction.data,
        [],
    ]


def to_minimal(number: int) -> bytes:
    r"""Encode an integer as RLP wants it: big endian without leading zeros.

    >>> to_minimal(0), to_minimal(1024)
    (b'', b'\x04\x00')
    """
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def signing_hash(transaction: Transaction) -> bytes:
    """Return the 32 bytes that are signed (EIP-1559)."""
    return keccak(TRANSACTION_TYPE + rlp_encode(_fields(transaction)))


def signed_bytes(transaction: Transaction, signature: bytes) -> bytes:
    """Return the raw signed transaction.

    Args:
        transaction: the signed fields.
        signature: 65 bytes, r || s || parity.
    """
    r, s, parity = signature[:32], signature[32:64], signature[64]
    signed: list[bytes | Sequence[bytes]] = [
        *_fields(transaction),
        to_minimal(parity),
        r.lstrip(b"\0"),
        s.lstrip(b"\0"),
    ]
    return TRANSACTION_TYPE + rlp_encode(signed)


def transaction_hash(raw: bytes) -> bytes:
    """Return the hash by which the network names a raw signed transaction."""
    return keccak(raw)


def create_address(sender: str, nonce: int) -> str:
    """Return the address of the contract that `sender` creates with `nonce` (Yellow Paper 7)."""
    return checksum_address(keccak(rlp_encode([read_address(sender), to_minimal(nonce)]))[12:])
