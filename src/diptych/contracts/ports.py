"""What this package needs of a chain and of a sender; `diptych.ledger`, one layer up, has both."""

from typing import Protocol

from diptych.core.errors import JsonValue


class ContractChain(Protocol):
    """What deployment reads from a chain; `diptych.ledger.Chain` has it."""

    @property
    def chain_id(self) -> int:
        """The EIP-155 chain id."""
        ...

    def request(self, method: str, *params: JsonValue) -> JsonValue:
        """Carry out a JSON-RPC call."""
        ...

    def code(self, address: str) -> bytes:
        """Return the code at an address."""
        ...


class SentReceipt(Protocol):
    """What deployment needs of a receipt; `diptych.ledger` records have it."""

    @property
    def transaction_hash(self) -> bytes:
        """The transaction, 32 bytes."""
        ...

    @property
    def gas_used(self) -> int:
        """Gas of the transaction."""
        ...

    @property
    def gas_price_wei(self) -> int:
        """Price that was paid per gas."""
        ...


class Sender(Protocol):
    """What sends transactions exactly once; `diptych.ledger.Outbox` does."""

    def send(self, key: str, *, to: str | None, data: bytes, value_wei: int) -> SentReceipt:
        """Send once per key and wait for the receipt."""
        ...
