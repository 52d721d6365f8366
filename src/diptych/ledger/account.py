"""Accounts: whoever can sign a transaction. A hardware module or a remote signer fits too."""

import secrets
from typing import Protocol

import coincurve
from eth_hash.auto import keccak

from diptych.core.errors import UsageError
from diptych.ledger.address import checksum_address
from diptych.ledger.transaction import Transaction, signed_bytes, signing_hash


class BadPrivateKey(UsageError):
    """A private key is not 32 bytes, zero, or beyond the order of the curve."""

    code = "Account.BadPrivateKey"


class TransactionSigner(Protocol):
    """Signs transactions of one address."""

    @property
    def address(self) -> str:
        """The sender, EIP-55."""
        ...

    def sign_transaction(self, transaction: Transaction) -> bytes:
        """Return the raw signed transaction."""
        ...


class LocalAccount:
    """A key in this process's memory; signs with libsecp256k1 (RFC 6979, low-s)."""

    def __init__(self, private_key: bytes) -> None:
        """Take over a private key.

        Args:
            private_key: 32 bytes.

        Raises:
            BadPrivateKey: the bytes are no key.
        """
        if len(private_key) != 32:
            raise BadPrivateKey(f"got a private key of {len(private_key)} bytes, expected 32")
        try:
            self._key = coincurve.PrivateKey(private_key)
        except ValueError:
            raise BadPrivateKey("got a private key outside the order of secp256k1") from None
        public_key = self._key.public_key.format(compressed=False)
        self._address = checksum_address(keccak(public_key[1:])[12:])

    @classmethod
    def generate(cls) -> "LocalAccount":
        """Return a new account from the operating system's randomness."""
        while True:
            try:
                return cls(secrets.token_bytes(32))
            except BadPrivateKey:
                continue

    @property
    def address(self) -> str:
        """The account's address, EIP-55."""
        return self._address

    def __repr__(self) -> str:
        return f"LocalAccount({self._address})"

    def unsafe_private_key(self) -> bytes:
        """Return the secret itself, for writing a keystore."""
        return bytes(self._key.secret)

    def sign_transaction(self, transaction: Transaction) -> bytes:
        """Return the raw signed transaction.

        Raises:
            BadAddress: the recipient is no address.
        """
        signature = self._key.sign_recoverable(signing_hash(transaction), hasher=None)
        return signed_bytes(transaction, signature)
