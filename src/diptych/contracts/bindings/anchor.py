"""Typed calls, answers and events of the Anchor contract.

Written by contracts/build.py from the ABI; change the contract instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from diptych.contracts.abi import decode_topics, decode_words, encode_call


@dataclass(frozen=True)
class Anchored:
    """Event `Anchored(bytes32,uint48,bytes32)`.

    The log's newest tree head has this size and root.
    """

    TOPIC: ClassVar[bytes] = bytes.fromhex(
        "b42a51f73f3150f2725200af233aaba32ba497132e69b5fd5beb7c1e09285fbf"
    )
    id_: bytes
    size: int
    root: bytes

    @classmethod
    def parse(cls, topics: Sequence[bytes], data: bytes) -> "Anchored":
        """Read the event from a log entry.

        Raises:
            MalformedReturn: another event.
        """
        return cls(
            *decode_topics("Anchored", cls.TOPIC, topics, ("bytes32",)),
            *decode_words(("uint48", "bytes32"), data, what="event Anchored"),
        )


@dataclass(frozen=True)
class OwnerChanged:
    """Event `OwnerChanged(bytes32,address,address)`.

    The log changed hands; all publishers of the previous owner lost their permission.
    """

    TOPIC: ClassVar[bytes] = bytes.fromhex(
        "06e9c07310f63759634ddbb7257dbb19ca404f90bd6bdef1d3386fab033cebce"
    )
    id_: bytes
    previous: str
    owner: str

    @classmethod
    def parse(cls, topics: Sequence[bytes], data: bytes) -> "OwnerChanged":
        """Read the event from a log entry.

        Raises:
            MalformedReturn: another event.
        """
        del data
        return cls(
            *decode_topics("OwnerChanged", cls.TOPIC, topics, ("bytes32", "address", "address"))
        )


@dataclass(frozen=True)
class OwnerProposed:
    """Event `OwnerProposed(bytes32,address)`.

    The owner offers the log to `proposed`; the zero address withdraws the offer.
    """

    TOPIC: ClassVar[bytes] = bytes.fromhex(
        "74c7020e06186b367d894701f3191cd380d94af9d232575a5dc245b6007b6be1"
    )
    id_: bytes
    proposed: str

    @classmethod
    def parse(cls, topics: Sequence[bytes], data: bytes) -> "OwnerProposed":
        """Read the event from a log entry.

        Raises:
            MalformedReturn: another event.
        """
        del data
        return cls(*decode_topics("OwnerProposed", cls.TOPIC, topics, ("bytes32", "address")))


@dataclass(frozen=True)
class PublisherSet:
    """Event `PublisherSet(bytes32,address,bool)`.

    The owner granted or withdrew the right to publish.
    """

    TOPIC: ClassVar[bytes] = bytes.fromhex(
        "7b1cfdc6e28483e03f6e64c9d735eeac9630aa7abd046040693275cc7de1e196"
    )
    id_: bytes
    publisher: str
    allowed: bool

    @classmethod
    def parse(cls, topics: Sequence[bytes], data: bytes) -> "PublisherSet":
        """Read the event from a log entry.

        Raises:
            MalformedReturn: another event.
        """
        return cls(
            *decode_topics("PublisherSet", cls.TOPIC, topics, ("bytes32", "address")),
            *decode_words(("bool",), data, what="event PublisherSet"),
        )


@dataclass(frozen=True)
class Registered:
    """Event `Registered(bytes32,address,bytes32)`.

    A log exists from now on; `id` is `logId(owner, salt)`.
    """

    TOPIC: ClassVar[bytes] = bytes.fromhex(
        "d92db819e1489b1bc4fbd34e0f9138db597a142b11bcfa8b1e5c473505c02553"
    )
    id_: bytes
    owner: str
    salt: bytes

    @classmethod
    def parse(cls, topics: Sequence[bytes], data: bytes) -> "Registered":
        """Read the event from a log entry.

        Raises:
            MalformedReturn: another event.
        """
        return cls(
            *decode_topics("Registered", cls.TOPIC, topics, ("bytes32", "address")),
            *decode_words(("bytes32",), data, what="event Registered"),
        )


def encode_accept_owner(id_: bytes) -> bytes:
    """Call data of `acceptOwner(bytes32)`: Take over a log that was offered to the sender."""
    return encode_call("0d85eb49", ("bytes32",), (id_,))


def encode_anchor(id_: bytes, size: int, root: bytes) -> bytes:
    """Call data of `anchor(bytes32,uint48,bytes32)`: Record the newest tree head of a log."""
    return encode_call("c8cd9881", ("bytes32", "uint48", "bytes32"), (id_, size, root))


def encode_head(id_: bytes) -> bytes:
    """Call data of `head(bytes32)`.

    The newest tree head; size, time and root are zero until the first anchor.
    """
    return encode_call("f339e3b2", ("bytes32",), (id_,))


@dataclass(frozen=True)
class HeadAnswer:
    """Answer of `head`."""

    owner: str
    size: int
    time: int
    root: bytes


def decode_head(data: bytes) -> HeadAnswer:
    """Answer of `head`."""
    return HeadAnswer(*decode_words(("address", "uint48", "uint48", "bytes32"), data, what="head"))


def encode_log_id(owner: str, salt: bytes) -> bytes:
    """Call data of `logId(address,bytes32)`.

    The id of the log that `owner` registers with `salt`.
    """
    return encode_call("58eba9a9", ("address", "bytes32"), (owner, salt))


def decode_log_id(data: bytes) -> bytes:
    """Answer of `logId`."""
    value: bytes
    (value,) = decode_words(("bytes32",), data, what="logId")
    return value


def encode_may_publish(id_: bytes, publisher: str) -> bytes:
    """Call data of `mayPublish(bytes32,address)`.

    Whether an address may publish to the log now; the owner always may.
    """
    return encode_call("3761c3b2", ("bytes32", "address"), (id_, publisher))


def decode_may_publish(data: bytes) -> bool:
    """Answer of `mayPublish`."""
    value: bool
    (value,) = decode_words(("bool",), data, what="mayPublish")
    return value


def encode_propose_owner(id_: bytes, proposed: str) -> bytes:
    """Call data of `proposeOwner(bytes32,address)`.

    Offer the log to a new owner, who must accept; the zero address withdraws the offer.
    """
    return encode_call("03ba33a4", ("bytes32", "address"), (id_, proposed))


def encode_proposed_owner(id_: bytes) -> bytes:
    """Call data of `proposedOwner(bytes32)`: The address to which the log is offered, or zero."""
    return encode_call("2be22f16", ("bytes32",), (id_,))


def decode_proposed_owner(data: bytes) -> str:
    """Answer of `proposedOwner`."""
    value: str
    (value,) = decode_words(("address",), data, what="proposedOwner")
    return value


def encode_register(salt: bytes) -> bytes:
    """Call data of `register(bytes32)`: Create a log owned by the sender."""
    return encode_call("e1fa8e84", ("bytes32",), (salt,))


def decode_register(data: bytes) -> bytes:
    """Answer of `register`."""
    value: bytes
    (value,) = decode_words(("bytes32",), data, what="register")
    return value


def encode_set_publisher(id_: bytes, publisher: str, allowed: bool) -> bytes:
    """Call data of `setPublisher(bytes32,address,bool)`.

    Allow or forbid another sender to publish; the permission ends with the owner's term.
    """
    return encode_call("c7ad9d4d", ("bytes32", "address", "bool"), (id_, publisher, allowed))


def encode_verify_inclusion(
    id_: bytes, leaf_hash: bytes, index: int, proof: Sequence[bytes]
) -> bytes:
    """Call data of `verifyInclusion(bytes32,bytes32,uint256,bytes32[])`.

    Check that a leaf is in the log as last anchored; reverts if it is not.
    """
    return encode_call(
        "4672986e", ("bytes32", "bytes32", "uint256", "bytes32[]"), (id_, leaf_hash, index, proof)
    )


@dataclass(frozen=True)
class VerifyInclusionAnswer:
    """Answer of `verifyInclusion`."""

    size: int
    time: int


def decode_verify_inclusion(data: bytes) -> VerifyInclusionAnswer:
    """Answer of `verifyInclusion`."""
    return VerifyInclusionAnswer(*decode_words(("uint48", "uint48"), data, what="verifyInclusion"))


def encode_verify_inclusion_in(
    *, size: int, root: bytes, leaf_hash: bytes, index: int, proof: Sequence[bytes]
) -> bytes:
    """Call data of `verifyInclusionIn(uint256,bytes32,bytes32,uint256,bytes32[])`.

    Check that a leaf is in the tree of a given size and root; reverts if it is not.
    """
    return encode_call(
        "b37b76d9",
        ("uint256", "bytes32", "bytes32", "uint256", "bytes32[]"),
        (size, root, leaf_hash, index, proof),
    )
