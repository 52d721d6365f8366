"""Who may anchor a log: publishers besides the owner, and a change of owner in two steps.

A change of owner ends the rights of all publishers. Each change is sent once: its key in the outbox
counts the changes that the chain shows already.
"""

from collections.abc import Iterator

from diptych.contracts.bindings.anchor import (
    OwnerChanged,
    OwnerProposed,
    PublisherSet,
    decode_may_publish,
    decode_proposed_owner,
    encode_accept_owner,
    encode_may_publish,
    encode_propose_owner,
    encode_proposed_owner,
    encode_set_publisher,
)
from diptych.ledger.address import checksum_address, read_address
from diptych.ledger.chain import Chain
from diptych.ledger.outbox import Outbox
from diptych.ledger.records import CallRequest, LogEntry, LogFilter, Receipt


class AnchorRights:
    """The rights to one log in one Anchor contract; `AnchorClient.rights` makes it.

    Args:
        chain: where the contract stands.
        outbox: sends for the owner, or for who takes over.
        contract: address of the Anchor contract.
        log_id: 32 bytes.
    """

    def __init__(self, chain: Chain, outbox: Outbox, contract: str, log_id: bytes) -> None:
        self._chain, self._outbox = chain, outbox
        self._contract, self._log_id = contract, log_id

    def allow(self, publisher: str) -> Receipt | None:
        """Let somebody anchor this log; None if they may already.

        Raises:
            BadAddress: `publisher` is no address.
            Reverted: `Anchor.UnknownLog` or `Anchor.NotOwner`.
        """
        return self._set(publisher, allowed=True)

    def forbid(self, publisher: str) -> Receipt | None:
        """Take the right back; None if they do not have it.

        Raises:
            BadAddress: `publisher` is no address.
            Reverted: `Anchor.UnknownLog` or `Anchor.NotOwner`.
        """
        return self._set(publisher, allowed=False)

    def publishers(self, *, owner: str) -> list[str]:
        """Return who besides the owner may anchor this log now, from the contract's events."""
        entries = self._events((PublisherSet.TOPIC, self._log_id))
        named = {PublisherSet.parse(one.topics, one.data).publisher for one in entries}
        return [address for address in sorted(named - {owner}) if self._may(address)]

    def offer(self, proposed: str) -> Receipt | None:
        """Offer this log to a new owner, who must accept; None if it is offered to them already.

        Raises:
            BadAddress: `proposed` is no address.
            Reverted: `Anchor.UnknownLog` or `Anchor.NotOwner`.
        """
        address = checksum_address(read_address(proposed))
        answer = self._call(encode_proposed_owner(self._log_id))
        if decode_proposed_owner(answer) == address:
            return None
        offers = self._count(OwnerProposed.TOPIC)
        data = encode_propose_owner(self._log_id, address)
        return self._send(f"offer/{offers}/{address}", data)

    def accept(self) -> Receipt:
        """Take over this log, which was offered to the sender; all publishers lose their right.

        Raises:
            Reverted: `Anchor.NotProposed`.
        """
        data = encode_accept_owner(self._log_id)
        return self._send(f"accept/{self._count(OwnerChanged.TOPIC)}", data)

    def _set(self, publisher: str, *, allowed: bool) -> Receipt | None:
        address = checksum_address(read_address(publisher))
        if self._may(address) == allowed:
            return None
        changes = self._count(PublisherSet.TOPIC)
        data = encode_set_publisher(self._log_id, address, allowed)
        return self._send(f"publisher/{changes}/{address}/{allowed}", data)

    def _may(self, address: str) -> bool:
        return decode_may_publish(self._call(encode_may_publish(self._log_id, address)))

    def _call(self, data: bytes) -> bytes:
        return self._chain.call(CallRequest(self._contract, data))

    def _send(self, action: str, data: bytes) -> Receipt:
        where = f"{self._chain.chain_id}/{self._contract}/{self._log_id.hex()}"
        return self._outbox.send(f"anchor/{where}/{action}", to=self._contract, data=data)

    def _count(self, topic: bytes) -> int:
        return sum(1 for _ in self._events((topic, self._log_id)))

    def _events(self, topics: tuple[bytes, bytes]) -> Iterator[LogEntry]:
        wanted = LogFilter(0, self._chain.head_number(), (self._contract,), topics)
        return (one for one in self._chain.logs(wanted) if one.address == self._contract)
