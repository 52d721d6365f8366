"""Typed calls, answers and events of the AssetTokens contract.

Written by contracts/build.py from the ABI; change the contract instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from diptych.contracts.abi import decode_topics, decode_words


@dataclass(frozen=True)
class Approval:
    """Event `Approval(address,address,uint256)`."""

    TOPIC: ClassVar[bytes] = bytes.fromhex(
        "8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925"
    )
    owner: str
    approved: str
    token_id: int

    @classmethod
    def parse(cls, topics: Sequence[bytes], data: bytes) -> "Approval":
        """Read the event from a log entry.

        Raises:
            MalformedReturn: another event.
        """
        del data
        return cls(*decode_topics("Approval", cls.TOPIC, topics, ("address", "address", "uint256")))


@dataclass(frozen=True)
class ApprovalForAll:
    """Event `ApprovalForAll(address,address,bool)`."""

    TOPIC: ClassVar[bytes] = bytes.fromhex(
        "17307eab39ab6107e8899845ad3d59bd9653f200f220920489ca2b5937696c31"
    )
    owner: str
    operator: str
    approved: bool

    @classmethod
    def parse(cls, topics: Sequence[bytes], data: bytes) -> "ApprovalForAll":
        """Read the event from a log entry.

        Raises:
            MalformedReturn: another event.
        """
        return cls(
            *decode_topics("ApprovalForAll", cls.TOPIC, topics, ("address", "address")),
            *decode_words(("bool",), data, what="event ApprovalForAll"),
        )


@dataclass(frozen=True)
class Published:
    """Event `Published(uint256,bytes32,uint256,bytes32)`.

    The asset has this version from now on.
    """

    TOPIC: ClassVar[bytes] = bytes.fromhex(
        "9267ea42a83bc17bfc23b48b240dbb9e871951bd1b4ce40ec3431c83a55c36a5"
    )
    id_: int
    digest: bytes
    version: int
    terms: bytes

    @classmethod
    def parse(cls, topics: Sequence[bytes], data: bytes) -> "Published":
        """Read the event from a log entry.

        Raises:
            MalformedReturn: another event.
        """
        return cls(
            *decode_topics("Published", cls.TOPIC, topics, ("uint256", "bytes32")),
            *decode_words(("uint256", "bytes32"), data, what="event Published"),
        )


@dataclass(frozen=True)
class RoyaltySet:
    """Event `RoyaltySet(uint256,address,uint256)`.

    The asset earns this royalty, in basis points of a sale price.
    """

    TOPIC: ClassVar[bytes] = bytes.fromhex(
        "49018ca4b3b4f0c8442e69b201303bb7f7919a14033768ce71ad07ba63a348a3"
    )
    id_: int
    receiver: str
    basis_points: int

    @classmethod
    def parse(cls, topics: Sequence[bytes], data: bytes) -> "RoyaltySet":
        """Read the event from a log entry.

        Raises:
            MalformedReturn: another event.
        """
        return cls(
            *decode_topics("RoyaltySet", cls.TOPIC, topics, ("uint256", "address")),
            *decode_words(("uint256",), data, what="event RoyaltySet"),
        )


@dataclass(frozen=True)
class Transfer:
    """Event `Transfer(address,address,uint256)`."""

    TOPIC: ClassVar[bytes] = bytes.fromhex(
        "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
    )
    from_: str
    to: str
    token_id: int

    @classmethod
    def parse(cls, topics: Sequence[bytes], data: bytes) -> "Transfer":
        """Read the event from a log entry.

        Raises:
            MalformedReturn: another event.
        """
        del data
        return cls(*decode_topics("Transfer", cls.TOPIC, topics, ("address", "address", "uint256")))
