"""The rules of the Anchor contract as pure functions: the reference that `Anchor.sol` is held to.

A book is a mapping from log id to the log's state; every operation returns a new book or raises
`Reverted` with the code of the contract's own error. Addresses are EIP-55 text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from eth_hash.auto import keccak

from diptych.ledger.address import read_address
from diptych.ledger.errors import Reverted
from diptych_verify.merkle import verify_inclusion

MAX_SIZE = 2**48 - 1
ZERO_ADDRESS = "0x" + "00" * 20


@dataclass(frozen=True)
class AnchoredLog:
    """The state of one log.

    Attributes:
        owner: who rules it.
        size: leaves of the newest tree head, 0 before the first.
        time_s: when that was anchored, seconds since the epoch.
        root: its root, 32 zero bytes before the first.
        proposed: to whom it is offered, or the zero address.
        publishers: who else may anchor during this owner's term.
    """

    owner: str
    size: int = 0
    time_s: int = 0
    root: bytes = bytes(32)
    proposed: str = ZERO_ADDRESS
    publishers: frozenset[str] = frozenset()


Book = Mapping[bytes, AnchoredLog]


def derive_log_id(owner: str, salt: bytes) -> bytes:
    """Return `keccak256(abi.encode(owner, salt))`, 32 bytes.

    Args:
        owner: address that registers the log.
        salt: 32 bytes.

    Raises:
        BadAddress: `owner` is no address.
    """
    return bytes(keccak(bytes(12) + read_address(owner) + salt))


def register(book: Book, sender: str, *, salt: bytes) -> Book:
    """Create a log owned by the sender.

    Raises:
        Reverted: `Anchor.AlreadyRegistered`.
    """
    log_id = derive_log_id(sender, salt)
    if log_id in book:
        raise _broken("AlreadyRegistered", log_id)
    return {**book, log_id: AnchoredLog(sender)}


def anchor(book: Book, sender: str, *, log_id: bytes, size: int, root: bytes, time_s: int) -> Book:
    """Record the newest tree head of a log.

    Raises:
        Reverted: `Anchor.UnknownLog`, `Anchor.NotPublisher` or `Anchor.SizeMustGrow`.
    """
    log = _known(book, log_id)
    if not may_publish(book, sender, log_id=log_id):
        raise _broken("NotPublisher", log_id)
    if size <= log.size:
        raise _broken("SizeMustGrow", log_id)
    return {**book, log_id: replace(log, size=size, root=root, time_s=time_s)}


def set_publisher(book: Book, sender: str, *, log_id: bytes, publisher: str, allowed: bool) -> Book:
    """Allow or forbid another sender to publish.

    Raises:
        Reverted: `Anchor.UnknownLog` or `Anchor.NotOwner`.
    """
    log = _owned(book, sender, log_id)
    others = log.publishers - {publisher}
    kept = others | {publisher} if allowed else others
    return {**book, log_id: replace(log, publishers=kept)}


def propose_owner(book: Book, sender: str, *, log_id: bytes, proposed: str) -> Book:
    """Offer the log to a new owner; the zero address withdraws the offer.

    Raises:
        Reverted: `Anchor.UnknownLog` or `Anchor.NotOwner`.
    """
    log = _owned(book, sender, log_id)
    return {**book, log_id: replace(log, proposed=proposed)}


def accept_owner(book: Book, sender: str, *, log_id: bytes) -> Book:
    """Take over a log that was offered to the sender; the old owner's publishers end.

    Raises:
        Reverted: `Anchor.NotProposed`.
    """
    log = book.get(log_id)
    if log is None or log.proposed != sender:
        raise _broken("NotProposed", log_id)
    taken = replace(log, owner=sender, proposed=ZERO_ADDRESS, publishers=frozenset())
    return {**book, log_id: taken}


def may_publish(book: Book, publisher: str, *, log_id: bytes) -> bool:
    """Say whether an address may anchor: the owner, and whom the owner allowed."""
    log = book.get(log_id)
    return log is not None and (publisher == log.owner or publisher in log.publishers)


def require_included(
    book: Book, *, log_id: bytes, leaf: bytes, index: int, proof: Sequence[bytes]
) -> tuple[int, int]:
    """Check a leaf against the newest tree head.

    Returns:
        Size and time in seconds of that head.

    Raises:
        Reverted: `Anchor.UnknownLog`.
        NotIncluded: the proof does not lead to the head.
    """
    log = _known(book, log_id)
    verify_inclusion(leaf, index=index, size=log.size, proof=proof, root=log.root)
    return log.size, log.time_s


def _known(book: Book, log_id: bytes) -> AnchoredLog:
    if log_id not in book:
        raise _broken("UnknownLog", log_id)
    return book[log_id]


def _owned(book: Book, sender: str, log_id: bytes) -> AnchoredLog:
    log = _known(book, log_id)
    if log.owner != sender:
        raise _broken("NotOwner", log_id)
    return log


def _broken(rule: str, log_id: bytes) -> Reverted:
    return Reverted(f"log 0x{log_id.hex()}: {rule}", rule=f"Anchor.{rule}")
